"""Calls, answers by phone, the request form at the desk, and a commune's choice about identity numbers."""

import io
from datetime import timedelta

import pytest
from desk.desk_stage import FAR, HERE, NOON
from docx import Document
from sqlalchemy import select

from bot.channels.outreach import unasked
from bot.leads import following
from bot.store import follow_tables as f
from bot.store import tables as t

WAYS = following.Ways(unasked, lambda _code: "Xã Mẫu", lambda _trade, said: said)
IDENTITY = "000111222333"


def course_soon(house, days=3):
    with house.store.engine.begin() as db:
        starts = NOON.date() + timedelta(days=days)
        db.execute(t.courses.update().where(t.courses.c.id == "vi-du-2").values(starts_on=starts))


def state(house, number, state):
    with house.store.engine.begin() as db:
        db.execute(t.leads.update().where(t.leads.c.id == number).values(state=state))


async def words(answer):
    return "\n".join(p.text for p in Document(io.BytesIO(await answer.read())).paragraphs)


async def test_whom_no_chat_reaches_stands_on_today_and_on_the_list_of_calls(house, officer):
    number = house.lead(1, course="vi-du-2")
    state(house, number, "enrolled")
    course_soon(house)
    assert following.run(house.store, WAYS, NOON) == ()
    assert "Gọi điện cho 1 người" in await officer.page("/desk")
    page = await officer.page("/desk/calls")
    assert "26/11/2026" in page
    assert "0900***001" in page
    assert "Lò Thị" not in page, "masked"
    far = await house.signed_in(house.hire("Người khác", places=(FAR,)))
    assert "0900***001" not in await far.page("/desk/calls")
    assert (await far.send("/desk/calls/1/done")).status == 404
    assert (await officer.send("/desk/calls/1/done")).status == 303
    assert "Không có ai cần gọi" in await officer.page("/desk/calls")
    assert (await officer.send("/desk/calls/99/done")).status == 404
    assert any(act == "followed_up" for _o, act, _s in house.audited())


async def test_an_answer_by_phone_is_kept_and_leads_the_state(house, officer):
    number = house.lead(1)
    state(house, number, "completed")
    path = f"/desk/people/{number}"
    assert "Việc làm sau khóa học" in await officer.page(path)
    await officer.send(f"{path}/survey", month="1", works="yes", job="nấu bếp <b>", place="Trong xã")
    page = await officer.page(path)
    assert "nấu bếp &lt;b&gt;" in page
    assert "cán bộ gọi hỏi" in page
    with house.store.engine.connect() as db:
        assert db.execute(select(t.leads.c.state)).scalar_one() == "employed"
    await officer.send(f"{path}/survey", month="1", works="no")
    with house.store.engine.connect() as db:
        (row,) = db.execute(select(f.surveys)).all()
        assert (row.works, row.job) == (False, b"")
        assert db.execute(select(t.leads.c.state)).scalar_one() == "completed"


@pytest.mark.parametrize("fields", [{"month": "2", "works": "yes"}, {"month": "1"}, {"works": "no"}, {"month": "x"}])
async def test_a_survey_without_an_answer_is_none(house, officer, fields):
    number = house.lead(1)
    assert (await officer.send(f"/desk/people/{number}/survey", **fields)).status in (303, 400)
    with house.store.engine.connect() as db:
        assert db.execute(select(f.surveys)).all() == []


async def test_consent_by_phone_is_read_out_and_kept_as_the_officers_statement(house, officer):
    number = house.lead(1)
    state(house, number, "completed")
    assert "Sau 1, 3 và 6 tháng" in await officer.page(f"/desk/people/{number}")
    await officer.send(f"/desk/people/{number}/survey/consent", given="yes")
    with house.store.engine.connect() as db:
        row = db.execute(select(t.consents).where(t.consents.c.purpose == "survey")).one()
    assert (row.given, row.by, row.text_version) == (True, "officer", "2026-11-28.survey")


async def test_nobody_answers_for_another_communes_people(house, officer):
    number = house.lead(1, FAR)
    for path in ("survey", "survey/consent", "paper"):
        fields = {"month": "1", "works": "yes", "given": "yes", "as": "pdf"}
        assert (await officer.send(f"/desk/people/{number}/{path}", **fields)).status == 404
    assert (await officer.get(f"/desk/people/{number}/paper")).status == 404


async def test_the_form_at_the_desk_keeps_no_number_unless_the_commune_says_so(house, officer):
    number = house.lead(1)
    path = f"/desk/people/{number}/paper"
    page = await officer.page(path)
    assert "máy không giữ lại" in page
    assert "Lò Thị" not in page
    made = await officer.send(path, **{"as": "docx", "number": IDENTITY, "sex": "female"})
    assert IDENTITY in (said := await words(made))
    assert "Lò Thị Mẫu Hai" in said
    assert "0900000001" in said
    assert ("form_printed", f"lead:{number}") in [(act, subject) for _o, act, subject in house.audited()]
    with house.store.engine.connect() as db:
        assert db.execute(select(f.identity_numbers)).all() == []
    assert (await officer.get("/desk/identity")).status == 403, "an admin's choice"
    assert (await officer.send("/desk/identity", commune=HERE, keep="1")).status == 403


async def test_where_it_is_switched_on_the_number_is_sealed_used_again_and_erased_when_switched_off(house, officer):
    admin = await house.signed_in(house.hire("Quản trị", "admin", ()))
    number = house.lead(1)
    path = f"/desk/people/{number}/paper"
    assert "Không lưu" in await admin.page("/desk/identity")
    assert (await admin.send("/desk/identity", commune=HERE, keep="1")).status == 303
    assert (await admin.send("/desk/identity", commune="00001", keep="1")).status == 404
    await officer.send(path, **{"as": "pdf", "number": IDENTITY})
    page = await officer.page(path)
    assert "Xã đã lưu số của người này" in page
    assert IDENTITY not in page
    assert IDENTITY in await words(await officer.send(path, **{"as": "docx"}))
    with house.store.engine.connect() as db:
        (row,) = db.execute(select(f.identity_numbers)).all()
        assert IDENTITY.encode() not in row.number
    with house.store.people() as unit:
        assert IDENTITY in str(unit.rights.file(1))
    await admin.send("/desk/identity", commune=HERE, keep="0")
    with house.store.engine.connect() as db:
        assert db.execute(select(f.identity_numbers)).all() == []
    assert {"identity_on", "identity_off"} <= {act for _o, act, _s in house.audited()}


async def test_a_class_that_is_over_asks_who_completed_it(house, officer):
    with house.store.engine.begin() as db:
        past = NOON.date() - timedelta(days=1)
        db.execute(t.courses.update().where(t.courses.c.id == "vi-du-2").values(ends_on=past, state="running"))
    assert "ghi ai học xong" in await officer.page("/desk")
