"""Paid templates: off unless switched on, once by their tracking id, never at night, with their delivery events."""

from dataclasses import replace

import pytest
import pytest_asyncio
from channels.zalo_house import housed

from bot.channels.outbox import Failed, Hold, Retry, Sent
from bot.channels.zalo_oa.templates import Filled, international

LESSON = Filled("312456", {"lop": "May công nghiệp"})


@pytest_asyncio.fixture
async def house(understanding, catalogue, tmp_path):
    settings = {"zalo_zbs_templates": True}
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", settings=settings) as house:
        house.peer.approve("312456", lop=30)
        house.peer.person("An")
        yield house


def row(house, tracking):
    with house.store.channels() as unit:
        return unit.template(tracking)


async def test_they_are_switched_off_by_default(understanding, catalogue, tmp_path):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        assert house.channel.templates is None


async def test_by_phone_once_with_its_delivery_event(house):
    send = house.channel.templates.send
    assert await send("0900 000 123", LESSON, "class-42-u17", by="phone") == Sent()
    assert await send("0900 000 123", LESSON, "class-42-u17", by="phone") == Sent()
    [sent] = house.peer.sent
    assert (sent.user, sent.body["tracking_id"]) == ("84900000123", "class-42-u17")
    assert row(house, "class-42-u17").arrived_at is None
    arrived = house.peer.oa.phone_received("84900000123", sent.message_id, "class-42-u17")
    assert (await house.peer.deliver(arrived)).status == 200
    assert row(house, "class-42-u17").arrived_at
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 0, "a receipt makes no contact"


async def test_by_user_id_the_receipt_is_known_by_the_messages_id(house):
    an = house.peer.person("An")
    assert await house.channel.templates.send(an.user_id, LESSON, "t1", by="uid") == Sent()
    [sent] = house.peer.sent
    await house.peer.deliver(replace(house.peer.oa.received(an, sent.message_id), zns=True))
    assert row(house, "t1").arrived_at


async def test_what_was_cut_off_is_not_paid_for_twice(house):
    house.peer.faults.cut_after("phone")
    for _ in range(2):
        outcome = await house.channel.templates.send("0900000123", LESSON, "t1", by="phone")
        assert isinstance(outcome, Failed)
        assert outcome.fate == "unknown"
    assert len(house.peer.sent) == 1
    assert row(house, "t1").state == "unknown"


async def test_at_night_and_over_the_quota_it_waits_for_the_morning_and_may_go_then(house):
    house.clock[0] = house.clock[0].replace(hour=23)
    for code in (0, -144):
        if code:
            house.peer.faults.code(code, "phone")
        outcome = await house.channel.templates.send("0900000123", LESSON, "t1", by="phone")
        assert isinstance(outcome, Retry)
        assert 7 * 3600 < outcome.after < 7.3 * 3600
        assert row(house, "t1") is None
    house.later(hours=8)
    assert await house.channel.templates.send("0900000123", LESSON, "t1", by="phone") == Sent()


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(-139, Failed("unreachable", "opted out -139")), (-118, Failed("unreachable", "person -118")),
     (-131, Failed("refused", "human -131")), (-1122, Failed("refused", "refused -1122")),
     (-115, Hold(300.0, "stopped -115"))],
)  # fmt: skip
async def test_refusals_are_classed(house, code, outcome):
    house.peer.faults.code(code, "phone")
    assert await house.channel.templates.send("0900000123", LESSON, "t1", by="phone") == outcome


async def test_the_templates_own_token_error_renews_the_token_once(house):
    await house.channel.templates.send("0900000123", LESSON, "t1", by="phone")
    house.peer.tokens.expire()
    assert await house.channel.templates.send("0900000123", LESSON, "t2", by="phone") == Sent()
    assert [c.code for c in house.peer.calls if c.method == "phone"] == [0, -124, 0]


async def test_without_a_token_it_is_held_and_not_lost(house):
    house.peer.tokens.revoke()
    outcome = await house.channel.templates.send("0900000123", LESSON, "t1", by="phone")
    assert isinstance(outcome, Hold)
    assert row(house, "t1") is None


async def test_a_tracking_id_that_zalo_would_refuse_is_a_fault_of_the_caller(house):
    with pytest.raises(ValueError, match="48"):
        await house.channel.templates.send("0900000123", LESSON, "x" * 49, by="phone")


def test_phones_as_zalo_wants_them():
    assert {international(p) for p in ("0900 000 123", "+84 900000123", "84900000123")} == {"84900000123"}
