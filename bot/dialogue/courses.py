"""Classes from live data: which open soon near this person."""

from datetime import date

from bot.dialogue.world import Talk
from bot.model import COURSE_JOINABLE, Course

POSTERS = "/posters/"  # where `bot.desk.sharing` shows them
MOST = 4


def near(talk: Talk) -> tuple[Course, ...]:
    """Classes that can be joined: of this commune, else of its province, else of any served commune; soonest first.

    The trade spoken of last narrows them when there is a class in it.
    """
    joinable = [c for c in talk.world.courses if c.state in COURSE_JOINABLE and not _late(c, talk.world.today)]
    province = talk.where.province
    for holds in (lambda c: c.commune == talk.commune, lambda c: talk.world.province_of(c.commune) == province):
        if talk.commune and any(holds(c) for c in joinable):
            joinable = [c for c in joinable if holds(c)]
            break
    trade = talk.session.facts.get("trade")
    in_trade = [c for c in joinable if c.trade == trade]
    return tuple(sorted(in_trade or joinable, key=lambda c: (c.starts_on is None, c.starts_on)))[:MOST]


def described(talk: Talk) -> str:
    """The classes as text, "" when there is none to tell of."""
    found = near(talk)
    if not found:
        return ""
    trade = str(talk.session.facts.get("trade") or "")
    lines = []
    if trade and all(c.trade != trade for c in found):
        lines.append(talk.say.say("course.none_in_trade", trade=talk.world.trade_name(trade, trade)))
    lines += [talk.say.say("course.heading"), *(_line(c, talk) for c in found)]
    if any(c.demonstration for c in found):
        lines.append(talk.say.say("course.demonstration"))
    return "\n".join(lines)


def picture(talk: Talk, found: tuple[Course, ...]) -> str | None:
    """The poster's address, when one class is asked about, or classes of one trade; None when there is none.

    A channel fetches it from outside: without an address of ours only our own page can show it.
    """
    trade = talk.session.facts.get("trade")
    if len(found) > 1 and any(c.trade != trade for c in found):
        return None
    name = next((talk.world.posters[c.id] for c in found if c.id in talk.world.posters), "")
    return f"{talk.world.site}{POSTERS}{name}" if name and (talk.world.site or talk.world.shared_device) else None


def _line(course: Course, talk: Talk) -> str:
    say = talk.say
    parts = [f"• {course.title}"]
    if course.starts_on:
        parts.append(say.say("course.starts", day=say.day(course.starts_on)))
    if course.schedule:
        parts.append(course.schedule)
    parts.append(say.say("course.at", place=course.place, commune=talk.world.commune_called(course.commune)))
    if course.map_url:
        parts.append(say.say("course.map", address=course.map_url))
    if course.deadline:
        parts.append(say.say("course.deadline", day=say.short_day(course.deadline)))
    return "; ".join(parts)


def _late(course: Course, today: date) -> bool:
    return bool((course.deadline and course.deadline < today) or (course.starts_on and course.starts_on < today))
