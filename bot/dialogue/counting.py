"""What the figures count of a turn, as a few words: which question was answered, who asked first, where a form rests.

A tally is words with a blank between: `what@commune`, or `what@commune@day` when it belongs to an earlier day. Pure; it
names no person, and is kept sealed until the day's fold turns it into numbers (docs/adr/0018-figures.md).

    asked          a talk's first question or form
    placed         its commune, not known at first, is known: counted on the day of that first question
    answered.TOPIC, clarified, unanswered       what became of a question
    screened       an eligibility interview came to its end, once for each person spoken of
    begun, sent    a registration form begun, sent
    into.FIELD     a form asked this field, once a form
    on.FIELD, off.FIELD     a form came to rest at a field, left it again: on - off is how many were left there
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.dialogue.world import Talk
from bot.effects import Forgotten, Json, LeadRegistered, PersonErased, QuestionUnanswered
from bot.frozen import replace
from bot.model import Session, Turn
from knowledge.dated import COMMUNE_DIGITS

FORM = "registration"
_OF_A_FORM = ("field", "on", "in", "fields")
_BETWEEN = frozenset({"which"})  # asked which answer to correct: the form rests where it was


def counted(turn: Turn, talk: Talk) -> tuple[Mapping[str, Json], str]:
    """What the session is to remember as counted (`Session.counted`), and the turn's tally."""
    if any(isinstance(e, Forgotten | PersonErased) for e in turn.effects):
        return {}, ""
    known: dict[str, Any] = dict(turn.session.counted)
    commune = _commune(turn.session, talk)
    words = [*_question(turn, commune), *_screened(turn, talk, commune), *_form(turn, talk, known, commune)]
    if words and "asked" not in known:
        words.append(f"asked@{commune}")
        known |= {"asked": commune, "asked_on": talk.world.today.isoformat()}
    elif commune and known.get("asked") == "":
        words.append(f"placed@{commune}@{known['asked_on']}")
        known["asked"] = commune
    return known, " ".join(words)


def new_form(talk: Talk) -> Talk:
    """Another form begins: one left before rests where it was for good."""
    kept = {k: v for k, v in talk.session.counted.items() if k not in _OF_A_FORM}
    return replace(talk, session=replace(talk.session, counted=kept))


def read(tally: str, on: date) -> Iterator[tuple[date, str, str]]:
    """(day, commune, what) of each word of a tally that was written on a day."""
    for word in tally.split():
        what, _, rest = word.partition("@")
        commune, _, day = rest.partition("@")
        yield (date.fromisoformat(day) if day else on), commune, what


def _commune(session: Session, talk: Talk) -> str:
    code = str(session.facts.get("commune_code") or talk.world.place)
    return code if len(code) == COMMUNE_DIGITS else ""


def _question(turn: Turn, commune: str) -> Iterator[str]:
    lost = any(isinstance(e, QuestionUnanswered) for e in turn.effects)
    decision = "unanswered" if lost else turn.decision
    if decision:
        yield f"{decision}.{turn.about}@{commune}" if turn.about and not lost else f"{decision}@{commune}"


def _screened(turn: Turn, talk: Talk, commune: str) -> Iterator[str]:
    if turn.session.facts.get("screening") and not talk.session.facts.get("screening"):
        yield f"screened@{commune}"


def _form(turn: Turn, talk: Talk, known: dict[str, Any], commune: str) -> Iterator[str]:
    rests = str(known.get("field") or "")
    state = turn.session.form
    if any(isinstance(e, LeadRegistered) for e in turn.effects):
        if rests:
            yield _off(known)
        yield f"sent@{commune}"
        for name in _OF_A_FORM:
            known.pop(name, None)
        return
    if state is None or state.name != FORM or not state.asking or state.asking in (rests, *_BETWEEN):
        return
    fields = list(known.get("fields") or ())
    if not fields:
        yield f"begun@{commune}"
    if rests:
        yield _off(known)
    if state.asking not in fields:
        fields.append(state.asking)
        yield f"into.{state.asking}@{commune}"
    yield f"on.{state.asking}@{commune}"
    known |= {"field": state.asking, "on": talk.world.today.isoformat(), "in": commune, "fields": fields}


def _off(known: dict[str, Any]) -> str:
    """On the day and in the commune that it came to rest: a figure of the past never falls below none."""
    return f"off.{known['field']}@{known['in']}@{known['on']}"
