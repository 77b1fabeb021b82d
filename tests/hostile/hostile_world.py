"""One of everything in a commune, each text of which holds a mark: what must never be seen elsewhere."""

import re
from typing import Any

from desk.desk_pictures import png
from desk.desk_stage import Browser
from hostile.hostile_stage import Stage

from bot.effects import OfficerAsked, QuestionUnanswered
from bot.model import Contact

Ids = dict[str, Any]


def last(stage: Stage, table: str) -> int:
    with stage.store.engine.begin() as db:
        return int(db.exec_driver_sql(f"SELECT max(id) FROM {table}").scalar() or 0)


async def plant(stage: Stage, admin: Browser, officer: Browser, commune: str, mark: str) -> Ids:
    """Ids by kind of thing. `admin` and an `officer` of the commune make what the desk makes."""
    ids: Ids = {}
    made = await admin.send(
        "/desk/classes/new", commune=commune, trade="cooking", title=f"Lớp {mark}", place=f"Nhà {mark}",
        provider=f"Trường {mark}", schedule=mark, seats="20", state="open",
    )  # fmt: skip
    assert made.status == 303, await made.text()
    ids["class"] = re.search(r"/desk/classes/([\w-]+)", made.headers["Location"])[1]
    await admin.upload(f"/desk/classes/{ids['class']}/poster", png())
    who = {"full_name": f"Lò Thị {mark}", "hamlet": f"Bản {mark}"}
    ids["lead"] = stage.lead(last(stage, "leads") + 1, commune, course=ids["class"], **who)
    stage.lead(last(stage, "leads") + 1, commune, **who)
    ids |= await asked(stage, officer, commune, mark)
    ids |= await kept(stage, admin, commune, mark)
    return ids


async def asked(stage: Stage, officer: Browser, commune: str, mark: str) -> Ids:
    somebody = Contact("zalo_oa", "4242", f"somebody-{commune}")
    stage.says("xin chào", somebody)
    ids: Ids = {}
    with stage.store.transaction() as unit:
        contact = unit.lock(somebody, stage.clock[0])
        unit.apply(contact, OfficerAsked("data_access", mark, commune), stage.clock[0])
    ids["request ticket"] = last(stage, "tickets")
    with stage.store.transaction() as unit:
        contact = unit.lock(somebody, stage.clock[0])
        unit.apply(contact, OfficerAsked("asked", mark, commune, "0900000009"), stage.clock[0])
        unit.apply(contact, QuestionUnanswered(f"nuôi ong {mark}", "unknown", commune), stage.clock[0])
    ids["ticket"], ids["question"] = last(stage, "tickets"), last(stage, "unanswered")
    return ids


async def kept(stage: Stage, admin: Browser, commune: str, mark: str) -> Ids:
    """Recipient, delivery, announcement, wording, lesson, call, saved reply, request."""
    ids: Ids = {}
    fields = {"name": f"Nơi {mark}", "address": "nhan@truong.example", "every": "asked", "gets": "link"}
    await admin.send("/desk/forwarding/new", commune=commune, purpose=mark, **fields)
    ids["recipient"] = last(stage, "recipients")
    await admin.send(f"/desk/forwarding/{ids['recipient']}/send")
    ids["delivery"] = last(stage, "deliveries")
    await admin.send("/desk/announcements/new", text=f"Lời {mark}", interest="all", **{f"commune_{commune}": "1"})
    ids["announcement"] = last(stage, "announcements")
    question = last(stage, "unanswered")
    told = await admin.send(
        f"/desk/questions/{question}/answer",
        text=f"Xã {mark} sẽ báo sau.",
        own="1",
        commune=commune,
        at=commune,
        sure="1",
    )
    assert told.status == 303, await told.text()
    ids["answer"], ids["lesson"] = last(stage, "local_answers"), last(stage, "lessons")
    with stage.store.engine.begin() as db:
        run = db.exec_driver_sql
        run(
            "INSERT INTO follow_ups (lead_id, kind, about, way, made_at) "
            "SELECT max(l.id), 'class_3d', 'x', 'call', '2026-11-23' FROM leads l"
        )
        run(
            "INSERT INTO saved_replies (commune, title, text, changed_at) VALUES (?, ?, ?, '2026-11-23')",
            (commune, f"Câu {mark}", mark),
        )
    ids["call"], ids["reply"] = last(stage, "follow_ups"), last(stage, "saved_replies")
    await admin.send("/desk/requests", commune=commune, kind="access", who=f"Người {mark}", note=mark)
    ids["request"] = last(stage, "data_requests")
    return ids
