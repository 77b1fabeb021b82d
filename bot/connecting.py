"""From settings to the channels that talk to a platform; one is built for each whose token is set."""

import re

from bot.channels.port import Base, Channel
from bot.model import BotError
from bot.settings import PREFIX, Settings
from bot.store.crypto import derived_token, key_from


class TokenFault(BotError):
    """A token or secret that cannot be one."""


def channels(settings: Settings, base: Base) -> tuple[Channel, ...]:
    """The channels of these settings."""
    return (_telegram(settings, base),) if settings.telegram_token else ()


def _telegram(settings: Settings, base: Base) -> Channel:
    from bot.channels.telegram import Account, Telegram  # its library is loaded where it is used

    token = settings.telegram_token.strip()
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{3,}", token):
        raise TokenFault(
            f"{PREFIX}TELEGRAM_TOKEN: it has not the form 123456789:letters: copy it again from @BotFather (/mybots)."
        )
    secret = settings.telegram_webhook_secret or _derived(settings, "telegram webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise TokenFault(
            f"{PREFIX}TELEGRAM_WEBHOOK_SECRET: Telegram takes letters, digits, - and _, 256 at most: leave it out."
        )
    return Telegram(base, Account(token, secret, settings.telegram_api_url, settings.telegram_reply_in_webhook))


def _derived(settings: Settings, purpose: str) -> str:
    return derived_token(settings.secret_key or key_from(settings.data_dir), purpose)
