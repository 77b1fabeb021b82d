"""What people read: the message as each channel shows it, the village group's text, the loudspeaker's. Pure."""

from collections.abc import Callable

from bot.i18n import Language
from bot.model import Choice, Course, Reply
from bot.store.announcement_port import Announcement

MOST_TEXT = 900  # characters an officer may write: it stays one message on every channel
Name = Callable[[str], str]


def of_class(course: Course, commune: str, say: Language) -> str:
    """What an announcement of a class says unless the officer writes otherwise."""
    lines = [say.say("announce.class", title=course.title, commune=commune)]
    if course.starts_on:
        lines.append(say.say("announce.starts", day=say.day(course.starts_on)))
    if course.schedule:
        lines.append(say.say("announce.schedule", schedule=course.schedule))
    lines.append(say.say("announce.place", place=course.place))
    if course.seats:
        lines.append(say.say("announce.seats", seats=course.seats))
    if course.deadline:
        lines.append(say.say("announce.deadline", day=say.short_day(course.deadline)))
    if course.map_url:
        lines.append(say.say("course.map", address=course.map_url))
    if course.demonstration:
        lines.append(say.say("course.demonstration"))
    return "\n".join(lines)


def last_seats(course: Course, commune: str, free: int, say: Language) -> str:
    """The reminder when a class has seats left shortly before its deadline."""
    until = say.short_day(course.deadline) if course.deadline else ""
    return say.say("announce.last_seats", title=course.title, commune=commune, free=free, until=until)


def message(one: Announcement, say: Language, picture: str = "") -> Reply:
    """The message: the officer's words, how to have none of these any more, the button.

    The button of a class registers for it; that of a trade for the trade. There is none to stop by: such a button is
    tapped by accident, and then there is silence.
    """
    text = f"{one.text}\n\n{say.say('announce.stop')}"
    return Reply(text, buttons(one, say), picture or None)


def buttons(one: Announcement, say: Language) -> tuple[Choice, ...]:
    """What can be tapped under it."""
    return (Choice(offer(one), say.say("announce.register" if one.course or one.trade else "announce.ask")),)


def offer(one: Announcement) -> str:
    """The value of its button, which "1" means on a channel without buttons."""
    if one.course:
        return f"course:{one.course}@{one.id}"
    return f"trade:{one.trade}@{one.id}" if one.trade else f"menu:@{one.id}"


def for_the_group(one: Announcement, say: Language, ways: tuple[tuple[str, str], ...]) -> str:
    """A text for the village's own group: the same, and how to register (channel, address)."""
    lines = [one.text, "", say.say("announce.group_how")]
    lines += [f"• {say.say(f'desk.channel.{name}')}: {address}" for name, address in ways]
    lines.append(say.say("announce.group_officer"))
    return "\n".join(lines)


def aloud(one: Announcement, course: Course | None, commune: str, say: Language) -> str:
    """A script for the loudspeaker: short sentences, the class and its day said twice, no address to type."""
    if course is None:
        return say.say("announce.aloud_text", commune=commune, text=one.text)
    parts = [say.say("announce.aloud_open", commune=commune)]
    said = [say.say("announce.aloud_class", title=course.title)]
    if course.starts_on:
        said.append(say.say("announce.aloud_starts", day=say.day(course.starts_on)))
    if course.schedule:
        said.append(say.say("announce.aloud_schedule", schedule=course.schedule))
    said.append(say.say("announce.aloud_place", place=course.place))
    if course.deadline:
        said.append(say.say("announce.aloud_deadline", day=say.day(course.deadline)))
    parts += [" ".join(said), say.say("announce.aloud_how"), say.say("announce.aloud_again"), " ".join(said)]
    parts.append(say.say("announce.aloud_end"))
    return "\n\n".join(parts)
