"""Today names everything that waits, and each leads to where it is done."""

import re

from desk.desk_stage import FAR, HERE

from bot.effects import OfficerAsked, QuestionUnanswered
from bot.model import Contact

SOMEBODY = Contact("zalo_oa", "oa", "somebody")
DRAFT = """INSERT INTO announcements (kind, state, communes, course, trade, trades, groups, language, text, picture,
waves, paid, last_seats, wave, made_by, made_at) VALUES ('classes', 'approval', '{}', '', '', '', '', '', x'', '',
0, 0, 0, 0, {}, '2026-11-23 00:00:00')"""


def tasks(page):
    """(address, words) of what is to be done next."""
    listed = page.partition('<ol class="tasks">')[2].partition("</ol>")[0]
    return dict(re.findall(r'<a href="([^"]+)">([^<]+)</a>', listed))


async def test_every_kind_of_task_is_there_however_many_classes_wait(house, officer):
    house.lead(1)
    house.says("xin chào", SOMEBODY)
    with house.store.transaction() as unit:
        contact = unit.lock(SOMEBODY, house.clock[0])
        for effect in (
            OfficerAsked("asked", "gọi tôi", HERE),
            OfficerAsked("data_access", "", HERE),
            QuestionUnanswered("nuôi ong", "unknown", HERE),
        ):
            unit.apply(contact, effect, house.clock[0])
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE leads SET state = 'new'")
        db.exec_driver_sql("UPDATE messages SET fate = 'refused' WHERE outgoing")
        db.exec_driver_sql("INSERT INTO contact_people SELECT contacts.id, people.id, 'self' FROM contacts, people "
                           "WHERE external_digest IN (SELECT external_digest FROM contacts WHERE channel = 'zalo_oa') "
                           "ON CONFLICT DO NOTHING")  # fmt: skip
        db.exec_driver_sql("UPDATE courses SET starts_on = '2026-11-01'")
        for commune, by in ((HERE, "NULL"), (HERE, 1), (FAR, "NULL")):
            sealed = house.store._cipher.seal("lời", "announcement.text")
            db.exec_driver_sql(DRAFT.format(commune, by).replace("x''", f"x'{sealed.hex()}'"))
    page = await officer.page("/desk")
    found = tasks(page)
    expected = {"/desk/requests", "/desk/report", "/desk/waiting", "/desk/people?state=new", "/desk/announcements",
                "/desk/people?lost=1", "/desk/questions"}  # fmt: skip
    assert expected <= found.keys(), found
    assert "Duyệt 1 thông báo" in found["/desk/announcements"], "neither one's own nor another commune's"
    assert next(iter(found)) == "/desk/requests", "the law's days first"
    lost = await officer.page("/desk/people?lost=1")
    assert "Hãy gọi điện" in lost
    assert "/desk/people/1" in lost
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE messages SET fate = ''")
    assert "/desk/people/1" not in await officer.page("/desk/people?lost=1")
