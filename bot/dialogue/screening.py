"""The eligibility interview: only what can still change an outcome; the officer decides, never the assistant."""

from collections.abc import Mapping

from bot.dialogue import form
from bot.dialogue.answering import cited, filled, step_choice
from bot.dialogue.fields import Accepted, Field, Form, Parsed, Refused, Values, answers
from bot.dialogue.person_fields import unsure
from bot.dialogue.world import Talk
from bot.model import Choice, Effect, LeadDetailed, Reply, Turn
from intents import slots
from intents.normalise import fold
from knowledge.answers import in_language
from knowledge.dated import Text
from knowledge.eligibility import DONT_KNOW, Outcome, Question, next_question, screen

NAME = "screening"
NAMED = "training"  # the purpose of a benefit that the list tells of


def begin(talk: Talk) -> Turn:
    """Ask the first question, with what was already said filled in."""
    facts = talk.session.facts
    known: dict[str, object] = dict(facts.get("screened") or {})
    if facts.get("age"):
        known["age"] = facts["age"]
    if facts.get("household_type"):
        known["household"] = facts["household_type"]
    area = _area(talk)
    if area:
        known["area"] = area
    return form.start(
        FORM, talk, {k: v for k, v in known.items() if v != DONT_KNOW}, before=(talk.reply("screening.intro"),)
    )


def _area(talk: Talk) -> str:
    """Xã, phường or đặc khu, by the name of the commune that the person said; where they sit proves nothing."""
    code = str(talk.session.facts.get("commune_code") or "")
    name = fold(talk.world.commune_name(code)) if len(code) == 5 else ""
    return next((kind.replace(" ", "_") for kind in ("xa", "phuong", "dac khu") if name.startswith(kind + " ")), "")


def _question(values: Values, talk: Talk) -> Question | None:
    return next_question(values, where=talk.where, on=talk.world.today, catalogue=talk.world.knowledge)


def _text(text: Text, talk: Talk) -> str:
    return filled(in_language(text, talk.say.code), talk)


def _field(question: Question) -> Field:
    def ask(_values: Values, talk: Talk) -> Reply:
        labels = {c.value: _text(c.label, talk) for c in question.choices}
        labels[DONT_KNOW] = talk.say.say("form.dont_know")
        return Reply(_text(question.text, talk), answers(labels))

    def easier(_values: Values, talk: Talk) -> Reply:
        return Reply(_text(question.easier, talk), ask({}, talk).choices)

    def parse(said: str, _values: Values, talk: Talk) -> Parsed:
        return _parse(question, said, talk)

    return Field(
        question.fact, ask, parse, easier=easier if question.easier else None, optional=True, skipped=DONT_KNOW
    )


def _parse(question: Question, said: str, talk: Talk) -> Parsed:
    if said == DONT_KNOW or unsure(said):
        return Accepted(DONT_KNOW)
    values = [c.value for c in question.choices]
    labels = {fold(_text(c.label, talk)): c.value for c in question.choices}
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
        return Refused(_text(question.hint, talk) if question.hint else "")
    return Accepted(number)


def _field_of(field_id: str, values: Values, talk: Talk) -> Field | None:
    question = _question({k: v for k, v in values.items() if k != field_id}, talk)
    return _field(question) if question is not None and question.fact == field_id else None


def _following(values: Values, talk: Talk) -> Field | None:
    question = _question(values, talk)
    return _field(question) if question else None


def _finish(values: Values, talk: Talk) -> Turn:
    outcomes = screen(values, where=talk.where, on=talk.world.today, catalogue=talk.world.knowledge)
    shown = [o for o in outcomes if o.verdict != "unlikely"] or list(outcomes[:1])
    if not shown:
        ways = (talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("screening.nothing", *ways), form=None)
    best, others = shown[0], [o for o in shown[1:] if not o.alternative]
    parts = [_outcome_text(best, talk)]
    if others:
        names = "; ".join(_text(o.title, talk) for o in others[:3])
        parts.append(talk.say.say("screening.others", names=names))
    parts.append(talk.say.say("screening.officer_decides"))
    kept = {"screening": _for_the_list(outcomes, talk), "screened_on": talk.world.today.isoformat()}
    receipt = talk.session.facts.get("last_receipt")
    effects: tuple[Effect, ...] = (LeadDetailed(str(receipt), kept),) if receipt else ()
    facts = {**talk.session.facts, "screened": {k: v for k, v in values.items() if k != "area"}, "screening": kept}
    if isinstance(values.get("age"), int):
        facts["age"] = values["age"]
    reply = Reply("\n".join(parts), _steps(best, talk, registered=bool(receipt)))
    return talk.turn(reply, effects=effects, form=None, facts=facts, topic=best.topic)


def _for_the_list(outcomes: tuple[Outcome, ...], talk: Talk) -> dict[str, str]:
    """What the officer sees: support for training alone (a loan for released prisoners would tell of a sentence)."""
    training = {
        b.id for b in talk.world.knowledge.benefits(where=talk.where, on=talk.world.today) if b.purpose == NAMED
    }
    return {o.benefit: o.verdict for o in outcomes if o.benefit in training}


def _outcome_text(outcome: Outcome, talk: Talk) -> str:
    say = talk.say.say
    lines = [say(f"screening.{outcome.verdict}", benefit=_text(outcome.title, talk))]
    if outcome.reasons:
        reasons = "; ".join(_text(r, talk) for r in outcome.reasons)
        lines.append(say("screening.because", reasons=reasons))
    if outcome.verdict != "unlikely":
        lines += [
            say("screening.amount", label=_text(a.label, talk), value=talk.say.value(a.unit, a.value))
            for a in outcome.amounts
        ]
    lines += [_text(r, talk) for r in outcome.remarks]
    if outcome.verdict == "likely":
        lines.append(say("screening.papers", papers="; ".join(_text(p, talk) for p in outcome.papers)))
        lines.append(say("screening.hand_in", where=_text(outcome.hand_in, talk)))
    if outcome.confidence == "V3":
        lines.append(say("answer.officer_confirms"))
    lines.append(say("answer.basis", sources=cited(outcome.basis, talk)))
    return "\n".join(lines)


def _steps(best: Outcome, talk: Talk, *, registered: bool) -> tuple[Choice, ...]:
    steps = [step_choice(topic, talk) for topic in best.see[:2]]
    if not registered and best.verdict != "unlikely":
        steps.insert(0, step_choice("register", talk))
    if best.topic and best.topic not in best.see:
        steps.append(Choice(f"topic:{best.topic}", talk.say.say("menu.read_more")))
    return (*steps[:4], step_choice("human", talk))


FORM = Form(NAME, _field_of, _following, _finish, called={"birth_year": "age", "commune": "area"})
