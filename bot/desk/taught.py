"""What was taught: take back, promote, write an answer anew; the history; the commune's office."""

from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk import questions
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.desk.teaching import LATELY, LONGEST_ANSWER, LONGEST_SOURCE, wrong
from bot.local import Office
from bot.store.learning_port import OfficeCard, Outdated, Taken, Wording
from bot.store.sql_desk import SqlDesk
from bot.store.sql_lessons import answer_of

if TYPE_CHECKING:
    from bot.desk.desk import Desk

_OFFICE = {"name": 120, "phone": 60, "address": 160, "hours": 160}


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """All lessons of this officer's communes and of all, and the history."""

    def work(d: SqlDesk) -> Values:
        wordings = d.wordings.newest()
        return {
            "lessons": d.lessons.all(visit.scope),
            "history": d.lessons.history(visit.scope, most=50),
            "names": {o.id: o.name for o in d.officers.all()},
            "wordings": wordings,
            "answers": {n: w.text for n, w in wordings.items()},
        }

    found = await desk.ask(work)
    answers = found.pop("answers")
    return desk.pages.show(
        visit,
        "taught.html",
        **found,
        meaning=lambda target: questions.meaning(visit.say, target, answers),
        answer_of=answer_of,
        mine=lambda communes: visit.scope.communes is None or bool(set(communes) & visit.scope.communes),
        writes=visit.scope.writes == "all",
    )


async def withdraw(desk: "Desk", visit: Visit) -> web.Response:
    """Taken back with one button; the questions wait again."""

    def work(d: SqlDesk) -> None:
        d.lessons.withdraw(visit.doer, visit.number())
        d.audit(visit.me.id, "lesson_withdrawn", f"lesson:{visit.number()}", visit.now)

    await desk.change(work)
    return back("/desk/taught", "withdrawn")


async def promote(desk: "Desk", visit: Visit) -> web.Response:
    """For all communes, after the same trial; what would break or change is shown first."""

    def look(d: SqlDesk) -> Values:
        lesson = d.lessons.one(visit.scope, visit.number())
        asked = d.lessons.questions.recent(visit.now - LATELY)
        trial = questions.trier(desk, d, ("",)).try_out(lesson.phrases, lesson.target, asked)
        known = [o for o in d.lessons.taught(lesson.phrases, [""]) if o.target != lesson.target]
        return {"lesson": lesson, "trial": trial, "known": known, "names": {o.id: o.name for o in d.officers.all()}}

    def work(d: SqlDesk) -> None:
        d.lessons.promote(visit.doer, visit.number())
        d.audit(visit.me.id, "lesson_promoted", f"lesson:{visit.number()}", visit.now)

    found = await desk.ask(look)
    trial = found["trial"]
    if trial.refused or found["known"] or (trial.changes and not visit.fields.ticked("sure")):
        return await _ask(desk, visit, found)
    try:
        await desk.change(work)
    except Taken:
        return await _ask(desk, visit, await desk.ask(look))
    return back("/desk/taught", "promoted")


async def _ask(desk: "Desk", visit: Visit, found: Values) -> web.Response:
    answers = await desk.ask(lambda d: {n: w.text for n, w in d.wordings.newest().items()})
    values: Values = {
        "wish": found["lesson"],
        "trial": found["trial"],
        "known": found["known"],
        "kept": [],
        "names": found["names"],
        "meaning": lambda target: questions.meaning(visit.say, target, answers),
        "number": 0,
        "action": visit.request.path,
    }
    return desk.pages.show(visit, "trial.html", status=409, **values)


async def answer_form(desk: "Desk", visit: Visit) -> web.Response:
    """A local answer, to be written anew, and what it said before."""
    versions = await desk.ask(lambda d: d.wordings.versions(visit.scope, visit.number()))
    typed = {"text": versions[0].text, "source": versions[0].source, "own": "" if versions[0].source else "1"}
    return await _answer_page(desk, visit, versions, typed, {}, status=200)


async def _answer_page(
    desk: "Desk",
    visit: Visit,
    versions: tuple[Wording, ...],
    typed: dict[str, str],
    faults: dict[str, str],
    *,
    status: int,
) -> web.Response:
    names = await desk.ask(lambda d: {o.id: o.name for o in d.officers.all()})
    values: Values = {"versions": versions, "typed": typed, "faults": faults, "names": names}
    values["mine"] = visit.scope.communes is None or versions[0].commune in visit.scope.communes
    return desk.pages.show(visit, "local_answer.html", status=status, **values, outdated=status == 409)


async def rewrite(desk: "Desk", visit: Visit) -> web.Response:
    """The next version; a colleague's that came in between is shown beside one's own."""
    text, source = visit.fields.text("text", most=2 * LONGEST_ANSWER), visit.fields.get("source", most=LONGEST_SOURCE)
    typed = {"text": text, "source": source, "own": visit.fields.get("own")}
    versions = await desk.ask(lambda d: d.wordings.versions(visit.scope, visit.number()))
    if faults := wrong(text, source, own=bool(typed["own"])):
        return await _answer_page(desk, visit, versions, typed, faults, status=400)
    seen = visit.fields.number("version", least=0, most=99_999) or 0

    def work(d: SqlDesk) -> None:
        d.wordings.rewrite(visit.doer, visit.number(), seen, text, source)
        d.audit(visit.me.id, "answer_rewritten", f"answer:{visit.number()}", visit.now)

    try:
        await desk.change(work)
    except Outdated:
        versions = await desk.ask(lambda d: d.wordings.versions(visit.scope, visit.number()))
        return await _answer_page(desk, visit, versions, typed, {}, status=409)
    return back("/desk/taught", "rewritten")


async def office_form(desk: "Desk", visit: Visit) -> web.Response:
    """The commune's office, to be changed; an officer of several communes chooses first."""
    served = await desk.ask(lambda d: d.served())
    communes = desk.communes(visit.scope.communes, served)
    wanted = visit.request.query.get("commune", "") or (communes[0][0] if communes else "")
    if wanted not in dict(communes):
        raise Refused(404, "not_found")
    card = await desk.ask(lambda d: d.wordings.office(wanted))
    return await _office_page(desk, visit, card, card.office, status=200)


async def _office_page(desk: "Desk", visit: Visit, card: OfficeCard, typed: Office, *, status: int) -> web.Response:
    served, names = await desk.ask(lambda d: (d.served(), {o.id: o.name for o in d.officers.all()}))
    values: Values = {"card": card, "typed": typed, "names": names, "outdated": status == 409}
    values["communes"] = desk.communes(visit.scope.communes, served)
    return desk.pages.show(visit, "office.html", status=status, **values)


async def office(desk: "Desk", visit: Visit) -> web.Response:
    """The office saved: the assistant tells it from the next second on."""
    commune = visit.fields.get("commune", most=5)
    served = await desk.ask(lambda d: d.served())
    if commune not in dict(desk.communes(visit.scope.communes, served)):
        raise Refused(400, "unreadable")
    typed = Office(**{name: visit.fields.get(name, most=most) for name, most in _OFFICE.items()})
    seen = visit.fields.number("version", least=0, most=99_999) or 0

    def work(d: SqlDesk) -> None:
        d.wordings.save_office(visit.doer, commune, seen, typed)
        d.audit(visit.me.id, "office", f"commune:{commune}", visit.now)

    try:
        await desk.change(work)
    except Outdated:
        card = await desk.ask(lambda d: d.wordings.office(commune))
        return await _office_page(desk, visit, card, typed, status=409)
    return back("/desk/office", "saved", query=f"commune={commune}")
