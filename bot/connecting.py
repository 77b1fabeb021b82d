"""From settings to the channels that talk to a platform; one is built for each whose token is set."""

import re

from bot.channels.port import Base, Channel
from bot.i18n import language
from bot.model import BotError
from bot.settings import PREFIX, Settings, SettingsFault
from bot.store.crypto import derived_token, key_from


class TokenFault(BotError):
    """A token or secret that cannot be one."""


def channels(settings: Settings, base: Base) -> tuple[Channel, ...]:
    """The channels of these settings. Raises SettingsFault or TokenFault for a channel that is set by halves."""
    built: list[Channel] = []
    if settings.telegram_token:
        built.append(_telegram(settings, base))
    if settings.zalo_bot_token:
        built.append(_zalo_bot(settings, base))
    if settings.zalo_oa_app_id:
        built.append(_zalo_oa(settings, base))
    return tuple(built)


def webhook_secret(settings: Settings, channel: str) -> str:
    """What a platform shows when it delivers: made from the installation's key, another for each channel."""
    return derived_token(settings.secret_key or key_from(settings.data_dir), f"{channel} webhook")


def _telegram(settings: Settings, base: Base) -> Channel:
    from bot.channels.telegram import Account, Telegram  # its library is loaded where it is used

    token = settings.telegram_token.strip()
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{3,}", token):
        raise TokenFault(
            f"{PREFIX}TELEGRAM_TOKEN: it has not the form 123456789:letters: copy it again from @BotFather (/mybots)."
        )
    secret = settings.telegram_webhook_secret or webhook_secret(settings, "telegram")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise TokenFault(
            f"{PREFIX}TELEGRAM_WEBHOOK_SECRET: Telegram takes letters, digits, - and _, 256 at most: leave it out."
        )
    return Telegram(base, Account(token, secret, settings.telegram_api_url, settings.telegram_reply_in_webhook))


def _zalo_bot(settings: Settings, base: Base) -> Channel:
    from bot.channels.zalo_bot import Account, ZaloBot

    secret = settings.zalo_bot_webhook_secret or webhook_secret(settings, "zalo_bot")
    return ZaloBot(Account(settings.zalo_bot_token, settings.zalo_bot_api_url, secret), base)


def _zalo_oa(settings: Settings, base: Base) -> Channel:
    from bot.channels.zalo_oa import CARD, Account, ZaloOa, oauth

    needed = ("zalo_oa_app_secret", "zalo_oa_webhook_key")
    if missing := [f"{PREFIX}{name.upper()}" for name in needed if not getattr(settings, name)]:
        raise SettingsFault(f"{', '.join(missing)}: missing beside {PREFIX}ZALO_OA_APP_ID: see docs/zalo.md")
    account = Account(
        oauth.App(settings.zalo_oa_app_id, settings.zalo_oa_app_secret, settings.zalo_oauth_url),
        settings.zalo_oa_api_url,
        settings.zalo_oa_webhook_key,
        settings.zalo_oa_refresh_token,
        templates_url=settings.zalo_zbs_api_url if settings.zalo_zbs_templates else "",
        title=language().say("channel.contact_form"),
        image=settings.public_url + CARD if settings.public_url.startswith("https://") else "",
    )
    return ZaloOa(account, base)
