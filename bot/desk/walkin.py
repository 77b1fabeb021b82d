"""A person who came to the office: entered by the officer, with the consent they gave there."""

import re
from datetime import date
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.forms import Unreadable, day_of
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.dialogue.consent import ANNOUNCE, FORWARD, GUARDIAN, LIST, SENSITIVE, TEXT_VERSION
from bot.dialogue.details import GROUPS, SENSITIVE_GROUPS
from bot.effects import Applicant
from bot.store.desk_port import WalkIn
from bot.store.port import ReceiptTaken
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

OTHER = "other"
LEAST_AGE, ADULT, OLDEST = 15, 18, 100
LEAST_WORDS = 2  # of a full name
_PHONE = re.compile(r"0\d{9,10}")
_FIELDS = ("full_name", "born", "phone", "told_by", "commune", "hamlet", "trade", "trade_text", "course", "group",
           "guardian_name", "guardian_phone")  # fmt: skip
_BOXES = ("consent_list", "consent_announce", "consent_forward", "consent_guardian", "consent_sensitive")


async def form(desk: "Desk", visit: Visit) -> web.Response:
    """An empty form; the class may be given by where the officer came from."""
    course = visit.request.query.get("course", "")[:40]
    return await _form(desk, visit, {"course": course}, {}, 200)


async def _form(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    served, classes = await desk.ask(lambda d: (d.served(), d.classes.all(visit.scope)))
    own = next((v.course for v in classes if v.course.id == typed.get("course")), None)
    if own and not typed.get("trade"):
        typed |= {"trade": own.trade, "commune": own.commune}
    trades = sorted(((t, desk.pages.trade(visit.say, t)) for t in desk.pages.trades), key=lambda pair: pair[1])
    joinable = [v for v in classes if v.course.state in ("planned", "open", "full")]
    values: Values = {
        "communes": desk.communes(visit.scope.communes, served),
        "trades": trades,
        "classes": joinable,
    }
    values |= {"groups": desk.pages.groups(visit.say, "unsaid"), "typed": typed, "faults": faults}
    return desk.pages.show(visit, "walk_in.html", status=status, **values)


async def enter(desk: "Desk", visit: Visit) -> web.Response:
    """Keep them, or show the form again with what is wrong in it."""
    typed = {name: visit.fields.get(name, most=120) for name in _FIELDS}
    typed |= {name: "1" for name in _BOXES if visit.fields.ticked(name)}
    served, classes = await desk.ask(lambda d: (d.served(), d.classes.all(visit.scope)))
    communes = desk.communes(visit.scope.communes, served)
    if len(communes) == 1:
        typed["commune"] = communes[0][0]
    if typed["commune"] not in dict(communes):
        typed["commune"] = ""
    course = next((v.course for v in classes if v.course.id == typed["course"]), None)
    faults = check(typed, visit.now.date())
    if course is not None and course.commune != typed["commune"]:
        faults["course"] = "course"
    if faults:
        return await _form(desk, visit, typed, faults, 400)
    came = made(typed, desk, course.id if course else "")
    try:
        number = await desk.change(lambda d: _enter(d, visit, came))
    except ReceiptTaken as taken:
        raise Refused(503, "trouble") from taken
    return back(f"/desk/people/{number}", "entered")


def _enter(d: SqlDesk, visit: Visit, came: WalkIn) -> int:
    number = d.walk_ins.enter(visit.me.id, came, visit.now)
    d.audit(visit.me.id, "opened", f"lead:{number}", visit.now)  # they typed it: it stays open for a while
    return number


def check(typed: dict[str, str], today: date) -> dict[str, str]:
    """Field -> what is wrong (`desk.fault.<…>`), empty when all is right. Phones in `typed` are made local."""
    faults = {}
    if len(typed["full_name"].split()) < LEAST_WORDS or any(c.isdigit() for c in typed["full_name"]):
        faults["full_name"] = "full_name"
    if not typed["commune"]:
        faults["commune"] = "commune"
    if not typed["trade"] or (typed["trade"] == OTHER and not typed["trade_text"]):
        faults["trade"] = "trade"
    if "consent_list" not in typed:
        faults["consent_list"] = "consent"
    if typed["group"] in SENSITIVE_GROUPS and "consent_sensitive" not in typed:
        faults["group"] = "sensitive"
    return faults | _phones(typed) | _birth(typed, today)


def _phones(typed: dict[str, str]) -> dict[str, str]:
    faults = {}
    for name in ("phone", "guardian_phone"):
        typed[name] = local(typed[name])
        if typed[name] and not _PHONE.fullmatch(typed[name]):
            faults[name] = "phone"
    if not typed["phone"] and not typed["told_by"]:
        faults["phone"] = "phone_or_told"
    return faults


def _birth(typed: dict[str, str], today: date) -> dict[str, str]:
    """Under 15 nobody is entered; under 18 a guardian agrees, too."""
    born = birth(typed["born"])
    age = _age(born, today) if born else -1
    if not LEAST_AGE <= age <= OLDEST:
        return {"born": "too_young" if 0 <= age < LEAST_AGE else "born"}
    if age >= ADULT:
        return {}
    faults = {} if typed["guardian_name"] else {"guardian_name": "guardian"}
    return faults if "consent_guardian" in typed else faults | {"consent_guardian": "guardian_consent"}


def local(phone: str) -> str:
    """ "0900000001" of "+84 900 000 001"."""
    digits = re.sub(r"[\s.\-()]", "", phone)
    return "0" + digits[3:] if digits.startswith("+84") else digits


def birth(said: str) -> tuple[int, date | None] | None:
    """A year, or a whole day; None when it is neither."""
    if said.isascii() and said.isdigit() and len(said) == 4:
        return int(said), None
    try:
        day = day_of(said)
    except Unreadable:
        return None
    return day.year, day


def _age(born: tuple[int, date | None], today: date) -> int:
    """Full years; of a bare year the age that is sure (the birthday may be yet to come)."""
    year, day = born
    if day is None:
        return today.year - year - 1 if today.year - year in (LEAST_AGE, ADULT) else today.year - year
    return today.year - year - ((today.month, today.day) < (day.month, day.day))


def made(typed: dict[str, str], desk: "Desk", course: str) -> WalkIn:
    """What is kept."""
    year, day = birth(typed["born"]) or (0, None)
    who = Applicant(
        full_name=typed["full_name"],
        birth_year=year,
        birth_date=day,
        phone=typed["phone"],
        told_by=typed["told_by"],
        commune=typed["commune"],
        hamlet=typed["hamlet"],
        guardian_name=typed["guardian_name"],
        guardian_phone=typed["guardian_phone"],
    )
    known = typed["trade"] in desk.pages.trades
    purposes = {LIST: True, ANNOUNCE: "consent_announce" in typed, FORWARD: "consent_forward" in typed}
    if typed["guardian_name"] and "consent_guardian" in typed:
        purposes[GUARDIAN] = True
    group = typed["group"] if typed["group"] in GROUPS else ""
    if group in SENSITIVE_GROUPS:
        purposes[SENSITIVE] = True
    return WalkIn(
        applicant=who,
        trade=typed["trade"] if known else "",
        trade_text=desk.pages.trades[typed["trade"]]["vi"] if known else typed["trade_text"] or typed["trade"],
        course=course,
        purposes=purposes,
        details={"target_group": group} if group else {},
        text_version=TEXT_VERSION,
        receipt=desk.settings.receipts(),
    )
