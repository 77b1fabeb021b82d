"""Take a talk, answer, close it, let it go by itself: each within one transaction, the person told each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dialogue.beside import BACK, CLOSED_TOLD
from bot.dialogue.office_hours import OfficeHours
from bot.dialogue.parking import RESUME
from bot.i18n import language
from bot.model import Choice, Reply
from bot.store.inbox_port import Waiting
from bot.store.port import StoredMessage
from bot.store.sql_inbox import BY_OFFICER, SqlInbox

PATIENCE = timedelta(hours=4)  # working hours without a word of the officer's: the assistant has the talk again
MOST_TEXT = 1500  # characters of an officer's message: Zalo takes 2,000 with what stands around it
Messages = tuple[StoredMessage, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: messages for the channels, or the officer (by number) who has the talk."""

    messages: Messages = ()
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where officers stand: the hours they work, a commune's name, its province's code, the desk's address ("")."""

    office: OfficeHours
    commune: Callable[[str], str]
    province: Callable[[str], str]
    desk_url: str = ""

    def who(self, commune: str, code: str) -> str:
        """ "Cán bộ xã Đầm Hà"; the officer has no name here."""
        say = language(code).say
        if not commune:
            return say("inbox.officer")
        name = self.commune(commune)
        return say("inbox.officer_of", commune=name[:1].lower() + name[1:])


def take(inbox: SqlInbox, counter: Counter, waiting: Waiting, officer: int, now: datetime) -> Outcome:
    """From now on the talk is this officer's. Taken already by the same one: nothing is said again."""
    if waiting.owner == officer:
        return Outcome()
    if not inbox.take(waiting, officer, counter.office.after(now, PATIENCE), now):
        return Outcome(other=inbox.owner(waiting.contact, now))
    code = inbox.session(waiting.contact).language
    say = language(code).say
    told = Reply(say("inbox.taken", who=counter.who(waiting.commune, code)), (_back(code),))
    once = f"inbox-taken-{_stamp(now)}"
    return Outcome(tuple(inbox.say(waiting.contact, once, told, now, park=True, **_here_now(counter, now))))


def answer(inbox: SqlInbox, counter: Counter, waiting: Waiting, word: "Word", now: datetime) -> Outcome:
    """The officer's words to the person; a talk that nobody has is taken with them. The same word twice goes once."""
    code = inbox.session(waiting.contact).language
    say, who = language(code).say, counter.who(waiting.commune, code)
    until = counter.office.after(now, PATIENCE)
    no_choices: tuple[Choice, ...] = ()
    text, choices = say("inbox.says", who=who, text=word.text), no_choices
    if waiting.owner != word.officer:
        if not inbox.take(waiting, word.officer, until, now):
            return Outcome(other=inbox.owner(waiting.contact, now))
        text = f"{say('inbox.taken_and', who=who)}\n{word.text}"
        choices = (_back(code),)
    once = f"{BY_OFFICER}{word.officer}-{word.once}"[:80]
    sent = inbox.say(waiting.contact, once, Reply(text, choices), now, park=True, **_here_now(counter, now))
    if not inbox.extend(waiting.contact, word.officer, until, now):
        return Outcome(other=inbox.owner(waiting.contact, now))
    return Outcome(tuple(sent))


@dataclass(frozen=True, slots=True)
class Word:
    """What an officer wrote; `once` makes it go once, however often the button is pressed."""

    officer: int
    text: str
    once: str


def close(inbox: SqlInbox, counter: Counter, waiting: Waiting, officer: int, now: datetime) -> Outcome:
    """Dealt with: the assistant has the talk again. One that somebody else has stays theirs."""
    if waiting.owner is not None and waiting.owner != officer:
        return Outcome(other=waiting.owner)
    inbox.close(waiting, officer, now)
    if waiting.owner is None:  # by telephone, say: the assistant was never silent
        return Outcome()
    inbox.release(waiting.contact, now, "officer", closing=True)
    code = inbox.session(waiting.contact).language
    told = language(code).say("inbox.closed", who=counter.who(waiting.commune, code))
    reply = Reply(told, _ways_on(inbox, waiting.contact, code))
    return Outcome(tuple(inbox.say(waiting.contact, f"inbox-closed-{_stamp(now)}", reply, now)))


def lapse(inbox: SqlInbox, now: datetime) -> Messages:
    """Talks whose officer was silent for too long go back to the assistant; each person is told."""
    told: list[StoredMessage] = []
    for contact in inbox.lapsed(now):
        inbox.release(contact, now, "timer")
        code = inbox.session(contact).language
        reply = Reply(language(code).say("inbox.back_timer"), _ways_on(inbox, contact, code))
        told += inbox.say(contact, f"inbox-back-{_stamp(now)}", reply, now)
    return tuple(told)


def _here_now(counter: Counter, now: datetime) -> dict[str, str]:
    """An officer who writes out of hours is there: nobody is told meanwhile that the office is closed."""
    return {CLOSED_TOLD: counter.office.next_open(now).isoformat(timespec="minutes")}


def _ways_on(inbox: SqlInbox, contact: int, code: str) -> tuple[Choice, ...]:
    say = language(code).say
    ways = (Choice("menu:", say("menu.ask")), Choice("act:human", say("menu.officer")))
    resume = (Choice(RESUME, say("form.resume")),) if inbox.session(contact).parked else ()
    return (*resume, *ways)


def _back(code: str) -> Choice:
    return Choice(BACK, language(code).say("inbox.ask_assistant"))


def _stamp(now: datetime) -> str:
    """Once a moment: a talk is not taken and closed twice within the same microsecond."""
    return f"{now.timestamp():.6f}"
