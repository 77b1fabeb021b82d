"""What the tests of announcements on the desk share: a person who registered, a draft, what is due going out."""

from desk.desk_stage import HERE

from bot.announcements import steps
from bot.channels.outreach import terms_of
from bot.model import Contact, Incoming
from bot.store.announcement_port import Outcome, Pace

TEXT = "Xã mở lớp nấu ăn, ai muốn học thì đăng ký."
FORM = {"text": TEXT, f"commune_{HERE}": "1", "interest": "trade", "trade": "cooking", "waves": "1"}
ZALO = Contact("zalo_oa", "oa", "somebody")


def registers(house, contact=ZALO, phone="0900000001"):
    """A person registers for cooking in a chat, message by message."""
    said = ["form:registration", "field:ab", "nấu ăn", f"field:{HERE}", "Bản Mẫu", "Lò Thị Mẫu", "1990", phone]
    for number, words in enumerate([*said, "field:yes"]):
        choice = words if ":" in words else None
        house.app.handle(Incoming(f"r{number}", contact, house.clock[0], "" if choice else words, choice))


def taps(house, choice, contact=ZALO, update="t1"):
    handled = house.app.handle(Incoming(update, contact, house.clock[0], choice=choice))
    return [m.reply for m in handled.messages if m.reply]


async def drafted(officer, **changes):
    answer = await officer.send("/desk/announcements/new", **(FORM | changes))
    assert answer.status == 303, await answer.text()
    return int(answer.headers["Location"].partition("?")[0].rpartition("/")[2])


def begun(house, fate="sent"):
    """What is due begins and goes out."""
    terms = terms_of(frozenset(), {})
    with house.store.announcing() as unit:
        steps.look(unit, terms, str, house.clock[0])
        pace = Pace("zalo_oa.oa", None, 100)
        taken = unit.ledger.claim(pace, "zalo_oa", "oa", "w", house.clock[0])
        for row in taken.rows:
            one = taken.announcements[row.announcement]
            offer = f"course:{one.course}@{one.id}" if one.course else f"trade:{one.trade}@{one.id}"
            unit.ledger.settle([Outcome(row.id, row.reach.id, fate, offer=offer)], "w", house.clock[0])
        return len(taken.rows)
