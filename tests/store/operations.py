"""Random sequences of everything a store can be asked to do, and all that can be seen of it afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from store.factories import (
    COMMUNE,
    COURSE,
    DAY,
    DESK,
    NOW,
    OTHER_COMMUNE,
    PROVINCE,
    SECOND,
    consent,
    lead,
    person,
    reply,
)

from bot.effects import (
    CallBackAsked,
    Effect,
    Forgotten,
    LeadDetailed,
    LeadWithdrawn,
    MessagesStopped,
    OfficerAsked,
    PersonErased,
    QuestionUnanswered,
    SurveyAnswered,
)
from bot.model import Contact, Session
from bot.store.port import RETENTION_DAYS, Store, UnitOfWork

CONTACTS = (Contact("web", "site", "a"), Contact("web", "site", "b"), Contact("zalo", "oa", "a"))
RECEIPTS = ("HN-AAAAAA", "HN-BBBBBB", "HN-CCCCCC", "")
COMMUNES = (COMMUNE, OTHER_COMMUNE)


class Dropped(Exception):
    """The transaction is not to be kept."""


@dataclass(frozen=True)
class Step:
    """One transaction: what is done in it, how long after the one before, and whether it comes to its end."""

    name: str
    after: timedelta
    contact: Contact
    arguments: tuple[Any, ...]
    kept: bool


def play(store: Store, steps: list[Step]) -> list[Any]:
    """What each step gave, an error being its class, and what could be seen in the end."""
    given, now = [], NOW
    for step in steps:
        now += step.after
        try:
            with store.transaction() as unit:
                given.append(DOING[step.name](unit, step.contact, now, *step.arguments))
                if not step.kept:
                    raise Dropped
        except Exception as fault:  # noqa: BLE001 - both stores must give the same
            given.append(type(fault).__name__)
    return [*given, look(store, now)]


def look(store: Store, now: datetime) -> Mapping[str, Any]:
    """All that can be seen, without leaving a trace."""
    seen: dict[str, Any] = {}
    try:
        with store.transaction() as unit:
            seen["counts"] = {name: n for name, n in unit.counts().items() if name not in DESK}
            seen["leads"] = [unit.leads(code) for code in COMMUNES]
            seen["unsent"] = [unit.unsent(channel) for channel in ("web", "zalo")]
            seen["places"] = unit.served(), unit.coordinated(), unit.courses(), dict(unit.retention())
            seen["phones"] = [unit.registrations_since(NOW, phone=person(n).phone) for n in (1, 2, 3)]
            for contact in CONTACTS:
                seen[repr(contact)] = _of_contact(unit, contact, now)
            raise Dropped
    except Dropped:
        return seen


def _of_contact(unit: UnitOfWork, contact: Contact, now: datetime) -> tuple[Any, ...]:
    talk = unit.messages(contact)
    number = unit.lock(contact, now)
    again = [unit.replies_to(number, update) for update in ("u1", "u2")]
    recent = unit.registrations_since(now - 2 * DAY, contact=number)
    return talk, number, again, recent, unit.leads_of(number), unit.session(number)


def _turn(unit: UnitOfWork, contact: Contact, now: datetime, update: str, said: str, answers: int) -> Any:
    number = unit.lock(contact, now)
    earlier = unit.replies_to(number, update)
    if earlier is None:
        unit.remember(number, update, said, now)
        unit.save_session(number, replace(unit.session(number) or Session(), topic=said, misses=answers), now)
        earlier = unit.queue(number, update, [reply(f"{said} {i}", "Có") for i in range(answers)], now)
    return earlier


def _happen(unit: UnitOfWork, contact: Contact, now: datetime, effects: list[Effect]) -> Any:
    number = unit.lock(contact, now)
    for effect in effects:
        unit.apply(number, effect, now)
    return number, unit.leads_of(number)


def _send(unit: UnitOfWork, contact: Contact, now: datetime, most: int) -> Any:
    sent = [m.id for m in unit.unsent(contact.channel)[:most]]
    unit.mark_sent(sent, now)
    return sent


DOING: Mapping[str, Callable[..., Any]] = {
    "turn": _turn,
    "happen": _happen,
    "send": _send,
    "serve": lambda unit, _contact, now, code: unit.serve(code, now),
    "course": lambda unit, _contact, _now, course: unit.save_course(course),
    "keep": lambda unit, _contact, _now, kind, days: unit.set_retention(kind, days),
    "retire": lambda unit, _contact, now: dict(unit.retire(now)),
}

_people = st.builds(
    lambda n, commune, relation, hamlet: person(n, commune=commune, helper_relation=relation, hamlet=hamlet),
    st.integers(1, 3),
    st.sampled_from(COMMUNES),
    st.sampled_from(("", "helper")),
    st.sampled_from(("", "Thôn Ví Dụ")),
)
_receipts = st.sampled_from(RECEIPTS)
_leads = st.builds(
    lambda receipt, who, trade, served: lead(receipt, who, trade=trade, served=served),
    st.sampled_from(RECEIPTS[:3]),
    _people,
    st.sampled_from(("may", "nau-an", "")),
    st.booleans(),
)
_details = st.dictionaries(st.sampled_from("ab"), st.integers(0, 2) | st.none(), max_size=2)
_effects: st.SearchStrategy[Effect] = st.one_of(
    _leads,
    _leads,
    st.builds(
        LeadDetailed, _receipts, st.dictionaries(st.sampled_from("ab"), st.integers(0, 2) | st.none(), max_size=2)
    ),
    st.builds(LeadWithdrawn, _receipts),
    st.builds(SurveyAnswered, _receipts, st.sampled_from((1, 3)), st.booleans(), st.sampled_from(("", "may"))),
    st.builds(consent, st.sampled_from(("list", "forward")), st.booleans(), _receipts),
    st.builds(CallBackAsked, st.sampled_from(("0900000001", "0900000002"))),
    st.builds(OfficerAsked, st.just("asked"), st.sampled_from(("", "Gọi tôi")), st.sampled_from(COMMUNES)),
    st.builds(QuestionUnanswered, st.just("nuôi ong"), st.just("unknown")),
    st.builds(MessagesStopped, st.booleans()),
    st.sampled_from((PersonErased(), Forgotten())),
)
_courses = st.builds(
    lambda name, day, state: replace(COURSE, id=name, starts_on=day, state=state),
    st.sampled_from("abc"),
    st.sampled_from((None, NOW.date(), (NOW + DAY).date())),
    st.sampled_from(("open", "done", "cancelled")),
)


def _steps(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    waits = (0 * DAY, SECOND, DAY, 16 * DAY, 31 * DAY, 400 * DAY)
    return st.builds(
        Step,
        st.just(name),
        st.sampled_from(waits),
        st.sampled_from(CONTACTS),
        st.tuples(*arguments),
        st.sampled_from((True, True, True, False)),
    )


STEPS = st.lists(
    st.one_of(
        _steps("turn", st.sampled_from(("u1", "u2", "u3")), st.sampled_from(("", "chào em")), st.integers(0, 2)),
        _steps("happen", st.lists(_effects, min_size=1, max_size=4)),
        _steps("happen", st.lists(_effects, min_size=1, max_size=4)),
        _steps("send", st.integers(0, 2)),
        _steps("serve", st.sampled_from((COMMUNE, OTHER_COMMUNE, PROVINCE))),
        _steps("course", _courses),
        _steps("keep", st.sampled_from((*RETENTION_DAYS, "songs")), st.sampled_from((1, 20, 500))),
        _steps("retire"),
    ),
    min_size=4,
    max_size=16,
)
