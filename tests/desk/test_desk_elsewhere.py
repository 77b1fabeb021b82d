"""Every page of one thing, tried for a thing of another commune: it is as if it were not there."""

import pytest
from desk.desk_stage import FAR

from bot.desk.routes import ROUTES
from bot.effects import OfficerAsked, QuestionUnanswered
from bot.model import Contact

TEXT = {"text": "Lời", f"commune_{FAR}": "1", "interest": "all"}
FORMS = {
    "state": "enrolled", "text": "Xã mở lớp.", "sure": "xóa", "act": "done", "month": "1", "works": "yes", "as": "pdf",
    "given": "yes", "title": "Lời", "outcome": "reached", "course": "vi-du-2", "commune": FAR, "topic": "cost",
    "own": "1", "version": "1", "every": "day", "other": "1", "with": "1", "name": "Nơi", "address": "a@b.vn",
    "source": "own", "way": "email",
}  # fmt: skip
THINGS = ("/people/", "/waiting/", "/questions/", "/taught/", "/answers/", "/calls/", "/announcements/", "/replies/",
          "/requests/", "/forwarding/")  # fmt: skip
NUMBER = r"{id:\d{1,9}}"
UNMADE = {"/desk/forwarding/1/edit"}
OURS = [r for r in ROUTES if "{id:" in r.path and any(f"/desk{thing}" in r.path for thing in THINGS)]


@pytest.fixture
def far(house):
    """Number 1 of everything, in a commune that is not the officer's."""
    house.lead(1, FAR)
    admin = house.hire("Quản trị", role="admin", places=())
    somebody = Contact("zalo_oa", "oa", "somebody")
    house.says("xin chào", somebody)
    with house.store.transaction() as unit:
        unit.serve(FAR, house.clock[0])
        contact = unit.lock(somebody, house.clock[0])
        for effect in (OfficerAsked("data_access", "", FAR), QuestionUnanswered("nuôi ong", "unknown", FAR)):
            unit.apply(contact, effect, house.clock[0])
    with house.store.engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO follow_ups (lead_id, kind, about, way, made_at) "
            "VALUES (1, 'class_3d', 'x', 'call', '2026-11-23')"
        )
        db.exec_driver_sql(
            "INSERT INTO saved_replies (commune, title, text, changed_at) VALUES (?, 'a', 'b', '2026-11-23')", (FAR,)
        )
    return admin


async def test_nothing_of_another_commune_is_shown_or_changed(house, far):
    admin = await house.signed_in(far)
    await admin.send("/desk/announcements/new", **TEXT)
    await admin.send("/desk/questions/1/answer", text="Xã sẽ báo sau.", own="1", commune=FAR, at=FAR)
    officer = await house.signed_in(house.hire())
    there = [route.path.replace(NUMBER, "1") for route in OURS if route.method == "GET" and NUMBER in route.path]
    seen = {at: (await admin.get(at)).status for at in there}
    assert {at for at, status in seen.items() if status != 200} <= UNMADE, "there is something to be seen"
    before = house.audited()
    got = {}
    for route in OURS:
        address = route.path.replace(NUMBER, "1")
        answer = await (officer.get(address) if route.method == "GET" else officer.send(address, **FORMS))
        got[route.method, address] = answer.status
    let = {at: status for at, status in got.items() if status not in (403, 404)}
    assert let == {}
    assert len(got) > 40
    assert house.audited() == before, "and nothing is written down as done"
