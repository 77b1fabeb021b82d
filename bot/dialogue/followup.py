"""Messages after a registration that nobody asked for just then: the class is near, how is work going. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue.parking import keep
from bot.frozen import replace
from bot.i18n import Language
from bot.model import Choice, Course, Reply, Session

SURVEY = "survey"  # the consent's purpose
# Kept with every answer: change it whenever a word of follow.ask in locales/*/follow.toml changes.
TEXT_VERSION = "2026-11-28.survey"
KIND = "after"  # what its choices begin with: after:<what>:<receipt>[:<month>]
SURVEYED = "surveyed"  # the fact: [receipt, month, day] of the survey sent last and not answered
MONTHS = {"survey_1m": 1, "survey_3m": 3, "survey_6m": 6}
TALKING = timedelta(minutes=15)  # somebody who is filling in a form is not interrupted
BUSY_FOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Names:
    """What a message calls things by."""

    receipt: str
    person: str
    commune: str
    trade: str


def message(say: Language, kind: str, names: Names, course: Course | None) -> Reply:
    """The message of a kind, with what can be tapped under it."""
    if kind in MONTHS:
        return question(say, names, MONTHS[kind])
    if kind == "survey_ask":
        return _may_we_ask(say, names)
    assert course is not None  # noqa: S101 - only a lead with a class is reminded
    return _reminder(say, kind, names, course)


def _reminder(say: Language, kind: str, names: Names, course: Course) -> Reply:
    lines = [say.say("follow.tomorrow" if kind == "class_1d" else "follow.soon", name=names.person, title=course.title)]
    if course.starts_on:
        lines.append(say.say("follow.when", day=say.day(course.starts_on)))
    if course.schedule:
        lines.append(say.say("follow.hours", hours=course.schedule))
    if course.place:
        lines.append(say.say("follow.where", place=course.place))
    if course.map_url:
        lines.append(course.map_url)
    lines.append(say.say("follow.bring"))
    choices = (
        _choice(say, "come", names, "follow.come"),
        _choice(say, "cannot", names, "follow.cannot"),
        Choice("act:paper", say.say("paper.offer")),
        Choice("topic:documents", say.say("topic.documents")),
    )
    return Reply("\n".join(lines), choices)


def _may_we_ask(say: Language, names: Names) -> Reply:
    text = say.say("follow.ask", name=names.person, trade=names.trade, commune=_within(names.commune))
    yes, no = _choice(say, "agree", names, "follow.agree"), _choice(say, "refuse", names, "follow.refuse")
    return Reply(text, (yes, no))


def question(say: Language, names: Names, month: int) -> Reply:
    """ "Có việc chưa?", one tap."""
    text = say.say("follow.works", name=names.person, trade=names.trade, months=month)
    asked = [("yes", "follow.yes"), ("no", "follow.no")]
    choices = [_choice(say, f"{what}:{month}", names, key) for what, key in asked]
    return Reply(text, (*choices, _choice(say, "refuse", names, "follow.no_more")))


def _choice(say: Language, what: str, names: Names, key: str) -> Choice:
    act, _, month = what.partition(":")
    return Choice(":".join(filter(None, (KIND, act, names.receipt, month))), say.say(key))


def _within(name: str) -> str:
    return name[:1].lower() + name[1:]


def told(session: Session, reply: Reply, now: datetime) -> Session:
    """The talk after such a message went out: its choices are the ones offered; an unfinished registration is kept."""
    parked = keep(session.form) or session.parked
    asked = next((c.value.split(":") for c in reply.choices if c.value.startswith(f"{KIND}:yes:")), None)
    facts = {**session.facts, SURVEYED: [asked[2], int(asked[3]), now.date().isoformat()]} if asked else session.facts
    return replace(session, form=None, parked=parked, offered=reply.choices, facts=facts, greeted=True)


def busy(session: Session, now: datetime) -> bool:
    """Whether the person is in the middle of something: a form taken up lately, any message just now, or a survey of
    today about somebody else, whose answer could not be told from this one's.
    """
    asked = session.facts.get(SURVEYED)
    if asked and asked[-1] == now.date().isoformat():
        return True
    if not session.last_at:
        return False
    idle = now - datetime.fromisoformat(session.last_at)
    return idle < (BUSY_FOR if session.form is not None else TALKING)
