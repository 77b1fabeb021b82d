"""Several officers at once: nobody's work is undone unseen, nobody who asks is left unseen."""

import asyncio

from desk.desk_stage import FAR, HERE, NEAR, PROVINCE

from bot.effects import OfficerAsked
from bot.model import Contact
from bot.store.desk_port import Scope


def ask(house, commune="", text="gọi cho tôi với"):
    with house.store.transaction() as unit:
        contact = unit.lock(Contact("web", "", "x" * 32), house.clock[0])
        unit.apply(contact, OfficerAsked("asked", text, commune, "0900000009"), house.clock[0])


def fresh(house):
    """A registration that nobody has called yet."""
    house.lead(1)
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE leads SET state = 'new', verification = 'unverified'")


def state(house):
    with house.store.transaction() as unit:
        return unit.leads(HERE)[0].state


async def test_a_button_of_an_older_page_moves_nobody_back(house, officer):
    fresh(house)
    other = await house.signed_in(house.hire("Người khác"))
    await officer.send("/desk/people", one="1:contacted:new")
    await officer.send("/desk/people", one="1:confirmed:contacted")
    late = await other.send("/desk/people", one="1:contacted:new")
    assert late.headers["Location"].endswith("said=moved_on")
    late = await other.send("/desk/people/1/state", state="withdrawn", seen="new")
    assert "Người khác vừa đổi" in await other.page(late.headers["Location"])
    assert state(house) == "confirmed"
    page = await other.page("/desk/people/1")
    assert 'name="seen" value="confirmed"' in page
    await other.send("/desk/people/1/state", state="enrolled", seen="confirmed")
    assert state(house) == "enrolled"


async def test_notes_and_calls_of_two_officers_at_the_same_time_both_stay(house, officer):
    fresh(house)
    other = await house.signed_in(house.hire("Người khác"))
    await asyncio.gather(*(b.token() for b in (officer, other)))
    await asyncio.gather(
        *(
            b.send("/desk/people/1/note", text=f"ghi {who} {n}")
            for who, b in (("A", officer), ("B", other))
            for n in range(8)
        ),
        officer.send("/desk/people/1/call", outcome="reached", text="gọi A"),
        other.send("/desk/people", one="1:contacted:new"),
    )
    page = await officer.page("/desk/people/1")
    assert all(f"ghi {who} {n}" in page for who in "AB" for n in range(8))
    assert "gọi A" in page
    assert state(house) == "contacted"
    assert [a for _o, a, _s in house.audited()].count("state") == 1, "one of the two did it"


async def test_the_last_seat_is_given_once(house, officer):
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE courses SET seats = 1 WHERE id = 'vi-du-2'")
    first, second = house.lead(1, course="vi-du-2"), house.lead(2, course="vi-du-2")
    other = await house.signed_in(house.hire("Người khác"))
    await asyncio.gather(*(b.token() for b in (officer, other)))
    await asyncio.gather(
        officer.send("/desk/people", one=f"{first}:confirmed:contacted"),
        other.send("/desk/people", one=f"{second}:confirmed:contacted"),
    )
    with house.store.reading() as desk:
        view = next(v for v in desk.classes.all(Scope(None)) if v.course.id == "vi-du-2")
    assert (view.taken, view.waiting) == (1, 1)


async def seen_by(house, **hired):
    browser = await house.signed_in(house.hire(**hired))
    return "gọi cho tôi với" in await browser.page("/desk/waiting")


async def test_somebody_whose_commune_nobody_knows_is_seen_by_those_who_see_several(house):
    coordinator = house.hire(role="coordinator", places=(PROVINCE,))
    ask(house)
    browser = await house.signed_in(coordinator)
    page = await browser.page("/desk/waiting")
    assert "gọi cho tôi với" in page
    assert "chưa rõ xã" in page
    assert not await seen_by(house, places=(HERE,))
    assert await seen_by(house, role="admin", places=())
    ask(house, FAR, "của xã FAR")
    assert "của xã FAR" not in await browser.page("/desk/waiting")


async def test_where_nobody_sees_several_every_officer_sees_them_and_one_answers(house):
    first = await house.signed_in(house.hire(places=(HERE,)))
    second = await house.signed_in(house.hire(places=(NEAR,)))
    ask(house)
    for browser in (first, second):
        assert "gọi cho tôi với" in await browser.page("/desk/waiting")
        assert "Trả lời 1 người" in await browser.page("/desk")
    assert (await second.send("/desk/waiting/1/answered")).status == 303
    assert "gọi cho tôi với" not in await first.page("/desk/waiting")


async def test_with_one_commune_they_are_its_own(house):
    with house.store.engine.begin() as db:
        db.exec_driver_sql(f"DELETE FROM served_places WHERE code != '{HERE}'")
    house.hire(role="admin", places=())
    ask(house)
    assert await seen_by(house, places=(HERE,))
