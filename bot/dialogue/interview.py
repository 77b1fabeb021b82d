"""The questions of the eligibility interview: asked, read, and asked back once when answers do not go together."""

from collections.abc import Mapping

from bot.dialogue.answering import filled
from bot.dialogue.fields import Accepted, Field, Parsed, Refused, Values, answers
from bot.dialogue.person_fields import unsure
from bot.dialogue.world import Talk
from bot.effects import Json
from bot.model import Reply
from intents import slots
from intents.normalise import fold
from knowledge.answers import in_language
from knowledge.asking import question as question_of
from knowledge.dated import Text
from knowledge.eligibility import (
    DONT_KNOW,
    Contradiction,
    Outcome,
    Question,
    benefits_for,
    contradictions,
    next_question,
    screen,
)

TOPIC, SETTLED, AGAIN = "_topic", "_settled", "_again:"


def said_of(values: Values) -> dict[str, Json]:
    """The facts among a form's values: what the interview keeps for itself begins with "_"."""
    return {k: v for k, v in values.items() if not k.startswith("_") and v is not None}


def outcomes(values: Values, talk: Talk) -> tuple[Outcome, ...]:
    """What the person may get by what was said, best first."""
    return screen(
        said_of(values),
        where=talk.where,
        on=talk.world.today,
        catalogue=talk.world.knowledge,
        benefits=asked_for(str(values.get(TOPIC) or ""), talk),
    )


def asked_for(topic: str, talk: Talk) -> tuple[str, ...]:
    """The benefits that a topic such as a loan asks about; () for training, the usual interview."""
    return benefits_for(topic, where=talk.where, on=talk.world.today, catalogue=talk.world.knowledge)


def following(values: Values, talk: Talk) -> Field | None:
    """What does not go together first, then the next question that can change an outcome."""
    found = _contradiction(values, talk)
    if found is not None:
        return _asked_back(found, talk)
    question = _question(values, talk)
    return _field(question) if question else None


def field_of(field_id: str, values: Values, talk: Talk) -> Field | None:
    """The field being asked, made again from what is known."""
    if field_id.startswith(AGAIN):
        found = _contradiction(values, talk)
        return _asked_back(found, talk) if found is not None and AGAIN + found.id == field_id else None
    question = _question({k: v for k, v in values.items() if k != field_id}, talk)
    return _field(question) if question is not None and question.fact == field_id else None


def _contradiction(values: Values, talk: Talk) -> Contradiction | None:
    settled = tuple(values.get(SETTLED) or ())
    found = contradictions(
        said_of(values), where=talk.where, on=talk.world.today, catalogue=talk.world.knowledge, settled=settled
    )
    return found[0] if found else None


def _asked_back(found: Contradiction, talk: Talk) -> Field:
    """The question once more, with what does not fit; whatever is answered then stands."""
    question = question_of(talk.world.knowledge.facts[found.ask])
    plain = _field(question)

    def ask(values: Values, talk: Talk) -> Reply:
        return Reply(text_of(found.text, talk), plain.ask(values, talk).choices)

    def parse(said: str, values: Values, talk: Talk) -> Parsed:
        parsed = _parse(question, said, talk)
        if not isinstance(parsed, Accepted):
            return parsed
        settled = [*(values.get(SETTLED) or ()), found.id]
        return Accepted(None, {question.fact: parsed.value, SETTLED: settled})

    return Field(AGAIN + found.id, ask, parse)


def _question(values: Values, talk: Talk) -> Question | None:
    benefits = asked_for(str(values.get(TOPIC) or ""), talk)
    return next_question(
        said_of(values), where=talk.where, on=talk.world.today, catalogue=talk.world.knowledge, benefits=benefits
    )


def text_of(text: Text, talk: Talk) -> str:
    """A text of the knowledge in the person's language, its values filled in."""
    return filled(in_language(text, talk.say.code), talk)


def _field(question: Question) -> Field:
    def ask(_values: Values, talk: Talk) -> Reply:
        labels = {c.value: text_of(c.label, talk) for c in question.choices}
        labels[DONT_KNOW] = talk.say.say("form.dont_know")
        return Reply(text_of(question.text, talk), answers(labels))

    def easier(_values: Values, talk: Talk) -> Reply:
        return Reply(text_of(question.easier, talk), ask({}, talk).choices)

    def parse(said: str, _values: Values, talk: Talk) -> Parsed:
        return _parse(question, said, talk)

    return Field(
        question.fact, ask, parse, easier=easier if question.easier else None, optional=True, skipped=DONT_KNOW
    )


def _parse(question: Question, said: str, talk: Talk) -> Parsed:
    if said == DONT_KNOW or unsure(said):
        return Accepted(DONT_KNOW)
    values = [c.value for c in question.choices]
    labels = {fold(text_of(c.label, talk)): c.value for c in question.choices}
    picked = said if said in values else _named(labels, said)
    if question.kind == "number":
        return _number(question, said, talk)
    if picked is None and set(values) >= {"yes", "no"}:
        answer = slots.yes_no(said)
        picked = None if answer is None else ("yes" if answer else "no")
    if question.kind == "many":
        several = [picked] if picked else _several(values, said)
        return Accepted(several) if several else Refused()
    return Refused() if picked is None else Accepted(picked)


def _named(labels: Mapping[str, str], said: str) -> str | None:
    """The one choice whose label is the answer or stands in it ("ở xã")."""
    words = f" {fold(said)} "
    found = {value for label, value in labels.items() if f" {label} " in words}
    return labels.get(fold(said)) or (found.pop() if len(found) == 1 else None)


def _several(values: list[str], said: str) -> list[str]:
    """ "2 và 5": the numbers of several choices; "none" does not go with another."""
    words = [w for w in fold(said).split() if w not in ("va", "so", "and")]
    if not words or not all(w.isascii() and w.isdigit() and 1 <= int(w[:3]) <= len(values) for w in words):
        return []
    chosen = [values[int(w) - 1] for w in words]
    return [v for v in chosen if v != "none"] or chosen


def _number(question: Question, said: str, talk: Talk) -> Parsed:
    if question.fact == "age":
        year = slots.birth_year(said, this_year=talk.world.today.year)
        found = talk.world.today.year - year if year else None
    else:
        found = slots.distance_km(said) if question.fact == "distance_km" else None
    number = slots.number(said) if found is None else found
    if number is None:
        return Refused()
    low, high = question.low, question.high
    if (low is not None and number < low) or (high is not None and number > high):
        return Refused(text_of(question.hint, talk) if question.hint else "")
    return Accepted(number)
