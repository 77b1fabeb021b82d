"""From settings to the channels that talk to a platform; one is built for each whose token is set."""

import hashlib
import hmac

from bot.channels.port import Base, Channel
from bot.i18n import language
from bot.settings import PREFIX, Settings, SettingsFault
from bot.store.crypto import key_from


def channels(settings: Settings, base: Base) -> tuple[Channel, ...]:
    """The channels of these settings. Raises SettingsFault for a channel that is set by halves."""
    built: list[Channel] = []
    if settings.zalo_bot_token:
        built.append(_zalo_bot(settings, base))
    if settings.zalo_oa_app_id:
        built.append(_zalo_oa(settings, base))
    return tuple(built)


def webhook_secret(settings: Settings, channel: str) -> str:
    """What a platform shows when it delivers: made from the installation's key, another for each channel."""
    key = settings.secret_key or key_from(settings.data_dir)
    return hmac.new(key.encode(), f"webhook {channel}".encode(), hashlib.sha256).hexdigest()


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
