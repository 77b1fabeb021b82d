"""The settings of a webhook and of the kinds of update a program wants, read strictly."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from peers.telegram_methods import Call
from peers.telegram_state import bad

PORTS, CONNECTIONS, CONNECTIONS_MOST, SECRET_MOST = (443, 80, 88, 8443), 40, 100, 256
KINDS = frozenset({
    "message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
    "message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
    "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
    "chat_join_request", "chat_boost", "removed_chat_boost",
})  # fmt: skip
# Sent only to programs that name them.
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True)
class Webhook:
    """Where updates go; no url = nowhere."""

    url: str = ""
    secret: str = ""
    connections: int = CONNECTIONS


def webhook(call: Call) -> Webhook:
    """The parameters of setWebhook; an empty url deletes it."""
    url, secret = call.text("url").strip(), call.text("secret_token")
    if not url:
        return Webhook()
    if len(secret) > SECRET_MOST:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    if not is_loopback(url):
        try:
            parts = urlsplit(url)
            port = parts.port or 443
        except ValueError as fault:
            raise bad("invalid webhook URL specified") from fault
        if parts.scheme != "https" or not parts.hostname:
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if port not in PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return Webhook(url, secret, min(max(call.number("max_connections", CONNECTIONS), 1), CONNECTIONS_MOST))


def allowed_kinds(call: Call, before: frozenset[str], *, strict: bool) -> frozenset[str]:
    """What the program wants from now on: not given = as before, empty = all but the unasked."""
    given = call.value("allowed_updates")
    if given is None:
        return before
    if not isinstance(given, list) or not all(isinstance(k, str) for k in given):
        raise bad("can't parse allowed updates: expected an Array of String")
    if strict and (strange := set(given) - KINDS):
        raise bad(f"unknown kinds of update (the real service ignores them): {', '.join(sorted(strange))}")
    return frozenset(given) & KINDS or KINDS - UNASKED


def is_loopback(url: str) -> bool:
    """Whether the peer may post there."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
