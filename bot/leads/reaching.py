"""Which addresses a list may be posted to: the world's, not those inside, unless whoever runs the machine says so.

An officer types the address; behind our own wall stand databases, routers, the cloud's metadata. The look is taken at
the very address that is connected to, after the name was resolved: a name that answers otherwise the second time
(rebinding) leads nowhere else.
"""

import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import ClientSession


class Inside(OSError):
    """The address is not of the world outside."""

    def __init__(self) -> None:
        super().__init__("an address inside: HOCNGHE_FORWARD_INSIDE names the networks that may be sent to")


def networks(said: str) -> tuple[str, ...]:
    """Networks with commas between."""
    return tuple(filter(None, (part.strip() for part in said.split(","))))


def outside(address: str, allowed: Iterable[str] = ()) -> bool:
    """Whether an IP address is one of the world's, or of a network that is allowed."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        within = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if within is not None:
            return outside(str(within), allowed)
        if parsed in ip_network("64:ff9b::/96"):  # NAT64: IPv4 in the last four bytes
            return outside(".".join(str(b) for b in parsed.packed[-4:]), allowed)
    if any(parsed in ip_network(network) for network in allowed):
        return True
    return parsed.is_global and not parsed.is_multicast


def guarded(allowed: Iterable[str]) -> Callable[[Any], socket.socket]:
    """For aiohttp's connector: a socket to an address outside; raises Inside."""
    kept = tuple(allowed)

    def made(info: Any) -> socket.socket:
        family, kind, protocol, _name, where = info
        if not outside(str(where[0]), kept):
            raise Inside
        return socket.socket(family, kind, protocol)

    return made


def session(allowed: Iterable[str]) -> "ClientSession":
    """A client that reaches nobody inside, keeps no cookies, and asks no proxy of the environment."""
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector

    connector = TCPConnector(socket_factory=guarded(allowed), ttl_dns_cache=10)
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar(), trust_env=False)
