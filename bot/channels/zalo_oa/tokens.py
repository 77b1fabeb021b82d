"""The access token, renewed ahead of time by one process at a time (docs/zalo.md, section 5).

A refresh token works once. Whoever renews holds a lease in the database that outlasts the requests; the new pair is
committed before it is used; a renewal whose answer was lost is tried once more, and then a human is told. Where the
database takes nothing just then (a full disk), the pair is kept here, used, and written as soon as that can be done.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiohttp import ClientSession

from bot.channels import http
from bot.channels.zalo_oa import oauth
from bot.store.channel_port import ChannelStore, Token
from bot.store.faults import unavailable

log = structlog.get_logger()
AHEAD = 5  # renewed in the last fifth of its life (of 25 hours: five), so that a fault leaves time to mend it
LEASE = timedelta(seconds=5 * oauth.TIMEOUT)  # longer than the four requests that may be made under it
AGAIN = timedelta(minutes=5)  # after a renewal that failed while the old token still works
CLOSE = 15.0  # seconds in which a program that stops waits for a renewal, and for the database to take its pair
_LOOK = 0.5  # seconds between looks at another process's renewal
HELP = "run `hocnghe zalo login`; what was to be sent is kept and goes out afterwards"
UNWRITTEN = (
    "the new Zalo token is in memory only, as the database takes nothing: free the disk or bring the database back, "
    "and do not stop the program before"
)


class NoToken(Exception):
    """Nothing can be sent now; the message is a word for the operator. `broken`: until a human logs in again.

    `soon`: the database did not take part; it may do so at the next look.
    """

    def __init__(self, why: str, *, broken: bool, soon: bool = False) -> None:
        super().__init__(why)
        self.broken = broken
        self.soon = soon


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """A pair that the database has not taken yet, and the refresh token that stood there when it was asked for."""

    token: Token
    instead_of: str


class Tokens:
    """One app's tokens. `first` is the refresh token of the settings, used when the kept chain cannot go on."""

    def __init__(
        self,
        app: oauth.App,
        first: str,
        store: ChannelStore,
        run: Callable[..., Awaitable[Any]],
        clock: Callable[[], datetime],
    ) -> None:
        self.app = app
        self.name = token_name(app.id)
        self._first = first
        self._store = store
        self._run = run
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._lock = asyncio.Lock()
        self._at_work: set[asyncio.Task[str]] = set()
        self._kept: Token | None = None
        self._unwritten: _Unwritten | None = None
        self._trouble = ""
        self._tried_first = False
        self._not_before: datetime | None = None

    @property
    def trouble(self) -> str:
        """What a human has to do, "" = nothing."""
        return UNWRITTEN if self.unwritten else self._trouble

    @property
    def unwritten(self) -> bool:
        """Whether a pair is known here alone; `access` tries to write it each time."""
        return self._unwritten is not None

    async def access(self, client: ClientSession, *, stale: str = "") -> str:
        """A valid access token; `stale` is one that Zalo has just refused. Raises NoToken.

        Nobody waits for a renewal while the old token works. It comes to its end even when the caller goes away: cut
        off, it would have spent its refresh token for nothing.
        """
        if not self.unwritten and (found := self._usable(stale, ahead=True)) is not None:
            return found
        found = self._usable(stale, ahead=False)
        if found is not None and self._at_work:
            return found
        task = asyncio.create_task(self._looked_up(client, stale))
        self._at_work.add(task)
        task.add_done_callback(self._over)
        return found if found is not None else await asyncio.shield(task)

    def _over(self, task: asyncio.Task[str]) -> None:
        self._at_work.discard(task)
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not isinstance(fault, NoToken):  # that one stands in `trouble`
            log.error("looking for a Zalo token failed", fault=type(fault).__name__)

    async def idle(self) -> None:
        """Until no renewal is on its way."""
        while self._at_work:
            await asyncio.wait(self._at_work)

    async def close(self) -> None:
        """Let a renewal end, and write down what it brought. To be called before the client is closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE):
                await self.idle()
                while self.unwritten and not await self._written():
                    await asyncio.sleep(_LOOK)
        if self.unwritten:
            log.error("the new Zalo token is lost: the database did not take it", do=HELP)

    async def _looked_up(self, client: ClientSession, stale: str) -> str:
        async with self._lock:
            try:
                self._kept = await self._run(self._load)
                if (found := self._usable(stale, ahead=True)) is not None:
                    self._trouble = self._trouble if self._kept and self._kept.broken else ""
                    return found
                await self._renew(client, stale)
            except Exception as fault:
                told = _told(fault)
                self._trouble = self._trouble if told.soon else str(told)  # of the database others tell
                found = self._usable(stale, ahead=False)
                if found is None:
                    raise told from fault
                self._not_before = self._clock() + AGAIN
                return found
            self._trouble, self._not_before = "", None
            found = self._usable(stale, ahead=False)
            if found is None:
                raise NoToken("the new access token has run out already: set this machine's clock right", broken=False)
            return found

    def _usable(self, stale: str, *, ahead: bool) -> str | None:
        kept, now = self._kept, self._clock()
        if kept is None or not kept.access or kept.access == stale or kept.expires_at <= now:
            return None
        waiting = self._not_before is not None and now < self._not_before
        fresh = kept.expires_at - now > (kept.expires_at - kept.changed_at) / AHEAD
        return kept.access if not ahead or waiting or fresh else None

    async def _renew(self, client: ClientSession, stale: str) -> None:
        """Under the lease; whoever waited takes what the other one got."""
        before = self._kept
        for _ in range(int(LEASE.total_seconds() / _LOOK) + 1):
            if await self._run(self._lease):
                break
            await asyncio.sleep(_LOOK)
            self._kept = await self._run(self._load)
            if self._kept != before and self._usable(stale, ahead=False):
                return
        else:
            raise NoToken("another process has been renewing the token for too long", broken=False)
        try:
            self._kept = await self._run(self._load)
            if self._kept == before:
                await self._ask(client)
        finally:
            await self._tried(self._give_up)  # left standing, it runs out by itself

    async def _ask(self, client: ClientSession) -> None:
        kept = self._kept
        instead_of = kept.refresh if kept else ""
        if kept is not None and not kept.broken:
            granted = await self._asked_twice(client, kept.refresh)
            if isinstance(granted, oauth.Denied) and granted.code in (oauth.INVALID_REFRESH, oauth.INVALID_GRANT):
                self._kept = await self._run(self._broken, kept.refresh, str(granted.code))
                if self._kept is not None and not self._kept.broken:
                    return  # whoever got the pair for it has written it meanwhile
                log.error("the chain of Zalo tokens is broken", code=granted.code, do=HELP)
                granted = await self._with_first(client) or granted
        else:
            maybe = await self._with_first(client)
            if maybe is None:
                raise NoToken(f"no valid Zalo token: {HELP}", broken=True)
            granted = maybe
        await self._take(granted, instead_of)

    async def _take(self, granted: oauth.Granted, instead_of: str) -> None:
        if isinstance(granted, oauth.Pair):
            self._kept = pair(granted, self._clock())
            self._unwritten = _Unwritten(self._kept, instead_of)
            if not await self._written():
                log.error("a new Zalo token could not be written down", do=UNWRITTEN)
            return
        if isinstance(granted, http.NoAnswer):
            raise NoToken(f"Zalo's OAuth did not answer: {granted.why}", broken=False)
        broken = granted.code in (oauth.INVALID_REFRESH, oauth.INVALID_GRANT)
        if granted.code == oauth.WRONG_SECRET:
            raise NoToken("Zalo refuses HOCNGHE_ZALO_OA_APP_SECRET: take the app's secret key anew", broken=False)
        raise NoToken(f"Zalo refuses to renew the token ({granted.code}): {HELP}", broken=broken)

    async def _with_first(self, client: ClientSession) -> oauth.Granted | None:
        """The settings' refresh token, once a process: it may be newer than a chain that broke."""
        if self._tried_first or not self._first or (self._kept and self._kept.refresh == self._first):
            return None
        granted = await self._asked_twice(client, self._first)
        self._tried_first = isinstance(granted, oauth.Pair | oauth.Denied)
        return granted

    async def _asked_twice(self, client: ClientSession, refresh: str) -> oauth.Granted:
        granted = await oauth.by_refresh(client, self.app, refresh)
        if isinstance(granted, http.NoAnswer) and granted.taken:
            granted = await oauth.by_refresh(client, self.app, refresh)
        return granted

    async def _written(self) -> bool:
        return await self._tried(self._load)

    async def _tried(self, work: Callable[[], Any]) -> bool:
        """Whether the database took it."""
        try:
            await self._run(work)
        except Exception as fault:
            if not unavailable(fault):
                raise
            return False
        return True

    def _load(self) -> Token | None:
        """As it stands there; a pair not written yet is written first, unless a newer one has come meanwhile."""
        new = self._unwritten
        with self._store.channels() as unit:
            kept = unit.token(self.name)
            if new is not None and (kept.refresh if kept else "") == new.instead_of:
                kept = new.token
                unit.save_token(self.name, kept)
        self._unwritten = None
        return kept

    def _broken(self, refresh: str, why: str) -> Token | None:
        """As it stands, marked when it is still this refresh token that stands there."""
        with self._store.channels() as unit:
            kept = unit.token(self.name)
            if kept is not None and kept.refresh == refresh:
                kept = replace(kept, broken=why)
                unit.save_token(self.name, kept)
        return kept

    def _lease(self) -> bool:
        now = self._clock()
        with self._store.channels() as unit:
            return unit.lease(self.name, self._holder, now, now + LEASE)

    def _give_up(self) -> None:
        with self._store.channels() as unit:
            unit.give_up(self.name, self._holder)


def _told(fault: Exception) -> NoToken:
    """As a word for the operator; what is no fault of the database is raised."""
    if isinstance(fault, NoToken):
        return fault
    if not unavailable(fault):
        raise fault
    return NoToken("the database took no part in renewing the Zalo token", broken=False, soon=True)


def token_name(app_id: str) -> str:
    """The name under which an app's tokens are kept."""
    return f"zalo_oa.{app_id}"


def pair(granted: oauth.Pair, now: datetime) -> Token:
    """As it is kept."""
    return Token(granted.access, granted.refresh, now + timedelta(seconds=granted.seconds), now)
