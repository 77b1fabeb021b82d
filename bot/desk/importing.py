"""Old lists and classes from Excel: looked at first, with every row that is left out and why, then taken in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.errands import Errand
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values
from bot.leads import courses, importing, intake, reading
from bot.leads.courses import CoursePreview
from bot.leads.importing import Preview, Reading
from bot.leads.reading import MOST_BYTES, WorkbookRefused
from bot.model import Course
from bot.receipts import new_receipt
from bot.store.desk_port import Scope
from bot.store.people_port import Planned, SheetRow
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

UPLOAD = MOST_BYTES
KINDS = ("people", "classes")
KEPT = timedelta(minutes=30)
PORTION = 100  # rows a transaction: somebody who writes to the assistant meanwhile waits for no more
SHOWN, TICKABLE = 300, 400  # rows of the preview; duplicates that can be ticked (a form takes 600 fields)


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook that was read and waits for the officer's word; in memory alone, for half an hour."""

    id: str
    kind: str
    commune: str
    at: datetime
    found: Preview | CoursePreview


class Uploads:
    """One an officer."""

    def __init__(self) -> None:
        self._kept: dict[int, Upload] = {}

    def keep(self, officer: int, upload: Upload) -> None:
        """Instead of the one before."""
        self._kept = {o: u for o, u in self._kept.items() if upload.at - u.at < KEPT}
        self._kept[officer] = upload

    def of(self, officer: int, number: str, now: datetime) -> Upload | None:
        """The officer's own, not too old."""
        found = self._kept.get(officer)
        return found if found and found.id == number and now - found.at < KEPT else None

    def drop(self, officer: int) -> None:
        """It was taken in."""
        self._kept.pop(officer, None)

    def forget(self) -> None:
        """All: somebody was erased, and may stand in one."""
        self._kept.clear()


async def form(desk: "Desk", visit: Visit) -> web.Response:
    """Which file, for which commune."""
    kind = "classes" if visit.request.query.get("what") == "classes" else "people"
    return await _form(desk, visit, kind, "", 200)


