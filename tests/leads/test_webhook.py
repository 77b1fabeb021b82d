"""Forwarding to another program: the signature, the tries, what is never followed."""

import hashlib
import hmac
import json

import pytest
from leads.mailbox import Clock, enter, fill, forwarder, receiver, states
from store.factories import DAY, person

from bot.leads import webhook

SECRET = "a key for the tests alone"


@pytest.mark.parametrize("attach", [True, False])
async def test_what_arrives_is_signed_and_holds_what_the_consent_allows(sqlite, attach):
    clock = Clock()
    fill(sqlite)
    async with receiver() as hooks:
        enter(sqlite, clock, way="webhook", address=hooks.url, secret=SECRET, attach=attach)
        sender = forwarder(sqlite, None, clock)
        await sender.tick()
        await sender.stop()
    ((headers, body),) = hooks.got
    reckoned = hmac.new(SECRET.encode(), f"{headers['X-HocNghe-Timestamp']}.".encode() + body, hashlib.sha256)
    assert headers["X-HocNghe-Signature"] == f"sha256={reckoned.hexdigest()}"
    told = json.loads(body)
    assert (told["event"], told["people"], told["trades"]) == ("list", 2, [{"trade": "May công nghiệp", "people": 2}])
    assert ("link" in told, "rows" in told) == (not attach, attach)
    if attach:
        assert [row["phone"] for row in told["rows"]] == [person(1).phone, person(2).phone]
    assert states(sqlite) == [("sent", "")]


async def test_a_busy_receiver_is_tried_again_with_the_same_id_and_a_refusal_is_final(sqlite):
    clock = Clock()
    fill(sqlite)
    async with receiver() as hooks:
        hooks.statuses = [503, 429, 200, 302]
        enter(sqlite, clock, way="webhook", address=hooks.url, secret=SECRET)
        sender = forwarder(sqlite, None, clock)
        for _ in range(3):
            await sender.tick()
            clock.now += DAY
        assert states(sqlite) == [("sent", "")]
        with sqlite.people() as unit:
            unit.forwarding.ask(unit.forwarding.recipient(1), "officer", clock())
        await sender.tick()
        await sender.stop()
    assert [h["X-HocNghe-Delivery"] for h, _ in hooks.got] == ["1", "1", "1", "2"]
    assert states(sqlite)[1] == ("failed", "http_302")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://so.example/in", True),
        ("http://127.0.0.1:9/in", True),
        ("http://so.example/in", False),
        ("https://me:word@so.example/", False),
        ("ftp://so.example/", False),
        ("https://", False),
        ("https://so.example:port/", False),
    ],
)
def test_addresses(address, good):
    assert webhook.allowed(address) is good
