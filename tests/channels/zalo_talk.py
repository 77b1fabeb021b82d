"""Plays a dialogue case through a channel on real HTTP: what is expected is looked for in what Zalo took."""

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from channels.zalo_house import House, housed
from dialogues.runner import _AFTER, Stage, read_cases
from peers.zalo import Rules
from peers.zalo_ledger import ZONE
from sqlalchemy import select

from bot.store import tables as t

LINE = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
# Talks of another channel, or with a start that only the runner's stage can give (other communes served).
OTHERS = {"channel", "served", "coordinated", "place"}
OA_KINDS = {"voice": "audio", "contact": "business_card"}
BOT_KINDS = {"location": "unsupported", "contact": "unsupported", "file": "unsupported"}


class Kept(Stage):
    """What the case expects to be kept, looked for in the real store."""

    def _agreed(self, receipt: str) -> list[str]:
        with self.store.engine.begin() as db:
            lead = db.execute(select(t.leads.c.id).where(t.leads.c.receipt == receipt)).scalar_one()
            answers = db.execute(select(t.consents).where(t.consents.c.lead_id == lead).order_by(t.consents.c.id))
            last = {row.purpose: row.given for row in answers}
        return sorted(purpose for purpose, given in last.items() if given)


def cases() -> list[tuple[str, dict[str, Any]]]:
    return [(name, case) for name, case in read_cases() if not OTHERS & set(case) and "known_failure" not in case]


CASES = cases()
DAYS = sorted({case["on"] for _, case in CASES})


async def play_all(understanding, catalogue, path: Path, product: str, day: date) -> None:
    """Every talk of that day, each with an empty house."""
    at, rules = datetime.combine(day, time(9), ZONE), Rules(free_replies=None)
    public = product == "bot"
    async with housed(understanding, catalogue, path, product, at=at, rules=rules, public=public) as house:
        for name, case in CASES:
            if case["on"] == day:
                house.afresh(at)
                await Talk(house, name, case).play()
                assert set(await house.fates()) == {"sent"}


class Talk:
    """One case with one house; the persons are named after the case, so that a house serves many."""

    def __init__(self, house: House, name: str, case: dict[str, Any]) -> None:
        self.house, self.name, self.case = house, name, case
        self.last: Any = None
        self.labels: list[str] = []
        self.text = ""

    async def play(self) -> None:
        for number, turn in enumerate(self.case["turn"], 1):
            await self._turn(turn, f"{self.name}, turn {number}")
        case = {k: v for k, v in self.case.items() if k != "messages_to_register"}
        kept = Kept(case, self.house.app, self.house.store, self.house.clock[0])
        kept._leads()
        kept._counts()

    async def _turn(self, turn: dict[str, Any], where: str) -> None:
        house, who = self.house, f"{self.name} {turn.get('as', 'me')}"
        if after := _AFTER.fullmatch(turn.get("after", "")):
            house.later(**{after.group(2) + "s": int(after.group(1))})
        before = len(house.peer.sent_to(who))
        if turn.get("again"):
            await house.peer.deliver(self.last)
            await house.channel.outbox.idle()
            assert len(house.peer.sent_to(who)) == before, f"{where}: answered twice"
            return
        delivered = await self._said(turn, who, where)
        assert delivered.status == 200, where
        self.last = delivered.event
        await house.channel.outbox.idle()
        sent = house.peer.sent_to(who)[before:]
        assert sent, f"{where}: silence"
        told = [self._words(s) for s in sent]
        self.labels = [m.group(2) for m in LINE.finditer(told[-1])]
        self._expect(turn, where, "\n".join(told), len(sent))

    async def _said(self, turn: dict[str, Any], who: str, where: str) -> Any:
        peer = self.house.peer
        if kind := turn.get("sends"):
            kinds = OA_KINDS if peer.product == "oa" else BOT_KINDS
            return await peer.sends(who, kinds.get(kind, kind))
        if "tap" not in turn:
            return await peer.says(who, turn.get("me", "") * turn.get("times", 1))
        label = turn["tap"]
        assert label in self.labels, f"{where}: {label!r} is not among {self.labels}"
        sent = peer.sent_to(who)[-1]
        if any(b.title == label for b in sent.buttons):
            return await peer.taps(who, label)
        # A lone "skip" has no number: "1" may be hamlet number 1.
        return await peer.says(who, str(self.labels.index(label) + 1) if len(self.labels) > 1 else label)

    @staticmethod
    def _words(sent: Any) -> str:
        """The contact form's question stands under its title."""
        if sent.kind != "request_user_info":
            return sent.text
        return sent.body["message"]["attachment"]["payload"]["elements"][0]["subtitle"]

    def _expect(self, turn: dict[str, Any], where: str, text: str, count: int) -> None:
        plain = LINE.sub("", text)
        for part in turn.get("bot", []):
            if "sends" not in turn or self.house.peer.product == "oa" or turn["sends"] not in BOT_KINDS:
                assert part in text.replace("\n\n", "\n") or part in text, f"{where}: {part!r} is not in:\n{text}"
        for part in turn.get("not", []):
            assert part not in plain, f"{where}: {part!r} must not be in:\n{text}"
        for label in turn.get("choices", []):
            assert label in self.labels, f"{where}: no {label!r} among {self.labels}"
        for label in turn.get("no_choice", []):
            assert label not in self.labels, f"{where}: {label!r} must not be there"
        assert count <= turn.get("messages", 1), f"{where}: {count} messages for one turn"
