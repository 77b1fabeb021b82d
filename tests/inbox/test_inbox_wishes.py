"""A wish to register while an officer has the talk: kept, told to both, and gone on with afterwards."""

import pytest
from inbox.inbox_stage import PERSON
from sqlalchemy import select, update

from bot.dialogue.parking import RESUME
from bot.inbox import talks
from bot.store import announcement_tables as a
from bot.store import tables as t
from bot.store.announcement_port import Planned

CLASS = "vi-du-2"


def taken(stage):
    stage.asks()
    stage.at_the_desk(talks.take, stage.officers[0])


def seen(stage):
    with stage.store.transaction() as unit:
        number = unit.lock(PERSON, stage.now)
    with stage.store.reading() as desk:
        return [s.text for s in desk.inbox.thread(number, stage.now.replace(hour=0))]


def announced(stage) -> int:
    """The person got announcement so-and-so, under which "1" means: register."""
    from bot.bench.announce import composed

    with stage.store.transaction() as unit:
        contact = unit.lock(PERSON, stage.now)
    with stage.store.announcing() as unit:
        number = unit.announcements.draft(composed(stage.now))
        unit.announcements.plan(number, [Planned(None, contact, "telegram", "bot", "vi", 1)], "scheduled", stage.now)
        unit.db.execute(
            update(t.contacts).where(t.contacts.c.id == contact).values(announced=f"course:{CLASS}@{number}")
        )
    return number


def tapped(stage) -> int:
    with stage.store.reading() as desk:
        rows = desk.announcing.db.execute(select(a.announcement_recipients.c.tapped_at))
        return sum(row.tapped_at is not None for row in rows)


@pytest.mark.parametrize("said", [{"choice": "course"}, {"text": "1"}, {"text": "đăng ký"}])
def test_a_tap_while_an_officer_has_the_talk_is_kept_told_to_both_and_gone_on_with(stage, said):
    taken(stage)
    number = announced(stage)
    if "choice" in said:
        said = {"choice": f"course:{CLASS}@{number}"}
    handled = stage.app.handle(stage.incoming(PERSON, **said))
    (told,) = [m.reply for m in handled.messages]
    assert "giữ ý muốn đăng ký" in told.text
    assert {word.partition("@")[0] for word in handled.tally.split()} >= {"begun", "on.consents"}
    assert tapped(stage) == 1
    assert seen(stage)[-2:-1] == [said.get("text") or f"(bấm “Đăng ký” dưới thông báo {number})"]
    assert stage.says("cảm ơn cô") == [], "the talk is still the officer's"
    closed = stage.at_the_desk(talks.close, stage.officers[0]).messages[0].reply
    assert RESUME in [c.value for c in closed.choices]
    (asked,) = [m.reply for m in stage.handle(stage.incoming(PERSON, choice=RESUME))]
    assert "đồng ý" in asked.text


def test_whoever_does_not_want_to_wait_goes_on_at_once(stage):
    taken(stage)
    stage.handle(stage.incoming(PERSON, choice=f"course:{CLASS}@{announced(stage)}"))
    stage.says("trợ lý")
    assert RESUME in stage.offered()
    (asked,) = [m.reply for m in stage.handle(stage.incoming(PERSON, choice=RESUME))]
    assert "đồng ý" in asked.text


def test_a_full_class_offers_its_waiting_list_beside_the_officer_too(stage):
    taken(stage)
    with stage.store.desk() as desk:
        desk.announcing.db.execute(update(t.courses).where(t.courses.c.id == CLASS).values(state="full"))
    (told,) = [m.reply for m in stage.handle(stage.incoming(PERSON, choice=f"course:{CLASS}@1"))]
    assert [c.value for c in told.choices] == [f"waitlist:{CLASS}", "command:assistant"]
    (told,) = [m.reply for m in stage.handle(stage.incoming(PERSON, choice=f"waitlist:{CLASS}"))]
    assert "giữ ý muốn đăng ký" in told.text
