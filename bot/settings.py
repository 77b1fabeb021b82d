"""The environment as frozen settings; all faults at once, each with where to get the value."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import mail_server
from bot.model import BotError

PREFIX = "HOCNGHE_"
ENV_FILE = f"{PREFIX}ENV_FILE"  # names the file of settings; without it `.env` of the folder one stands in
ENCODING = "utf-8-sig"  # Notepad puts a mark before the first name
CHANNEL_SECRETS = (
    "telegram_token",
    "zalo_bot_token",
    "zalo_oa_app_id",
    "zalo_oa_app_secret",
    "zalo_oa_webhook_key",
    "zalo_oa_refresh_token",
)


# What a log, a traceback or `print(settings)` must not show; an address may hold a user's password.
SECRETS = frozenset(
    {
        "secret_key", "database_url", "smtp_url", "telegram_token", "telegram_webhook_secret", "zalo_bot_token",
        "zalo_bot_webhook_secret", "zalo_oa_app_secret", "zalo_oa_webhook_key", "zalo_oa_refresh_token",
    }
)  # fmt: skip


class SettingsFault(BotError):
    """What is wrong in the environment: every fault on a line of its own."""


class Settings(BaseSettings):
    """What can be set (`HOCNGHE_…` in the environment or in `.env`); docs/settings.md says where each comes from."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    secret_key: str = ""
    public_url: str = ""
    timezone: str = "Asia/Ho_Chi_Minh"
    cache_dir: Path | None = None
    trusted_proxies: str = ""
    telegram_token: str = ""
    telegram_name: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_secret: str = ""
    telegram_reply_in_webhook: bool = False
    zalo_bot_token: str = ""
    zalo_bot_api_url: str = "https://bot-api.zaloplatforms.com"
    zalo_bot_webhook_secret: str = ""
    zalo_oa_id: str = ""
    zalo_oa_app_id: str = ""
    zalo_oa_app_secret: str = ""
    zalo_oa_webhook_key: str = ""
    zalo_oa_refresh_token: str = ""
    zalo_oa_api_url: str = "https://openapi.zalo.me"
    zalo_oauth_url: str = "https://oauth.zaloapp.com"
    smtp_url: str = ""
    forward_inside: str = ""
    backup_dir: str = ""
    announce_per_s: float | None = None
    log: Literal["", "json", "plain"] = ""
    monitors: str = ""
    zalo_zbs_templates: bool = False
    zalo_zbs_api_url: str = "https://business.openapi.zalo.me"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as fault:
            raise ValueError(f"{value!r} is no time zone: write one such as Asia/Ho_Chi_Minh") from fault
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError(f"{value!r} is no web address: write it with https://, as people would open it")
        return value.rstrip("/")

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value.encode()) < 16:
            raise ValueError("is too short: at least 16 characters, or leave it out to have one made")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        try:
            if value:
                mail_server.server(value)
        except BotError as fault:
            raise ValueError(str(fault).removeprefix("HOCNGHE_SMTP_URL: ")) from fault
        return value

    @field_validator("trusted_proxies", "forward_inside", "monitors")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, (p.strip() for p in value.split(","))):
            try:
                ip_network(part)
            except ValueError as fault:
                raise ValueError(f"{part!r} is no network: write one such as 127.0.0.1/32") from fault
        return value

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        """Whether a secret is set, never what it is."""
        for name, value in super().__repr_args__():
            yield name, "***" if name in SECRETS and value else value

    @property
    def zone(self) -> ZoneInfo:
        """The zone that days and hours are reckoned in."""
        return ZoneInfo(self.timezone)

    def secrets(self) -> tuple[str, ...]:
        """What no log line may hold."""
        addresses = [
            part for url in (self.database_url, self.smtp_url) for part in (urlsplit(url).password, url) if part
        ]
        kept = ("secret_key", "telegram_webhook_secret", "zalo_bot_webhook_secret", *CHANNEL_SECRETS)
        tokens = [str(getattr(self, name)) for name in kept if name != "zalo_oa_app_id"]
        return tuple(filter(None, (*addresses, *tokens, *(t.partition(":")[2] for t in tokens))))

    @property
    def backups(self) -> Path:
        """Where copies are kept."""
        return Path(self.backup_dir) if self.backup_dir else self.data_dir / "backups"

    def lines(self) -> frozenset[tuple[str, str]]:
        """(channel, our account there) of what these settings connect."""
        found = {
            "telegram": self.telegram_token.strip().partition(":")[0],
            "zalo_bot": self.zalo_bot_token.partition(":")[0],
            "zalo_oa": self.zalo_oa_app_id,
        }
        return frozenset((channel, account) for channel, account in found.items() if account)

    def real_channels(self) -> tuple[str, ...]:
        """Names of settings that reach real people; `--demo` refuses to start beside them."""
        return tuple(f"{PREFIX}{n.upper()}" for n in (*CHANNEL_SECRETS, "public_url", "smtp_url") if getattr(self, n))


def read() -> Settings:
    """The settings of this process; raises SettingsFault listing every fault."""
    named = os.environ.get(ENV_FILE, "")
    file = Path(named or ".env")
    lines = _unreadable(file, asked=bool(named)) or _unknown(file)
    where: dict[str, Any] = {"_env_file": None if lines else file, "_env_file_encoding": ENCODING}
    try:
        found = Settings(**where)
    except ValidationError as fault:
        lines += [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in fault.errors()]
        raise SettingsFault("The settings cannot be used:\n" + "\n".join(lines)) from fault
    if lines:
        raise SettingsFault("The settings cannot be used:\n" + "\n".join(lines))
    return found


def _unreadable(file: Path, *, asked: bool) -> list[str]:
    """The fault of a file of settings that cannot be read, also of one that was asked for and is not there."""
    try:
        file.read_text(encoding=ENCODING)
    except FileNotFoundError:
        missing = f"{ENV_FILE}: {file} does not exist: write the settings there, or leave {ENV_FILE} out."
        return [missing] if asked else []
    except (OSError, UnicodeDecodeError) as fault:
        why = getattr(fault, "strerror", "") or "is not UTF-8 text"
        return [f"{file}: cannot be read ({why}): let the account that runs the program read it; save it as UTF-8."]
    return []


def _unknown(file: Path) -> list[str]:
    """Names in the file that nobody reads: a mistyped token would be a channel that keeps silent."""
    if not file.is_file():
        return []
    known = [name.upper() for name in Settings.model_fields]
    faults = []
    for name in dotenv_values(file, encoding=ENCODING):
        own = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and own not in known:
            near = get_close_matches(own, known, n=1)
            meant = f"did you mean {PREFIX}{near[0]}?" if near else "take the line out."
            faults.append(f"{file}: {name}: no such setting (docs/settings.md): {meant}")
    return faults
