"""Teaching: a question is about a topic, or gets an answer of the commune's own; tried first, published at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from bot.desk import questions
from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.dialogue.lessons import Change, Trial, names_amount_or_day
from bot.local import LOCAL
from bot.store.learning_port import Lesson, Taken
from bot.store.sql_desk import SqlDesk
from intents.near import NearBook, Phrase
from intents.recogniser import TOPICS

if TYPE_CHECKING:
    from bot.desk.desk import Desk

LATELY = timedelta(days=30)
LONGEST_ANSWER, LONGEST_SOURCE = 400, 200
NEW_ANSWER = LOCAL + "new"  # the target of a lesson whose answer is not written yet


@dataclass(frozen=True, slots=True)
class Wish:
    """What an officer wants taught: `phrases` mean `topic`, or get the answer `text` that rests on `source`."""

    phrases: tuple[str, ...]
    places: tuple[str, ...]
    topic: str = ""
    text: str = ""
    source: str = ""

    @property
    def target(self) -> str:
        """A topic, or a local answer still to be written."""
        return self.topic or NEW_ANSWER


@dataclass(frozen=True, slots=True)
class Look:
    """What the wish would do: the trial, what others taught these words, the questions it settles, with communes."""

    wish: Wish
    trial: Trial
    known: tuple[Lesson, ...]
    answers: dict[int, str]
    settles: tuple[tuple[int, str], ...]


async def teach(desk: "Desk", visit: Visit) -> web.Response:
    """ "Đây là câu hỏi về…"."""
    topic = visit.fields.get("topic") or visit.fields.get("other")
    if topic not in TOPICS:
        return await questions.form(desk, visit, _typed(visit), {"other": "topic"}, 400)
    return await _publish(desk, visit, lambda phrases, places: Wish(phrases, places, topic=topic))


async def answer(desk: "Desk", visit: Visit) -> web.Response:
    """ "Trả lời mới"."""
    text, source = visit.fields.text("text", most=2 * LONGEST_ANSWER), visit.fields.get("source", most=LONGEST_SOURCE)
    faults = wrong(text, source, own=visit.fields.ticked("own"))
    if faults:
        return await questions.form(desk, visit, _typed(visit), faults, 400)
    return await _publish(desk, visit, lambda phrases, places: Wish(phrases, places, text=text, source=source))


def wrong(text: str, source: str, *, own: bool) -> dict[str, str]:
    """What keeps an answer from being published: field -> fault."""
    faults = {}
    if not text:
        faults["text"] = "answer_empty"
    elif len(text) > LONGEST_ANSWER:
        faults["text"] = "answer_long"
    if not source and names_amount_or_day(text):
        faults["source"] = "answer_amount"
    elif not source and not own:
        faults["source"] = "answer_source"
    return faults


def _typed(visit: Visit) -> dict[str, str]:
    names = ("text", "source", "own", "other", "place", "alone")
    return {n: visit.fields.text(n, most=2 * LONGEST_ANSWER) for n in names}


async def _publish(
    desk: "Desk", visit: Visit, wish_of: Callable[[tuple[str, ...], tuple[str, ...]], Wish]
) -> web.Response:
    """Try it; say what would change; publish when nothing does or the officer has seen it."""
    chosen = visit.fields.numbers("q")[: questions.MOST_WORDINGS]

    def look(d: SqlDesk) -> Look:
        group = questions.of(d, visit)
        texts = [q.text for q in d.lessons.questions.some(visit.scope, chosen)] or [group.first.text]
        return _look(desk, d, visit, wish_of(tuple(texts), _places(visit, d.served(), group)))

    seen = set(visit.fields.numbers("instead"))
    found = await desk.ask(look)
    unseen = [lesson for lesson in found.known if lesson.id not in seen]
    if found.trial.refused or unseen or (found.trial.changes and not visit.fields.ticked("sure")):
        return await _ask(desk, visit, found)
    try:
        await desk.change(lambda d: _taught(d, visit, found, seen))
    except Taken:  # at this very moment by somebody else: look again
        return await _ask(desk, visit, await desk.ask(look))
    return back("/desk/questions", "taught", len(found.settles))


def _look(desk: "Desk", d: SqlDesk, visit: Visit, wish: Wish) -> Look:
    tries = questions.trier(desk, d, wish.places)
    there = [q for q in d.lessons.questions.all(visit.scope) if q.settled != "taught"]
    asked = (*d.lessons.questions.recent(visit.now - LATELY), *(q.text for q in there))
    trial = tries.try_out(wish.phrases, wish.target, dict.fromkeys(asked))
    known = tuple(o for o in d.lessons.taught(wish.phrases, wish.places) if o.target != wish.target)
    taught = NearBook(Phrase("", phrase, "") for phrase in wish.phrases)
    here = [q for q in there if "" in wish.places or not q.commune or q.commune in wish.places]
    settles = tuple((q.id, q.commune) for q in here if taught.find(q.text))
    return Look(wish, trial, known, {n: w.text for n, w in d.wordings.newest().items()}, settles)


def _places(visit: Visit, served: frozenset[str], group: questions.Group) -> tuple[str, ...]:
    """Where it shall hold: what was chosen; else an officer's communes, for an admin the asker's commune, or all."""
    chosen = visit.fields.get("place")
    admin = visit.me.role == "admin"
    own = tuple(sorted(c for c in served if visit.scope.covers(c)))
    if chosen and chosen != "all":
        if chosen not in own:
            raise Refused(400, "unreadable")
        return (chosen,)
    if admin:
        return (group.communes[0],) if not chosen and group.communes and group.communes[0] in own else ("",)
    if not own:
        raise Refused(400, "unreadable")
    return own


def _taught(d: SqlDesk, visit: Visit, look: Look, instead: set[int]) -> None:
    wish = look.wish
    own_word = not wish.topic and not wish.source
    # What each commune says by itself is an answer of each: people read whose word it is.
    for places in [(place,) for place in wish.places] if own_word else [wish.places]:
        target = wish.topic
        if not target:
            target = f"{LOCAL}{d.wordings.write(visit.doer, places[0], wish.text, wish.source)}"
        lesson = d.lessons.teach(visit.doer, target, wish.phrases, places, instead=instead)
        theirs = [n for n, commune in look.settles if not commune or "" in places or commune in places]
        d.lessons.questions.settle(visit.scope, theirs, "taught", lesson)
        d.audit(visit.me.id, "taught", f"lesson:{lesson}", visit.now)


async def _ask(desk: "Desk", visit: Visit, look: Look) -> web.Response:
    """Refused with the case shown; or "3 câu khác sẽ đổi nghĩa"; or what a colleague taught, beside one's own."""
    names = await desk.ask(lambda d: {o.id: o.name for o in d.officers.all()})
    kept = [(n, v) for n, v in _typed(visit).items() if v]
    kept += [("topic", look.wish.topic)] if look.wish.topic else []
    kept += [("q", str(n)) for n in visit.fields.numbers("q")] + [("instead", str(o.id)) for o in look.known]
    values: Values = {
        "wish": look.wish,
        "trial": replace(look.trial, changes=_others(look.trial.changes, look.known)),
        "known": look.known,
        "kept": kept,
        "names": names,
        "meaning": lambda target: questions.meaning(visit.say, target, look.answers),
        "number": visit.number(),
        "action": visit.request.path,
    }
    return desk.pages.show(visit, "trial.html", status=409, **values)


def _others(changes: tuple[Change, ...], known: tuple[Lesson, ...]) -> tuple[Change, ...]:
    """Without those that stand among the lessons that are shown."""
    return tuple(c for c in changes if c.means not in {lesson.target for lesson in known})
