"""Bodies of both products as they are documented, and as nobody has documented them: read or left, never a fault."""

import asyncio
import json

import pytest
from aiohttp import ClientSession
from channels.zalo_house import NOON, housed
from channels.zalo_mutants import AN, PEER, bot_payloads, mutants, oa_payloads
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peers.zalo_events import mac

from bot.channels.zalo_bot import updates
from bot.channels.zalo_oa import events
from bot.channels.zalo_oa.oauth import challenge, proof
from bot.channels.zalo_oa.signature import sign, signed
from bot.model import Contact, Incoming

OA = oa_payloads()
BOT = bot_payloads()


def oa(event, zns=False):
    return events.parse(event.payload, "app", NOON, zns=zns)


def test_the_signature_is_that_of_the_papers():
    wanted = "2f1ef5aabe67e8396a459ca89562e108ad541f82ba5022c85f645bd6b7220cb9"
    assert sign("X", b"BODY", "1234567890", "Y") == wanted
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert proof("accessToken", "appSecretKey").startswith("0584869ec908cfec")


def test_the_signature_is_over_the_bytes_of_the_wire():
    raw = '{"timestamp":"1789033572455","message":{"text":"Chào"}}'.encode()
    body, header = json.loads(raw), "mac=" + sign("1", raw, "1789033572455", "k")
    assert signed(raw, body, header, "1", "k")
    assert signed(raw, body, header.upper().replace("MAC=", "mac="), "1", "k")
    assert not signed(json.dumps(body).encode(), body, header, "1", "k")
    assert not signed(raw, body, header, "2", "k")
    assert not signed(raw, body, "", "1", "k")
    assert not signed(raw, {**body, "timestamp": None}, header, "1", "k")
    assert not signed(raw, body, "mac=" + sign("1", raw, "1789033572455", ""), "1", "")


def test_what_is_said_tapped_and_shared():
    who = Contact("zalo_oa", "app", AN.user_id)
    said = oa(PEER.oa.text(AN, "chào"))
    assert (said.contact, said.text, said.choice) == (who, "chào", None)
    tapped = oa(PEER.oa.text(AN, "#field:a\nb"))
    assert (tapped.text, tapped.choice) == ("", "field:a\nb")
    shared = oa(PEER.oa.submit_info(AN))
    assert shared.shared == {"phone": "0" + AN.phone[2:], "full_name": "An", "birth_date": "30/10/1999"}
    legacy = oa(PEER.oa.submit_info(AN, legacy=True, phone=int(AN.phone)))
    assert legacy.shared == {"phone": "0" + AN.phone[2:], "full_name": "An"}
    assert oa(PEER.oa.follow(AN)).choice == "act:greeting"
    assert oa(PEER.oa.media(AN, "image", text=None)).attachment == "image"
    assert oa(PEER.oa.media(AN, "file", text="hồ sơ")).text == "hồ sơ"


def test_the_same_event_has_the_same_id_and_another_one_another():
    follow = PEER.oa.follow(AN)
    assert oa(follow).update_id == oa(follow).update_id
    other = PEER.oa.follow(PEER.person("Bình"))
    assert oa(follow).update_id != oa(other).update_id
    assert len(oa(PEER.oa.text(AN, "x")).update_id) <= 80


@pytest.mark.parametrize(
    ("event", "kind"),
    [(PEER.oa.follow(AN, gone=True), events.Left), (PEER.oa.chat_now(AN), events.Opened),
     (PEER.oa.echo(AN, "x", admin_id="7"), events.OfficerWrote), (PEER.oa.echo(AN, "x"), events.Nothing),
     (PEER.oa.phone_received("84900000123", "m", "t"), events.TemplateArrived),
     (PEER.oa.received(AN, "m"), events.Nothing),
     (PEER.oa.seen(AN, "m"), events.Nothing), (PEER.oa.anonymous("x"), events.Nothing),
     (PEER.oa.other("x"), events.Nothing)],
)  # fmt: skip
def test_events_that_are_no_messages(event, kind):
    assert isinstance(oa(event), kind)


def test_a_kind_of_message_nobody_told_us_of_is_met_all_the_same():
    body = PEER.oa.media(AN, "file").payload | {"event_name": "user_send_hologram"}
    assert events.parse(body, "app", NOON).attachment == "file"
    bot = PEER.bot.media(AN, "voice").payload | {"event_name": "message.hologram.received"}
    assert updates.parse(bot, "bot", NOON).attachment == "unsupported"


@settings(max_examples=300, deadline=None)
@given(mutants(OA), st.booleans())
def test_no_event_of_the_account_breaks_the_parser(body, zns):
    event = events.parse(body, "app", NOON, zns=zns)
    if isinstance(event, Incoming):
        assert event.contact.id
        assert 0 < len(event.update_id) <= 80
        assert event.at.tzinfo


@settings(max_examples=200, deadline=None)
@given(mutants(BOT))
def test_no_update_of_the_bot_breaks_the_parser(body):
    update = updates.parse(body, "bot", NOON)
    if isinstance(update, Incoming):
        assert update.contact.id
        assert 0 < len(update.update_id) <= 80


def posted(body, product, peer):
    """As Zalo would sign these very bytes."""
    try:
        raw = json.dumps(body).encode()
    except ValueError:  # a number of thousands of digits cannot be written by us; Zalo could
        return b"{}", {}
    mine = peer.credentials
    if product == "bot":
        return raw, {"X-Bot-Api-Secret-Token": mine.bot_secret}
    stamp = body.get("timestamp")
    stamp = str(stamp) if isinstance(stamp, str | int) and not isinstance(stamp, bool) else ""
    try:
        return raw, {"X-ZEvent-Signature": "mac=" + mac(mine.app_id, raw, stamp, mine.webhook_key)}
    except UnicodeEncodeError:
        return raw, {"X-ZEvent-Signature": "mac=00"}


async def statuses(house, bodies):
    """What the program answers to these bodies, signed as Zalo would."""
    route = f"{house.url}/webhooks/zalo-{house.peer.product}"
    async with ClientSession() as client:
        for body in bodies:
            raw, headers = posted(body, house.peer.product, house.peer)
            async with client.post(route, data=raw, headers=headers) as response:
                yield body, response.status


@pytest.mark.parametrize("product", ["oa", "bot"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_ever_breaks_the_server(understanding, catalogue, tmp_path_factory, product, data):
    bodies = data.draw(st.lists(mutants(OA if product == "oa" else BOT), min_size=6, max_size=12))

    async def talk():
        path = tmp_path_factory.mktemp("fuzz") / "db.sqlite3"
        async with housed(understanding, catalogue, path, product, public=product == "bot") as house:
            async for body, status in statuses(house, bodies):
                assert status in (200, 400, 401), (body, status)

    asyncio.run(talk())


@pytest.mark.parametrize("product", ["oa", "bot"])
async def test_every_body_of_the_papers_gets_200(understanding, catalogue, tmp_path, product):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", product, public=product == "bot") as house:
        async for body, status in statuses(house, OA if product == "oa" else BOT):
            assert status == 200, body
