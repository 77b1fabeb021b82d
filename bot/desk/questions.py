"""Asked and not answered: the questions by likeness, and what an officer makes of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.dialogue.lessons import Trier, teachable_as
from bot.i18n import Language
from bot.local import LOCAL
from bot.store.learning_port import Asked
from bot.store.sql_desk import SqlDesk
from bot.store.sql_lessons import answer_of
from intents import cases
from intents.near import grouped, key
from intents.recogniser import TOPICS

if TYPE_CHECKING:
    from bot.desk.desk import Desk

PAGE = 30  # groups of a page
MOST_WORDINGS = 6


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike: the commonest wording first, each wording once."""

    questions: tuple[Asked, ...]
    wordings: tuple[Asked, ...]
    communes: tuple[str, ...]
    last: datetime
    dismissed: bool

    @property
    def first(self) -> Asked:
        """The question that stands for all."""
        return self.wordings[0]


def groups(asked: Sequence[Asked]) -> list[Group]:
    """The largest first; a question was dismissed when one like it was."""
    waiting = [q for q in asked if q.settled != "taught"]
    return [_group([waiting[at] for at in members]) for members in grouped([q.text for q in waiting])]


def _group(questions: list[Asked]) -> Group:
    by_key: dict[str, Asked] = {}
    for question in questions:
        by_key.setdefault(key(question.text), question)
    communes = [c for c, _ in Counter(q.commune for q in questions if q.commune).most_common()]
    dismissed = any(q.settled == "dismissed" for q in questions)
    wordings = tuple(by_key.values())[:MOST_WORDINGS]
    return Group(tuple(questions), wordings, tuple(communes), max(q.at for q in questions), dismissed)


def trier(desk: "Desk", d: SqlDesk, places: Sequence[str]) -> Trier:
    """Lessons are tried where people are understood as the assistant understands them now."""
    mind = desk.settings.understanding
    if mind is None:
        raise Refused(503, "trouble")
    return Trier(mind, d.lessons.book(), places, cases.load())


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """Those that wait, the most frequent first; `?dismissed`: those that were put aside."""
    aside = "dismissed" in visit.request.query

    def work(d: SqlDesk) -> tuple[list[Group], list[tuple[str, ...]], int]:
        found = [g for g in groups(d.lessons.questions.all(visit.scope)) if g.dismissed == aside]
        tries = trier(desk, d, sorted(visit.scope.communes or ()))
        return found[:PAGE], [tries.likely(g.first.text) for g in found[:PAGE]], len(found)

    found, likely, count = await desk.ask(work)
    values: Values = {"groups": list(zip(found, likely, strict=True)), "count": count, "aside": aside}
    return desk.pages.show(visit, "questions.html", **values, writes=_writes(visit), zone=visit.now.tzinfo)


def _writes(visit: Visit) -> bool:
    return visit.scope.writes == "all"


async def one(desk: "Desk", visit: Visit) -> web.Response:
    """One question: every way on."""
    return await form(desk, visit, {}, {}, 200)


async def form(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    """The page of one question, with what was typed and what is wrong with it."""

    def work(d: SqlDesk) -> tuple[Group, tuple[str, ...], frozenset[str]]:
        group = of(d, visit)
        return group, trier(desk, d, ()).likely(group.first.text), d.served()

    group, likely, served = await desk.ask(work)
    wordings = group.wordings[:1] if "alone" in visit.request.query or typed.get("alone") else group.wordings
    communes = desk.communes(visit.scope.communes, served)
    values: Values = {
        "group": group,
        "wordings": wordings,
        "likely": likely,
        "topics": topics(visit.say),
        "places": places(visit, communes),
        "place": typed.get("place") or _usual_place(visit, group),
        "typed": typed,
        "faults": faults,
        "zone": visit.now.tzinfo,
    }
    return desk.pages.show(visit, "question.html", status=status, **values, writes=_writes(visit))


def of(d: SqlDesk, visit: Visit) -> Group:
    """The group that a question stands in. Raises Refused when there is none for this officer."""
    number = visit.number()
    found = d.lessons.questions.some(visit.scope, [number])
    if not found:
        raise Refused(404, "not_found")
    if found[0].settled == "taught":  # by a colleague, while this officer's page was open
        return _group(list(found))
    for group in groups(d.lessons.questions.all(visit.scope)):
        if any(q.id == number for q in group.questions):
            return group
    raise Refused(404, "not_found")


def topics(say: Language) -> list[tuple[str, str]]:
    """(topic, its name) of all that may be taught, by name."""
    return sorted(((t, say.say(f"topic.{t}")) for t in TOPICS if teachable_as(t)), key=lambda pair: pair[1])


def places(visit: Visit, communes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where a lesson may hold: shown to whom there is a choice for."""
    if visit.me.role == "admin":
        return [("all", visit.say.say("desk.learn.everywhere")), *communes]
    return [("all", visit.say.say("desk.learn.my_communes")), *communes] if len(communes) > 1 else []


def _usual_place(visit: Visit, group: Group) -> str:
    mine = [c for c in group.communes if visit.scope.covers(c)]
    return mine[0] if mine and visit.me.role == "admin" else "all"


def meaning(say: Language, target: str, answers: dict[int, str]) -> str:
    """What a lesson leads to, in words."""
    number = answer_of(target)
    if number is not None:
        return answers.get(number, target)
    return say.say(f"topic.{target}") if f"topic.{target}" in say.source else target.removeprefix(LOCAL)


async def dismiss(desk: "Desk", visit: Visit) -> web.Response:
    """Put aside, these and all that will be like them."""
    return await _settle(desk, visit, "dismissed")


async def reopen(desk: "Desk", visit: Visit) -> web.Response:
    """Back to those that wait."""
    return await _settle(desk, visit, "")


async def _settle(desk: "Desk", visit: Visit, settled: str) -> web.Response:
    numbers = await desk.ask(lambda d: [q.id for q in of(d, visit).questions])

    def work(d: SqlDesk) -> None:
        d.lessons.questions.settle(visit.scope, numbers, "dismissed" if settled else "")
        act = "question_dismissed" if settled else "question_reopened"
        d.audit(visit.me.id, act, f"question:{visit.number()}", visit.now)

    await desk.change(work)
    return back("/desk/questions", "dismissed" if settled else "reopened", query="" if settled else "dismissed=1")
