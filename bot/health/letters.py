"""A letter to the administrators when something is bad for a while: once a day, and never about the mail itself."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.health.facts import Facts
from bot.health.warnings import Warned
from bot.i18n import Language
from bot.store.channel_port import ChannelStore

NAME = "health.letter"
LASTING = timedelta(minutes=10)  # shorter troubles mend themselves
APART = timedelta(days=1)
AGAIN = timedelta(hours=1)  # after one that reached nobody
NOT_BY_MAIL = frozenset({"mail"})
log = structlog.get_logger()
Post = Callable[[str, str, str], Awaitable[None]]  # (to, subject, text)
Run = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Postbox:
    """How a letter goes: `addresses` (blocking) are the administrators'; `where`: the program's address."""

    post: Post
    addresses: Callable[[], Iterable[str]]
    say: Language
    where: str


class Letters:
    """Told of every look (`Watch.after`)."""

    def __init__(self, how: Postbox, store: ChannelStore, run: Run, leads: Callable[[], bool]) -> None:
        self._how, self._store, self._run, self._leads = how, store, run, leads
        self._holder = secrets.token_hex(8)
        self._first: dict[str, datetime] = {}
        self._known: tuple[str, ...] = ()
        self._tried: datetime | None = None
        self._pause = APART
        self._task: asyncio.Task[None] | None = None

    def __call__(self, facts: Facts, found: tuple[Warned, ...]) -> None:
        """Begin a letter where one is due."""
        bad = {one.key: one for one in found if one.severity == "bad" and one.key not in NOT_BY_MAIL}
        self._first = {key: min(self._first.get(key, facts.now), facts.now) for key in bad}  # a clock may be put back
        lasting = [one for key, one in bad.items() if facts.now - self._first[key] >= LASTING]
        free = self._task is None or self._task.done()
        if free and (self._leads() or not facts.database.ok):
            self._task = asyncio.create_task(self._send(facts, lasting))

    async def _send(self, facts: Facts, lasting: list[Warned]) -> None:
        try:
            due = bool(lasting) and self._due(facts.now)
            if facts.database.ok and (due or not self._known):  # while it is away, who was known is written to
                self._known = tuple(await asyncio.to_thread(self._how.addresses))
            if not due or not self._known or not await self._mine(facts):
                return
            self._tried = facts.now
            self._pause = APART if await self._post(lasting) else AGAIN
            if self._pause == AGAIN and facts.database.ok:
                await self._run(self._give_up)
        except Exception as fault:  # noqa: BLE001 - the desk tells the same
            log.warning("the letter about the machine did not go", fault=type(fault).__name__)

    def _due(self, now: datetime) -> bool:
        """A try that lies ahead was made by a clock that ran ahead."""
        return self._tried is None or not timedelta(0) <= now - self._tried < self._pause

    async def _mine(self, facts: Facts) -> bool:
        """One process of all; while the database is away each tells for itself."""
        return not facts.database.ok or bool(await self._run(self._claim, facts.now))

    def _claim(self, now: datetime) -> bool:
        with self._store.channels() as unit:
            return unit.lease(NAME, self._holder, now, now + APART)

    def _give_up(self) -> None:
        with self._store.channels() as unit:
            unit.give_up(NAME, self._holder)

    async def _post(self, lasting: list[Warned]) -> bool:
        """To everybody; whether it went to anybody."""
        subject, text, went = self._how.say.say("health.letter.subject"), self._text(lasting), 0
        for address in self._known:
            try:
                await self._how.post(address, subject, text)
                went += 1
            except Exception as fault:  # noqa: BLE001 - one wrong address keeps nobody else from knowing
                log.warning("the letter about the machine did not go", fault=type(fault).__name__)
        if went:
            log.info("a letter about the machine went", warnings=[one.key for one in lasting])
        return went > 0

    def _text(self, lasting: list[Warned]) -> str:
        say = self._how.say
        lines = [say.say("health.letter.head", where=self._how.where), ""]
        for one in lasting:
            lines += [f"- {sentence(say, one)}", f"  {say.say('health.to_do')} {say.say(f'health.do.{one.key}')}", ""]
        return "\n".join([*lines, say.say("health.letter.tail", link=f"{self._how.where}/desk/machine")])


def sentence(say: Language, one: Warned) -> str:
    """What is the matter, in words; a channel by its name."""
    values = dict(one.values)
    if "channel" in values:
        values["channel"] = say.say(f"health.channel.{values['channel']}")
    return say.say(f"health.warn.{one.key}", **values)
