"""Was it useful? After an answer, once a day at most, two buttons; and what came after each answer, in numbers."""

from datetime import datetime, timedelta

from bot.dialogue import handover
from bot.dialogue.answering import menu
from bot.dialogue.world import Talk
from bot.effects import (
    AnswerFollowed,
    AnswerJudged,
    AnswerShown,
    ConsentGiven,
    LeadRegistered,
    OfficerAsked,
    QuestionUnanswered,
)
from bot.frozen import replace
from bot.model import Choice, Turn

ASKED_ON, ASKED_OF, LAST = "useful_on", "useful_of", "useful_last"  # facts of the session
SITTING = timedelta(minutes=30)  # what comes later follows from nothing
YES, NO = "useful:yes:", "useful:no:"
# What a turn led to, where it was no further answer; the first that fits counts.
_LED_TO = ((LeadRegistered, "registered"), (OfficerAsked, "ticket"), (QuestionUnanswered, "unanswered"))


def noted(turn: Turn, talk: Talk, last_at: str) -> Turn:
    """The turn with what it says about answers: counted, and asked about at the end of a free answer.

    `last_at`: when the message before this one came, "" for the first.
    """
    shown = next((e for e in turn.effects if isinstance(e, AnswerShown)), None)
    facts = dict(turn.session.facts)
    effects = list(turn.effects)
    before = facts.pop(LAST, "")
    if before and _same_sitting(talk, last_at) and not _judging(talk):
        effects.append(AnswerFollowed(str(before), talk.commune, _next(turn, talk, shown)))
    elif before and _judging(talk):
        facts[LAST] = before
    if shown is not None:
        facts[LAST] = shown.topic
    turn = replace(turn, effects=tuple(effects), session=replace(turn.session, facts=facts))
    return _asking(turn, talk, shown.topic) if shown is not None else turn


def _same_sitting(talk: Talk, last: str) -> bool:
    return bool(last) and talk.world.now - datetime.fromisoformat(last) <= SITTING


def _judging(talk: Talk) -> bool:
    chosen = talk.incoming.choice or ""
    picked = {c.value for c in talk.session.offered if c.label == talk.text}
    return any(v.startswith((YES, NO)) for v in (chosen, *picked))


def _next(turn: Turn, talk: Talk, shown: AnswerShown | None) -> str:
    if shown is not None:
        return "more" if (talk.incoming.choice or "").startswith("more:") else shown.topic
    for kind, word in _LED_TO:
        if any(isinstance(e, kind) for e in turn.effects):
            return word
    form = turn.session.form
    if form is not None and talk.session.form is None:
        return form.name
    if any(isinstance(e, ConsentGiven) for e in turn.effects):
        return "consent"
    return "other"


def _asking(turn: Turn, talk: Talk, topic: str) -> Turn:
    today = talk.world.today.isoformat()
    facts = turn.session.facts
    if turn.session.form is not None or facts.get(ASKED_ON) == today or not turn.replies:
        return turn
    last = turn.replies[-1]
    two = (Choice(YES + topic, talk.say.say("useful.yes")), Choice(NO + topic, talk.say.say("useful.no")))
    asked = replace(last, text=f"{last.text}\n{talk.say.say('useful.ask')}", choices=(*last.choices, *two))
    session = replace(turn.session, facts={**facts, ASKED_ON: today, ASKED_OF: topic})
    return replace(turn, replies=(*turn.replies[:-1], asked), session=session)


def judged(rest: str, talk: Talk) -> Turn:
    """ "yes:<topic>" or "no:<topic>": kept once; "chưa" leads to the officer."""
    verdict, _, topic = rest.partition(":")
    facts = {k: v for k, v in talk.session.facts.items() if k != ASKED_OF}
    fresh = bool(topic) and talk.session.facts.get(ASKED_OF) == topic
    talk = replace(talk, session=replace(talk.session, facts=facts))
    if verdict == "no":
        turn = handover.begin(talk, reason="not_useful")
    else:
        turn = talk.turn(talk.reply("useful.thanks", *menu(talk)), misses=0)
    effect = (AnswerJudged(topic, talk.commune, verdict == "yes"),) if fresh else ()
    return replace(turn, effects=(*effect, *turn.effects))
