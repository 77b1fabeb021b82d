"""A topic's answer: short text, more on request, the source, next steps; classes from live data."""

import re
from collections.abc import Iterable

from bot.dialogue import courses, offices
from bot.dialogue.world import Talk
from bot.effects import AnswerShown
from bot.frozen import replace
from bot.model import Choice, Reply, Turn
from knowledge.answers import Answer, in_language
from knowledge.dated import Entry, Parameter, Source
from knowledge.directory import Superseded

LIVE = frozenset({"course_list", "course_specific", "schedule", "location"})
MOST_CHOICES = 4
MOST_SOURCES = 3
# What a next step of an answer may name beside a topic: value and label of its choice.
ACTS = {
    "screen": ("form:screening", "menu.screening"),
    "register": ("form:registration", "menu.register"),
    "human": ("act:human", "menu.officer"),
    "menu": ("menu:", "menu.ask"),
}
_ARTICLE = re.compile(r"Điều \d+\w?")  # clauses and points stay in the data: a person asks for the article


def answer(topic: str, talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """The short answer with its legal basis and what can be done next."""
    known = talk.world.knowledge.answer(topic, where=talk.where, on=talk.world.today)
    if known is None:
        return replace(talk.turn(*before, talk.reply("menu.unknown_topic", *menu(talk))), decision="unanswered")
    text = filled(in_language(known.short, talk.say.code), talk)
    live = courses.described(talk) if topic in LIVE else ""
    if live:  # the commune's own word: no article of law stands behind a class
        shown = Reply(live, _next_steps(known, talk), courses.picture(talk, courses.near(talk)))
        return _answered(talk.turn(*before, shown, topic=topic, misses=0), talk)
    parts = [text]
    if topic == "contact_officer" and (office := offices.told(talk)):
        parts.append(office)
    if known.officer or known.confidence == "V3":
        parts.append(talk.say.say("answer.officer_confirms" if known.confidence == "V3" else "answer.not_certain"))
    if basis := cited(known.short_sources, talk):
        parts.append(talk.say.say("answer.basis", sources=basis))
    reply = Reply("\n".join(parts), _next_steps(known, talk))
    return _answered(talk.turn(*before, reply, topic=topic, misses=0), talk)


def _answered(turn: Turn, talk: Talk) -> Turn:
    """What the figures count, and what is asked about later: was it useful?"""
    shown = AnswerShown(turn.session.topic, talk.commune)
    return replace(turn, decision="answered", about=turn.session.topic, effects=(*turn.effects, shown))


def replaced(old: Superseded, talk: Talk) -> Turn:
    """A programme, law or office of the past: what replaced it, then the answer of today."""
    text = filled(in_language(old.text, talk.say.code), talk)
    basis = cited(old.sources, talk)
    told = Reply(f"{text}\n{talk.say.say('answer.basis', sources=basis)}" if basis else text)
    turn = answer(old.topic, talk)
    first, *others = turn.replies
    return replace(turn, replies=(Reply(f"{told.text}\n{first.text}", first.choices), *others))


def also_asked(turn: Turn, topics: tuple[str, ...], talk: Talk) -> Turn:
    """The second question of the same message as the first choice under the answer to the first one."""
    if not topics or not turn.replies or turn.session.form is not None:
        return turn
    second = talk.choice(f"topic:{topics[0]}", "menu.also_asked", topic=talk.say.say(f"topic.{topics[0]}"))
    last = turn.replies[-1]
    others = tuple(c for c in last.choices if c.value != second.value)
    return replace(turn, replies=(*turn.replies[:-1], replace(last, choices=(second, *others))))


def more(topic: str, talk: Talk) -> Turn:
    """The longer text, where there is one."""
    known = talk.world.knowledge.answer(topic, where=talk.where, on=talk.world.today)
    if known is None or not known.more:
        return answer(topic, talk)
    text = filled(in_language(known.more, talk.say.code), talk)
    basis = cited(known.sources, talk)
    text = f"{text}\n{talk.say.say('answer.basis', sources=basis)}" if basis else text
    steps = tuple(c for c in _next_steps(known, talk) if not c.value.startswith("more:"))
    return talk.turn(Reply(text, steps), topic=topic, misses=0)


def filled(text: str, talk: Talk) -> str:
    """The text with its dated values and laws put in, for this person's place and today."""

    def render(parameter: Parameter, entry: Entry) -> str:
        return talk.say.value(parameter.unit, entry.value)

    return talk.world.knowledge.fill(text, render, where=talk.where, on=talk.world.today, language=talk.say.code)


def cited(sources: Iterable[Source], talk: Talk) -> str:
    """ "NĐ 338/2025/NĐ-CP Điều 25, Điều 26; Luật …": whole articles gathered by law, the first few laws."""
    by_law: dict[str, dict[str, None]] = {}
    for source in sources:
        by_law.setdefault(source.law, {}).update(dict.fromkeys(_ARTICLE.findall(source.article)))
    cites = [f"{talk.world.knowledge.law(law).citation} {', '.join(a)}".strip() for law, a in by_law.items()]
    return "; ".join(cites[:MOST_SOURCES])


def _next_steps(known: Answer, talk: Talk) -> tuple[Choice, ...]:
    """More, then what the answer names, then the officer; never an empty list."""
    choices = [Choice(f"more:{known.topic}", talk.say.say("menu.more"))] if known.more else []
    for step in known.next:
        if step == "human":
            continue
        choices.append(step_choice(step, talk))
    officer = talk.choice("act:human", "menu.officer")
    return (*choices[:MOST_CHOICES], officer) if choices else (talk.choice("menu:", "menu.ask"), officer)


def step_choice(step: str, talk: Talk) -> Choice:
    """The choice that leads to a topic or act."""
    value, label = ACTS.get(step, (f"topic:{step}", f"topic.{step}"))
    return talk.choice(value, label)


def menu(talk: Talk) -> tuple[Choice, ...]:
    """The five things that most people come for."""
    return (
        talk.choice("form:screening", "menu.screening"),
        talk.choice("topic:support_tuition", "topic.support_tuition"),
        talk.choice("topic:course_list", "topic.course_list"),
        talk.choice("form:registration", "menu.register"),
        talk.choice("act:human", "menu.officer"),
    )
