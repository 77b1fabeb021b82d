"""Sends what is due to those who are to get it, keeps what became of it, and tries again what did not get there.

Everything it knows is in the database: what is due, what is on the wire, what was sent. One process does it at a time
(a lease). What was cut off on the wire is settled as unknown and never sent again by itself.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.leads import mail, parcels, reaching, webhook
from bot.leads.parcels import CannotSend, Office, Parcel
from bot.mail_server import MailServer
from bot.store.people_port import Delivery, DeliveryState
from bot.store.sql_people import DeskStore

LEASE = "forwarding"
LEASE_FOR = timedelta(minutes=3)  # longer than any one sending may take (30 s an answer of the server)
PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 1440))  # before the second, third … try
log = structlog.get_logger()


class Wire(Protocol):
    """The outside: both raise what `mail.send` and `webhook.post` raise."""

    async def mail(self, letter: mail.Mail) -> None:
        """Hand in an e-mail; raises CannotSend without a server."""

    async def hook(self, address: str, secret: str, delivery: int, told: Mapping[str, Any], now: datetime) -> None:
        """Post to another program."""

    async def close(self) -> None:
        """Let go of connections."""


class NetWire:
    """The real outside; `inside`: networks behind our own wall that may be posted to."""

    def __init__(self, server: MailServer | None, inside: Iterable[str] = ()) -> None:
        self._server = server
        self._inside = tuple(inside)
        self._session: Any = None

    async def mail(self, letter: mail.Mail) -> None:
        """By SMTP."""
        if self._server is None:
            raise CannotSend("no_mail_server")
        await mail.send(self._server, letter)

    async def hook(self, address: str, secret: str, delivery: int, told: Mapping[str, Any], now: datetime) -> None:
        """By HTTP, one session for all."""
        if self._session is None:
            self._session = reaching.session(self._inside)
        await webhook.post(self._session, address, secret, delivery, told, now)

    async def close(self) -> None:
        """The session's connections."""
        if self._session is not None:
            await self._session.close()


class Forwarder:
    """`run(work, *arguments)` does blocking work off the event loop; `office_of(code)` names a recipient's places."""

    def __init__(
        self,
        store: DeskStore,
        run: Callable[..., Awaitable[Any]],
        wire: Wire,
        office_of: Callable[[str], Office],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._run = run
        self._wire = wire
        self._office_of = office_of
        self._clock = clock
        self._holder = secrets.token_hex(8)

    async def tick(self) -> int:
        """Send what is due now; how many deliveries were looked at. Does nothing while another process does it."""
        due = await self._run(self._begin)
        for number, delivery in enumerate(due):
            if number and not await self._run(self._lease):
                return number
            await self._one(delivery)
        return len(due)

    async def stop(self) -> None:
        """Let another process go on at once."""
        await self._run(self._give_up)
        await self._wire.close()

    def _lease(self) -> bool:
        now = self._clock()
        with self._store.channels() as unit:
            return unit.lease(LEASE, self._holder, now, now + LEASE_FOR)

    def _give_up(self) -> None:
        with self._store.channels() as unit:
            unit.give_up(LEASE, self._holder)

    def _begin(self) -> tuple[Delivery, ...]:
        """What is due. Nothing of ours is on the wire now, so that whatever says so was cut off with its process."""
        if not self._lease():
            return ()
        now = self._clock()
        with self._store.people() as unit:
            lost = unit.forwarding.interrupted(now)
            unit.forwarding.schedule(now)
            due = unit.forwarding.due(now)
        if lost:
            log.warning("forwarding was cut off: fate unknown", count=lost)
        return due

    async def _one(self, delivery: Delivery) -> None:
        try:
            office = self._office_of(delivery.recipient.commune)
            parcel = await self._run(parcels.pack, self._store, delivery, office, self._clock())
            if not await self._run(self._claim, delivery, parcel):
                return
        except CannotSend as fault:
            if await self._run(self._claim, delivery, None):
                await self._not_sent(delivery, fault.why, again=True)
            return
        if not parcel.listing.total and delivery.kind == "list":
            await self._settle(delivery, "empty")
            return
        try:
            await self._send(delivery, parcel, office)
        except mail.MailUnsure as fault:
            await self._settle(delivery, "unknown", fault.why)
        except (mail.MailTransient, webhook.HookTransient, CannotSend) as fault:
            await self._not_sent(delivery, fault.why, again=True)
        except (mail.MailPermanent, webhook.HookPermanent) as fault:
            await self._not_sent(delivery, fault.why, again=False)
        else:
            await self._settle(delivery, "sent")

    async def _send(self, delivery: Delivery, parcel: Parcel, office: Office) -> None:
        now, recipient = self._clock(), delivery.recipient
        if recipient.way == "email":
            await self._wire.mail(parcels.mail(delivery, parcel, office, now))
            return
        told = await self._run(parcels.told, delivery, parcel, office, now)
        await self._wire.hook(recipient.address, recipient.secret, delivery.id, told, now)

    def _claim(self, delivery: Delivery, parcel: Parcel | None) -> bool:
        """Whom it is about is kept before it leaves: an erasure must know whom to tell."""
        with self._store.people() as unit:
            mine = unit.forwarding.claim(delivery.id, self._clock())
            if mine and parcel is not None:
                unit.forwarding.holds(delivery.id, parcel.listing.leads, parcel.link_until)
        return mine

    async def _not_sent(self, delivery: Delivery, why: str, *, again: bool) -> None:
        """Later, a little later each time; after the last pause it has failed, and an officer sees it."""
        if not again or delivery.tries >= len(PAUSES):
            await self._settle(delivery, "failed", why)
            return
        due_at = self._clock() + PAUSES[delivery.tries]

        def work() -> None:
            with self._store.people() as unit:
                unit.forwarding.later(delivery.id, due_at, why)

        await self._run(work)
        log.info("forwarding: tried again later", delivery=delivery.id, why=why, tries=delivery.tries + 1)

    async def _settle(self, delivery: Delivery, state: DeliveryState, why: str = "") -> None:
        def work() -> None:
            with self._store.people() as unit:
                unit.forwarding.settle(delivery.id, state, self._clock(), why)

        await self._run(work)
        tell = log.info if state in ("sent", "empty") else log.warning
        tell("forwarding", delivery=delivery.id, kind=delivery.kind, state=state, why=why)


def explained(delivery: Delivery, office: Office) -> str:
    """Why a delivery did not arrive, in the officer's words; "" when there is nothing to explain."""
    say = office.say.say
    if delivery.why in ("no_mail_server", "no_public_url", "ended", "interrupted", "cut_off", "inside"):
        return say(f"forward.why.{delivery.why}")
    if not delivery.why:
        return ""
    return say("forward.why.refused" if delivery.state == "failed" else "forward.why.away", why=delivery.why)
