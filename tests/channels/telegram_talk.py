"""The dialogue cases, played over HTTP through the Telegram channel."""

import re
from datetime import datetime, time

import pytest
from channels.telegram_stage import ZONE, Stage, running
from dialogues.runner import _AFTER, read_cases
from dialogues.runner import Stage as Talk
from peers.telegram_state import Sent
from sqlalchemy import select

from bot import demo
from bot.channels.telegram import keys
from bot.model import Choice, Contact, Reply
from bot.store import tables as t

CASES = [
    pytest.param(case, id=name)
    for name, case in read_cases()
    if case.get("channel", "terminal") == "terminal" and "known_failure" not in case
]
PEOPLE = {"me": 9000001}
_NUMBER = re.compile(r"^\d+\. ")
LONGEST = 4096  # what a client lets one type into a message
MEDIA = {"voice": "voice", "image": "photo", "sticker": "sticker", "file": "document"}


async def play(case, path, understanding, catalogue, *, webhook: bool) -> None:
    """One case from its first message to its list."""

    def prepare(unit, now):
        if "served" not in case:
            demo.seed(unit, now)
        for code in (*case.get("served", []), *case.get("coordinated", [])):
            unit.serve(code, now)

    now = datetime.combine(case["on"], time(9), ZONE)
    options = {"webhook": webhook, "now": now, "place": case.get("place", ""), "prepare": prepare}
    async with running(path, understanding, catalogue, **options) as stage:
        await WiredTalk(case, stage).play()


class WiredTalk(Talk):
    """A talk of `dialogues.runner`, over the wire."""

    def __init__(self, case, stage: Stage) -> None:
        super().__init__(case, stage.app, stage.store, stage.clock[0])
        self.stage = stage
        self.update = 0

    async def play(self) -> None:
        for number, turn in enumerate(self.case["turn"], 1):
            await self._take(turn, f"turn {number}")
        self._leads()
        self._counts()
        assert not self.stage.peer.unanswered, "a spinner still turns"
        refused = [c for c in self.stage.peer.calls if c.code]
        assert not refused, refused

    async def _take(self, turn, where) -> None:
        if after := _AFTER.fullmatch(turn.get("after", "")):
            self.stage.later(**{after.group(2) + "s": int(after.group(1))})
            self.now = self.stage.clock[0]
        self.count += not turn.get("again")
        who = turn.get("as", "me")
        chat = PEOPLE.setdefault(who, 9000001 + len(PEOPLE))
        if turn.get("again"):
            assert await self.stage.after(chat, self.stage.peer.redelivers(self.update)) == ()
        else:
            self.last = self._read(await self._do(turn, chat, where))
        self._count_messages(Contact("telegram", "900100200", str(chat)))
        self._expect(turn, where)

    def _count_messages(self, contact: Contact) -> None:
        """The store writes sessions as JSON anyway; here only the way to the receipt is measured."""
        if not self.case.get("messages_to_register") or (self.opened and self.registered):
            return
        self._through_json(contact)

    async def _do(self, turn, chat, where) -> tuple[Sent, ...]:
        if "tap" in turn:
            offered = [c.label for r in self.last for c in r.choices]
            assert turn["tap"] in offered, f"{where}: no button {turn['tap']!r} among {offered}"
            return await self.stage.taps(chat, turn["tap"])
        return await self.stage.after(chat, self._act(turn, chat))

    async def _act(self, turn, chat) -> None:
        peer, sends = self.stage.peer, turn.get("sends")
        if sends == "contact":
            self.update = await peer.shares_contact(chat, own=False)
        elif sends == "location":
            self.update = await peer.shares_location(chat)
        elif sends:
            self.update = await peer.sends(chat, MEDIA[sends])
        else:
            self.update = await peer.says(chat, (turn["me"] * turn.get("times", 1))[:LONGEST])

    @staticmethod
    def _read(sent: tuple[Sent, ...]) -> tuple[Reply, ...]:
        """What a person reads and can tap, without the pictures before the words."""
        return tuple(
            Reply(
                s.text,
                tuple(
                    Choice("", keys.bare(_NUMBER.sub("", b.label)))
                    for b in (s.keyboard.buttons if s.keyboard else ())
                    if b.does in ("text", "callback")
                ),
            )
            for s in sent
        )

    def _agreed(self, receipt: str) -> list[str]:
        c = t.consents.c
        query = select(c.purpose, c.given).join(t.leads, t.leads.c.id == c.lead_id).where(t.leads.c.receipt == receipt)
        with self.stage.store.engine.connect() as db:
            last = dict(tuple(row) for row in db.execute(query.order_by(c.id)))
        return sorted(purpose for purpose, given in last.items() if given)
