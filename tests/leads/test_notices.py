"""Officers told in the chat of new registrations: once each, without anybody's name, not at night."""

import asyncio

import pytest
from store.factories import COMMUNE, DAY, NEIGHBOUR, NOW, OTHER_COMMUNE, happen, lead, person

from bot import wiring
from bot.app import App
from bot.i18n import language
from bot.leads import notices
from bot.model import Contact
from bot.posting import Posting
from bot.settings import Settings
from bot.store.people_port import SheetRow

OFFICER = Contact("zalo_oa", "oa", "officer-1")


def subscribe(store, every, now=NOW):
    number = happen(store, contact=OFFICER, now=now)
    with store.people() as unit:
        unit.notices.tell(number, COMMUNE, every, now)
    return number


def told(store, now=NOW):
    return notices.run(store, lambda _code: "Xã Mẫu", "https://hocnghe.example/desk", now, language())


def register(store, n, commune=COMMUNE):
    happen(store, lead(f"HN-AAAA{n:02}", person(n % 9 + 1, commune=commune), trade_text=f"Nghề {n}"), contact=NEIGHBOUR)


def test_each_new_registration_is_told_once_by_trade_and_hamlet(sqlite):
    register(sqlite, 1)
    subscribe(sqlite, "each")
    assert told(sqlite) == (), "nothing new since the officer asked"
    register(sqlite, 2)
    register(sqlite, 3, OTHER_COMMUNE)
    (message,) = told(sqlite)
    assert message.contact == OFFICER
    assert "Nghề 2 (Thôn Ví Dụ)" in message.reply.text
    assert "https://hocnghe.example/desk" in message.reply.text
    assert person(3).full_name not in message.reply.text
    assert person(3).phone not in message.reply.text
    assert told(sqlite) == ()
    with sqlite.transaction() as unit:
        assert unit.unsent("zalo_oa") == (message,), "kept until the channel has sent it"


@pytest.mark.parametrize("hour", [22, 3])
def test_nothing_is_told_at_night(sqlite, hour):
    subscribe(sqlite, "each")
    register(sqlite, 1)
    assert told(sqlite, NOW.replace(hour=hour)) == ()
    assert len(told(sqlite, NOW.replace(day=8, hour=7))) == 1


def test_once_a_day_all_of_the_day_in_one_message(sqlite):
    number = subscribe(sqlite, "day")
    for n in range(12):
        register(sqlite, n)
    assert told(sqlite) == ()
    (message,) = told(sqlite, NOW + DAY)
    assert message.reply.text.count("Nghề") == 10
    assert "12 đăng ký mới" in message.reply.text
    assert "và 2 đăng ký nữa" in message.reply.text
    register(sqlite, 13)
    assert told(sqlite, NOW + DAY) == ()
    with sqlite.people() as unit:
        assert [n.commune for n in unit.notices.of(number)] == [COMMUNE]
        unit.notices.stop(number)
    assert told(sqlite, NOW + 3 * DAY) == ()


@pytest.mark.parametrize("every", ["each", "day"])
def test_a_clock_that_ran_ahead_and_was_put_back_silences_nobody(sqlite, every):
    subscribe(sqlite, every, NOW + 400 * DAY)
    register(sqlite, 1)
    assert len(told(sqlite)) == 1
    register(sqlite, 2)
    assert len(told(sqlite, NOW + DAY)) == 1


def test_what_an_officer_imported_is_not_told_to_the_officer(sqlite):
    subscribe(sqlite, "each")
    with sqlite.people() as unit:
        unit.intake.add(SheetRow(1, person(3), "may", "May"), "HN-CCCCCC", "officer", NOW)
    assert told(sqlite) == ()


async def test_the_server_looks_at_what_is_due_and_hands_notices_to_the_channels(understanding, catalogue, tmp_path):
    settings = Settings(_env_file=None, data_dir=tmp_path, public_url="https://hocnghe.example")
    store = wiring.open_store(settings)
    app = App(store, understanding, catalogue, lambda: NOW)
    house = wiring.House(settings, store, app, understanding, catalogue, app.clock)
    subscribe(store, "each")
    register(store, 1)
    pushed = []
    posting = Posting(house, pushed.extend)
    await posting.start()
    await asyncio.wait_for(_until(lambda: pushed), 10)
    await posting.stop()
    assert [m.contact for m in pushed] == [OFFICER]
    assert "Nghề 1" in pushed[0].reply.text
    store.close()


async def _until(happened):
    while not happened():
        await asyncio.sleep(0.01)
