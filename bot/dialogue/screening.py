"""The eligibility interview: only what can still change an outcome; the officer decides, never the assistant."""

from bot.dialogue import form, interview
from bot.dialogue.answering import cited, step_choice
from bot.dialogue.fields import Form, Values
from bot.dialogue.interview import text_of
from bot.dialogue.world import Talk
from bot.effects import Effect, LeadDetailed
from bot.model import Choice, Reply, Turn
from intents.normalise import fold
from knowledge.dated import COMMUNE_DIGITS
from knowledge.eligibility import DONT_KNOW, Outcome

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
    known = {k: v for k, v in known.items() if v != DONT_KNOW}
    if interview.asked_for(talk.session.topic, talk):
        known[interview.TOPIC] = talk.session.topic
    return form.start(FORM, talk, known, before=(talk.reply("screening.intro"),))


def _area(talk: Talk) -> str:
    """Xã, phường or đặc khu, by the name of the commune that the person said; where they sit proves nothing."""
    code = str(talk.session.facts.get("commune_code") or "")
    name = fold(talk.world.commune_name(code)) if len(code) == COMMUNE_DIGITS else ""
    return next((kind.replace(" ", "_") for kind in ("xa", "phuong", "dac khu") if name.startswith(kind + " ")), "")


def _finish(values: Values, talk: Talk) -> Turn:
    outcomes = interview.outcomes(values, talk)
    shown = [o for o in outcomes if o.verdict != "unlikely"] or list(outcomes[:1])
    if not shown:
        ways = (talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("screening.nothing", *ways), form=None)
    best, others = shown[0], [o for o in shown[1:] if not o.alternative and o.concerns]
    parts = [_outcome_text(best, talk)]
    if others:
        names = "; ".join(text_of(o.title, talk) for o in others[:3])
        parts.append(talk.say.say("screening.others", names=names))
    if unsure := [o for o in shown[1:] if not o.concerns]:
        names = "; ".join(text_of(o.title, talk) for o in unsure[:3])
        parts.append(talk.say.say("screening.unsure", names=names))
    parts.append(talk.say.say("screening.officer_decides"))
    kept = {"screening": _for_the_list(outcomes, talk), "screened_on": talk.world.today.isoformat()}
    receipt = talk.session.facts.get("last_receipt")
    effects: tuple[Effect, ...] = (LeadDetailed(str(receipt), kept),) if receipt else ()
    facts = {
        **talk.session.facts,
        "screened": {k: v for k, v in interview.said_of(values).items() if k != "area"},
        "screening": kept,
    }
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
    lines = [say(f"screening.{outcome.verdict}", benefit=text_of(outcome.title, talk))]
    if outcome.reasons:
        reasons = "; ".join(text_of(r, talk) for r in outcome.reasons)
        lines.append(say("screening.because", reasons=reasons))
    if outcome.verdict != "unlikely":
        lines += [
            say("screening.amount", label=text_of(a.label, talk), value=talk.say.value(a.unit, a.value))
            for a in outcome.amounts
        ]
    lines += [text_of(r, talk) for r in outcome.remarks]
    if outcome.verdict == "likely":
        lines.append(say("screening.papers", papers="; ".join(text_of(p, talk) for p in outcome.papers)))
        lines.append(say("screening.hand_in", where=text_of(outcome.hand_in, talk)))
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
    unsure = best.verdict == "ask_officer"
    return (*steps[:4], talk.choice("act:human_unsure" if unsure else "act:human", "menu.officer"))


FORM = Form(NAME, interview.field_of, interview.following, _finish, called={"birth_year": "age", "commune": "area"})
