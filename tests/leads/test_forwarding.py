"""The list forwarded by mail through a real SMTP server: who is on it, what the letter says, what became of it."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from leads.mailbox import ADDRESS, PUBLIC, Clock, enter, fill, forwarder, office, run, smtp, states
from openpyxl import load_workbook
from store.factories import COMMUNE, DAY, NOW, happen, person

from bot.effects import PersonErased
from bot.leads import parcels
from bot.leads.download import Downloads
from bot.leads.forwarding import PAUSES, explained
from bot.model import Contact
from bot.store.sql_forwarding import LONGEST_PAUSE, next_due


@pytest.fixture
def clock():
    return Clock()


def values(content):
    return {
        str(c.value) for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for c in row if c.value
    }


def attachment(letter):
    return next((part.get_content() for part in letter.iter_attachments()), b"")


def link(letter):
    text = letter.get_body().get_content()
    return next((word for word in text.split() if word.startswith(PUBLIC)), "").removeprefix(PUBLIC)


async def test_the_list_goes_attached_where_the_consent_names_the_recipient(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock, attach=True)
    async with smtp() as box:
        await forwarder(sqlite, box.server(), clock).tick()
    (letter,) = box.letters
    assert (letter["To"], letter["From"].addresses[0].addr_spec) == (ADDRESS, "xa@mau.example")
    assert letter["Message-ID"] == "<hocnghe-1@mau.example>"
    said = values(attachment(letter))
    assert {n for n in range(1, 6) if person(n).phone in said} == {1, 2}, (
        "agreed, verified by themselves, not withdrawn"
    )
    text = f"{letter['Subject']} {letter.get_body().get_content()}"
    assert "2 người" in text
    assert not any(person(n).full_name in text or person(n).phone in text for n in range(1, 6))
    assert states(sqlite) == [("sent", "")]
    with sqlite.people() as unit:
        assert len(unit.forwarding.leads_of(1)) == 2


@pytest.mark.parametrize("changes", [{}, {"attach": True, "kind": "office"}], ids=["by default", "not named"])
async def test_others_get_a_link_that_runs_out(sqlite, clock, changes):
    fill(sqlite)
    enter(sqlite, clock, **changes)
    async with smtp() as box:
        await forwarder(sqlite, box.server(), clock).tick()
    (letter,) = box.letters
    assert list(letter.iter_attachments()) == []
    path = link(letter)
    app = web.Application()
    Downloads(sqlite, run, office, clock).setup(app)
    async with TestClient(TestServer(app)) as client:
        opened = await client.get(path)
        assert opened.status == 200
        assert opened.headers["Cache-Control"] == "no-store"
        assert {person(1).phone, person(2).phone} <= values(await opened.read())
        happen(sqlite, PersonErased(), contact=Contact("web", "site", "c1"))
        assert person(1).phone not in values(await (await client.get(path)).read())
        for forged in (
            path[:-1] + ("0" if path[-1] != "0" else "1"),
            path.replace("/1-", "/2-"),
            "/files/1-99999999999-00",
        ):
            assert (await client.get(forged)).status == 410
        clock.now += timedelta(days=parcels.LINK_DAYS, seconds=1)
        over = await client.get(path)
        assert over.status == 410
        assert "hết hạn" in await over.text()
    with sqlite.people() as unit:
        assert unit.forwarding.delivery(1).opens == 2


async def test_an_office_that_no_consent_names_gets_figures_without_people(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock, kind="office", consent="")
    async with smtp() as box:
        await forwarder(sqlite, box.server(), clock).tick()
    (letter,) = box.letters
    said = values(attachment(letter))
    assert "May công nghiệp" in said
    assert not any(w in v for v in said for n in range(1, 6) for w in (person(n).full_name, person(n).phone))


async def test_what_failed_is_tried_again_later_and_later_and_then_seen(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock, attach=True)
    async with smtp() as box:
        sender = forwarder(sqlite, box.server(), clock)
        box.answers = ["451 busy"] * (len(PAUSES) + 1)
        for pause in PAUSES:
            await sender.tick()
            assert states(sqlite) == [("waiting", "smtp_451")]
            clock.now += pause - timedelta(seconds=1)
            assert await sender.tick() == 0, "not before its time"
            clock.now += timedelta(seconds=1)
        await sender.tick()
        assert states(sqlite) == [("failed", "smtp_451")]
        with sqlite.people() as unit:
            (seen,) = unit.forwarding.troubled(COMMUNE)
            assert unit.forwarding.troubled("00004") == ()
            assert unit.forwarding.again(seen.id, "officer", clock())
            assert not unit.forwarding.again(seen.id, "officer", clock())
        assert explained(seen, office(COMMUNE)).startswith("Nơi nhận từ chối")
        await sender.tick()
    assert states(sqlite) == [("sent", "")]
    assert len(box.letters) == 1


async def test_what_a_clock_that_ran_ahead_wrote_does_not_wait_for_that_day(sqlite, clock):
    assert PAUSES[-1] < LONGEST_PAUSE
    fill(sqlite)
    enter(sqlite, clock, attach=True, every="week")
    async with smtp() as box:
        sender = forwarder(sqlite, box.server(), clock)
        box.answers = ["451 busy"]
        clock.now += 400 * DAY
        await sender.tick()
        clock.now -= 400 * DAY
        await sender.tick()
        assert states(sqlite) == [("sent", "")], "the next try"
        clock.now += 7 * DAY
        await sender.tick()
    assert len(box.letters) == 2, "the week's list"


async def test_a_refused_address_is_not_tried_again(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock)
    async with smtp() as box:
        box.refused_rcpt = "550 nobody here"
        await forwarder(sqlite, box.server(), clock).tick()
    assert states(sqlite) == [("failed", "smtp_550")]


async def test_cut_off_after_the_message_left_it_is_unknown_and_not_sent_again(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock)
    async with smtp() as box:
        sender = forwarder(sqlite, box.server(), clock)
        box.answers = ["cut"]
        await sender.tick()
        clock.now += DAY
        await sender.tick()
    assert states(sqlite) == [("unknown", "cut_off")]
    assert len(box.letters) == 1


async def test_no_server_no_public_address_and_no_people_are_told_apart(sqlite, clock):
    enter(sqlite, clock)
    serverless = forwarder(sqlite, None, clock)
    await serverless.tick()
    fill(sqlite)
    enter(sqlite, clock)
    await serverless.tick()
    await serverless.stop()
    enter(sqlite, clock)
    nowhere = forwarder(sqlite, None, clock, office_of=lambda code: replace(office(code), public_url=""))
    await nowhere.tick()
    assert states(sqlite) == [("empty", ""), ("waiting", "no_mail_server"), ("waiting", "no_public_url")]
    with sqlite.people() as unit:
        told = [explained(d, office(COMMUNE)) for d in unit.forwarding.troubled()]
    assert "PUBLIC_URL" in told[0]
    assert "SMTP_URL" in told[1]


async def test_only_the_holder_of_the_lease_sends(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock)
    async with smtp() as box:
        one, other = (forwarder(sqlite, box.server(), clock) for _ in "ab")
        assert [await one.tick(), await other.tick()] == [1, 0]
        await one.stop()
        enter(sqlite, clock)
        assert await other.tick() == 1
    assert len(box.letters) == 2


async def test_what_is_due_while_nothing_runs_is_sent_once_at_the_next_start(sqlite, clock):
    fill(sqlite)
    number = enter(sqlite, clock, every="week")
    async with smtp() as box:
        await forwarder(sqlite, box.server(), clock).tick()
        clock.now += 22 * DAY
        sender = forwarder(sqlite, box.server(), clock)
        assert [await sender.tick(), await sender.tick()] == [1, 0]
        with sqlite.people() as unit:
            unit.forwarding.end(number, clock())
        clock.now += 30 * DAY
        assert await sender.tick() == 0
    assert len(box.letters) == 2


def test_when_something_is_due():
    monday = NOW.replace(day=7, hour=9)
    assert next_due("week", monday) == monday.replace(day=14, hour=7, minute=0, second=0, microsecond=0)
    assert next_due("week", monday.replace(hour=6)).day == 7
    assert next_due("month", monday).date().isoformat() == "2027-01-01"
    assert next_due("asked", monday) is None


async def test_an_erasure_is_passed_on_by_receipt_alone(sqlite, clock):
    fill(sqlite)
    enter(sqlite, clock, attach=True)
    async with smtp() as box:
        sender = forwarder(sqlite, box.server(), clock)
        await sender.tick()
        happen(sqlite, PersonErased(), contact=Contact("web", "site", "c1"))
        await sender.tick()
    text = box.letters[1].get_body().get_content()
    assert "HN-AAAAA1" in text
    assert person(1).full_name not in text
    assert attachment(box.letters[1]) == b""
    with sqlite.people() as unit:
        assert unit.forwarding.delivery(2).note == ()
