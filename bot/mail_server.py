"""The mail server as the settings write it: an address is read here, mail is sent by `bot.leads.mail`."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from bot.model import BotError

_PORTS: Mapping[str, int] = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. `security`: "tls" from the first byte, "starttls" before anything is said, or "none"."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: Literal["tls", "starttls", "none"] = "starttls"


def server(url: str) -> MailServer:
    """`smtp://user:password@host:587?from=so@xa.vn`, or `smtps://` (465). Raises BotError saying what is wrong.

    Without a port that says otherwise `smtp://` asks for STARTTLS; `?tls=none` is for a server on this very machine.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as fault:
        raise BotError(
            "HOCNGHE_SMTP_URL: is no address: write it as smtp://user:password@host:587?from=a@b.vn"
        ) from fault
    if parts.scheme not in _PORTS or not host:
        raise BotError("HOCNGHE_SMTP_URL: must begin with smtp:// or smtps:// and name a host.")
    asked = parse_qs(parts.query)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = asked.get("from", [user])[0]
    if not plausible(sender):
        raise BotError("HOCNGHE_SMTP_URL: who it is from is missing: add ?from=name@host")
    plain = asked.get("tls") == ["none"]
    if plain and not loopback(host):
        raise BotError("HOCNGHE_SMTP_URL: ?tls=none is for a server on this machine alone: leave it out.")
    security: Literal["tls", "starttls", "none"] = "tls" if parts.scheme == "smtps" else "none" if plain else "starttls"
    return MailServer(host, port or _PORTS[parts.scheme], sender, user, password, security)


def plausible(address: str) -> bool:
    """One address and nothing that could become a header."""
    name, _, host = address.partition("@")
    plain = not any(c.isspace() or c in '<>,;:"\\()' or ord(c) < 32 for c in address)
    return plain and bool(name) and "." in f"{host}." and bool(host) and "@" not in host and len(address) <= 254


def loopback(host: str) -> bool:
    """Whether it is this very machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