async def _form(desk: "Desk", visit: Visit, kind: str, fault: str, status: int) -> web.Response:
    communes = list((await desk.served(visit)).items())
    values: Values = {"communes": communes, "kind": kind, "fault": fault, "typed": visit.fields.get("commune")}
    return desk.pages.show(visit, "import.html", status=status, **values, most=MOST_BYTES // 1024**2)


async def upload(desk: "Desk", visit: Visit) -> web.Response:
    """Read the file; nothing is written yet."""
    kind = visit.fields.get("what")
    if kind not in KINDS:
        raise Refused(400, "unreadable")
    communes = await desk.served(visit)
    commune = visit.fields.get("commune") or (next(iter(communes)) if len(communes) == 1 else "")
    _name, body = visit.files.get("file", ("", b""))
    if commune not in communes:
        return await _form(desk, visit, kind, visit.say.say("desk.fault.commune"), 400)
    if not body:
        return await _form(desk, visit, kind, visit.say.say("desk.import.no_file"), 400)
    if len(body) > MOST_BYTES:
        raise Refused(413, "too_large")
    rules = Reading(commune, visit.now.date(), visit.say, intake.trade_of(desk.settings.trade_names))
    known = await desk.ask(lambda d: _classes(d, commune)) if kind == "classes" else ()

    def read() -> Preview | CoursePreview:
        sheet = reading.read_apart(body, visit.say)
        return importing.preview(sheet, rules) if kind == "people" else courses.preview(sheet, rules, known)

    try:
        found = await desk.errands.run(read)
    except WorkbookRefused as refused:
        return await _form(desk, visit, kind, str(refused), 400)
    number = secrets.token_urlsafe(9)
    desk.uploads.keep(visit.me.id, Upload(number, kind, commune, visit.now, found))
    return web.Response(status=303, headers={"Location": f"/desk/import/{number}"})


def _classes(d: SqlDesk, commune: str) -> tuple[Course, ...]:
    here = Scope(frozenset({commune}))
    return tuple(v.course for over in (False, True) for v in d.classes.all(here, over=over))


def _upload(desk: "Desk", visit: Visit) -> Upload:
    found = desk.uploads.of(visit.me.id, visit.word(), visit.now)
    if found is None:
        raise Refused(404, "errand_gone")
    if not visit.scope.covers(found.commune):
        raise Refused(404, "not_found")
    return found


async def preview(desk: "Desk", visit: Visit) -> web.Response:
    """What would happen, row by row, and every row that is left out."""
    return await _preview(desk, visit, _upload(desk, visit), 200)


async def _preview(desk: "Desk", visit: Visit, kept: Upload, status: int) -> web.Response:
    found, values = kept.found, Values(kept=kept, rejected=kept.found.rejected, shown=SHOWN)
    if isinstance(found, CoursePreview):
        return desk.pages.show(visit, "import_classes.html", status=status, **values, accepted=found.accepted)
    plan = await desk.ask(lambda d: d.intake.plan(kept.commune, found.accepted))
    by_fate = {fate: [p for p in plan if p.fate == fate] for fate in ("new", "changed", "duplicate", "same")}
    elsewhere = [p for p in plan if p.fate == "elsewhere"]
    values |= {"fates": by_fate, "elsewhere": elsewhere, "tickable": TICKABLE, "untold": status != 200}
    values["asks"] = any(p.row.agreed is None for p in plan if p.fate in ("new", "duplicate"))
    return desk.pages.show(visit, "import_people.html", status=status, **values)


async def confirm(desk: "Desk", visit: Visit) -> web.Response:
    """Take it in, a portion at a time, and say what was saved."""
    kept = _upload(desk, visit)
    found = kept.found
    if isinstance(found, CoursePreview):
        return await _save_classes(desk, visit, kept, found)
    rows = found.accepted
    if any(row.agreed is None for row in rows) and not visit.fields.ticked("agreed"):
        return await _preview(desk, visit, kept, 400)
    also = frozenset(visit.fields.numbers("also"))
    back = f"/desk/import/{kept.id}"
    errand = desk.errands.start(
        visit.me.id, "import", back, visit.now, lambda e: _take_in(desk, visit, kept, (rows, also), e)
    )
    if errand is None:
        raise Refused(409, "busy")
    desk.uploads.drop(visit.me.id)
    await desk.errands.soon(errand)
    return web.Response(status=303, headers={"Location": f"/desk/errands/{errand.id}"})


def _take_in(
    desk: "Desk", visit: Visit, kept: Upload, chosen: tuple[Sequence[SheetRow], frozenset[int]], errand: Errand
) -> None:
    """Blocking. What stands on the list may have changed since the preview: each portion is planned anew."""
    rows, also = chosen
    errand.total, errand.back = len(rows), "/desk/people"
    sums = {"added": 0, "changed": 0, "left": 0}

    def portion(d: SqlDesk, some: Sequence[SheetRow]) -> None:
        plan = [_with_consent(p) for p in d.intake.plan(kept.commune, some)]
        done = intake.apply(d, plan, visit.doer.who, visit.now, receipts=new_receipt, also=also)
        sums["added"] += done.added
        sums["changed"] += done.changed
        sums["left"] += len(plan) - done.added - done.changed
        d.audit(visit.me.id, "imported", f"list:{kept.commune}:{done.added + done.changed}", visit.now)

    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        desk.write(lambda d, some=some: portion(d, some))  # type: ignore[misc]
        errand.progress(start + len(some))
    errand.told = ("desk.import.done_people", {**sums, "rejected": len(kept.found.rejected)})


def _with_consent(planned: Planned) -> Planned:
    """A workbook without a column of consents: the officer has said that the commune holds them on paper."""
    if planned.row.agreed is not None:
        return planned
    return replace(planned, row=replace(planned.row, agreed=frozenset({"list"})))


async def _save_classes(desk: "Desk", visit: Visit, kept: Upload, found: CoursePreview) -> web.Response:
    demo = desk.settings.demo

    def work(errand: Errand) -> None:
        errand.total, errand.back = len(found.accepted), "/desk/classes"

        def save(d: SqlDesk) -> None:
            for planned in found.accepted:
                course = planned.course if planned.known else replace(planned.course, demonstration=demo)
                d.classes.save(course)
            d.audit(visit.me.id, "imported", f"classes:{kept.commune}:{len(found.accepted)}", visit.now)

        desk.write(save)
        new = sum(not p.known for p in found.accepted)
        sums = {"added": new, "changed": len(found.accepted) - new, "rejected": len(found.rejected)}
        errand.done, errand.told = len(found.accepted), ("desk.import.done_classes", sums)

    errand = desk.errands.start(visit.me.id, "import", "/desk/classes", visit.now, work)
    if errand is None:
        raise Refused(409, "busy")
    desk.uploads.drop(visit.me.id)
    await desk.errands.soon(errand)
    return web.Response(status=303, headers={"Location": f"/desk/errands/{errand.id}"})
