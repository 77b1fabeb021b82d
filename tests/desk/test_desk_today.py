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
    assert tasks(page)["/desk/people?lost=1"].startswith("Gọi điện cho 1 người"), "however many messages were lost"
    lost = await officer.page("/desk/people?lost=1")
    assert "Hãy gọi điện" in lost
    assert "/desk/people/1" in lost
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE messages SET fate = ''")
    assert "/desk/people/1" not in await officer.page("/desk/people?lost=1")


async def test_a_number_is_that_of_the_lines_on_the_page_it_leads_to(house, officer):
    for number in range(1, 6):
        house.lead(number)
    for name, asked in (("one", 2), ("two", 1), ("answered", 1)):
        who = Contact("zalo_oa", "oa", name)
        house.says("xin chào", who)
        with house.store.transaction() as unit:
            contact = unit.lock(who, house.clock[0])
            for _ in range(asked):
                unit.apply(contact, OfficerAsked("asked", "gọi tôi", HERE), house.clock[0])
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE leads SET verification = 'waiting_person' WHERE id IN (1, 2)")
        db.exec_driver_sql("UPDATE leads SET state = CASE id WHEN 2 THEN 'contacted' ELSE 'new' END")
        db.exec_driver_sql("UPDATE tickets SET state = 'taken', waiting_since = NULL WHERE id = 4")
        # Of people who did not register, too, and two to one person.
        db.exec_driver_sql("UPDATE messages SET fate = 'refused' WHERE outgoing")
        columns = "contact_id, outgoing, at, body, fate"
        db.exec_driver_sql(f"INSERT INTO messages (update_id, {columns}) SELECT 'more', {columns} FROM messages")
        db.exec_driver_sql("INSERT INTO contact_people VALUES (1, 3, 'self'), (2, 3, 'helper')")
    page = await officer.page("/desk")
    numbers = dict(re.findall(r'<a href="([^"]+)"><strong>(\d+)</strong>', page))
    for path, words in tasks(page).items():
        numbers.setdefault(path, *re.findall(r"\d+", words)[:1])
    assert numbers["/desk/waiting"] == "2"
    inbox = await officer.page("/desk/waiting")
    waits, answered = inbox.split("Đã trả lời, đợi bà con nhắn tiếp")
    assert "2 người đang chờ" in waits
    assert [waits.count("</article>"), answered.count("</article>")] == [2, 1]
    assert 'data-waiting="2"' in page, "what the script compares with"
    assert 'data-waiting="2"' in inbox
    assert (await (await officer.get("/desk/pulse")).json())["waiting"] == 2
    lists = {path: n for path, n in numbers.items() if path.startswith("/desk/people?") and n != "0"}
    assert len(lists) == 3, lists
    for path, n in lists.items():
        listed = set(re.findall(r'href="/desk/people/(\d+)"', await officer.page(path.replace("&amp;", "&"))))
        assert len(listed) == int(n), path
