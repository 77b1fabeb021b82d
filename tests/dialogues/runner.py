"""Plays a dialogue case: a TOML file that reads as a talk, through the whole program but the wire."""

import itertools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import demo
from bot.app import App
from bot.dialogue.memory import dump, load
from bot.dialogue.world import Understanding
from bot.model import Contact, Incoming, Reply
from bot.store.memory import MemoryStore
from knowledge.catalogue import Catalogue

CASES = Path(__file__).parent.parent / "cases" / "dialogues"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# me: typed; tap: the label of a button shown last; sends: an attachment; times: `me` that many times over; again: the
# message before is delivered once more; as: another contact; after: "40 minutes", "3 days"; why: a remark for readers.
KNOWN = {"me", "tap", "sends", "times", "again", "as", "after", "why"}
KNOWN |= {"bot", "not", "choices", "no_choice", "messages"}
# messages_to_register: so many messages at most from the opening of the form to the receipt; counts: rows of a table.
KNOWN_CASE = {"name", "on", "place", "served", "coordinated", "channel", "turn", "known_failure"}
KNOWN_CASE |= {"list", "tickets", "counts", "messages_to_register"}
_AFTER = re.compile(r"(\d+) (minute|hour|day)s?")


def read_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every case with its file's name; unknown keys are faults, so that nothing is silently unchecked."""
    for path in sorted(CASES.glob("*.toml")):
        try:
            case = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as fault:
            raise AssertionError(f"{path.name}: {fault}: paste what /case printed and nothing else") from fault
        unknown = set(case) - KNOWN_CASE | {k for turn in case["turn"] for k in set(turn) - KNOWN}
        if unknown:
            raise AssertionError(
                f"{path.name}: unknown keys {sorted(unknown)}: write one of {sorted(KNOWN | KNOWN_CASE)}"
            )
        yield path.stem, case


@dataclass
class Stage:
    """One talk being played."""

    case: dict[str, Any]
    app: App
    store: MemoryStore
    now: datetime
    last: tuple[Reply, ...] = ()
    count: int = 0
    opened: int = 0
    registered: int = 0

    def play(self) -> None:
        """Every turn, then what the list and the tickets hold."""
        for number, turn in enumerate(self.case["turn"], 1):
            self._turn(turn, f"turn {number}")
        self._leads()
        self._counts()

    def _turn(self, turn: dict[str, Any], where: str) -> None:
        if after := _AFTER.fullmatch(turn.get("after", "")):
            self.now += timedelta(**{after.group(2) + "s": int(after.group(1))})
        if not turn.get("again"):
            self.count += 1
        contact = Contact(self.case.get("channel", "terminal"), "", turn.get("as", "me"))
        incoming = Incoming(
            f"u{self.count}",
            contact,
            self.now,
            turn.get("me", "") * turn.get("times", 1),
            self._tapped(turn, where),
            turn.get("sends"),
        )
        handled = self.app.handle(incoming)
        assert handled.duplicate == bool(turn.get("again")), f"{where}: taken as a second delivery, or not"
        self._through_json(contact)
        self.last = tuple(m.reply for m in handled.messages if m.reply)
        self._expect(turn, where)

    def _tapped(self, turn: dict[str, Any], where: str) -> str | None:
        if "tap" not in turn:
            return None
        offered = {c.label: c.value for r in self.last for c in r.choices}
        assert turn["tap"] in offered, f"{where}: no button {turn['tap']!r} among {list(offered)}"
        return offered[turn["tap"]]

    def _through_json(self, contact: Contact) -> None:
        """What cannot be written and read back cannot be remembered."""
        with self.store.transaction() as unit:
            number = unit.lock(contact, self.now)
            if session := unit.session(number):
                assert load(dump(session)) == session
                unit.save_session(number, load(dump(session)), self.now)
                if not self.opened and session.form and session.form.name == "registration":
                    self.opened = self.count
            if not self.registered and unit.leads_of(number):
                self.registered = self.count

    def _expect(self, turn: dict[str, Any], where: str) -> None:
        assert self.last, f"{where}: silence"
        text = "\n".join(r.text for r in self.last)
        labels = [c.label for r in self.last for c in r.choices]
        for part in turn.get("bot", []):
            assert part in text, f"{where}: {part!r} is not in:\n{text}"
        for part in turn.get("not", []):
            assert part not in text, f"{where}: {part!r} must not be in:\n{text}"
        for label in turn.get("choices", []):
            assert label in labels, f"{where}: no button {label!r} among {labels}"
        for label in turn.get("no_choice", []):
            assert label not in labels, f"{where}: the button {label!r} must not be there"
        if "messages" in turn:
            assert len(self.last) <= turn["messages"], f"{where}: {len(self.last)} messages"

    def _leads(self) -> None:
        if "list" not in self.case:
            return
        with self.store.transaction() as unit:
            served = {
                *self.case.get("served", [demo.CODE]),
                *(r["commune"] for r in self.case["list"] if "commune" in r),
            }
            records = [r for code in sorted(served) for r in unit.leads(code)]
        expected = self.case["list"]
        assert len(records) == len(expected), f"the list holds {len(records)} leads, not {len(expected)}"
        for row, record in zip(expected, records, strict=True):
            who = record.applicant
            held = {
                "name": who.full_name,
                "born": who.birth_year,
                "birth_date": who.birth_date,
                "phone": who.phone,
                "told_by": who.told_by,
                "commune": who.commune,
                "hamlet": who.hamlet,
                "guardian": who.guardian_name,
                "guardian_phone": who.guardian_phone,
                "relation": who.helper_relation,
                "receipt": record.receipt,
                "trade": record.trade_text,
                "state": record.state,
                "verification": record.verification,
                "served": record.served,
                "forward": record.forward,
                "group": record.details.get("target_group", ""),
                "screening": record.details.get("screening", {}),
                "consents": self._agreed(record.receipt),
            }
            assert set(row) <= set(held), f"list: unknown keys {sorted(set(row) - set(held))}"
            for key, value in row.items():
                assert held[key] == value, f"list: {key} is {held[key]!r}, not {value!r}"

    def _agreed(self, receipt: str) -> list[str]:
        """What was agreed to for a registration; the last answer to a purpose holds."""
        tables = self.store._tables
        lead = next(n for n, row in tables.leads.items() if row.receipt == receipt)
        last = {row.purpose: row.given for row in tables.consents.values() if row.lead == lead}
        return sorted(purpose for purpose, given in last.items() if given)

    def _counts(self) -> None:
        expected = dict(self.case.get("counts", {}))
        if "tickets" in self.case:
            expected["tickets"] = self.case["tickets"]
        with self.store.transaction() as unit:
            held = unit.counts()
        for table, count in expected.items():
            assert held[table] == count, f"{table} holds {held[table]} rows, not {count}"
        if most := self.case.get("messages_to_register"):
            assert 0 < self.registered - self.opened <= most, f"{self.registered - self.opened} messages, not {most}"


def stage(case: dict[str, Any], understanding: Understanding, catalogue: Catalogue) -> Stage:
    """A fresh house for one case: by default the demonstration's commune and classes, on the case's day at nine."""
    store = MemoryStore()
    now = datetime.combine(case["on"], time(9), ZONE)
    with store.transaction() as unit:
        if "served" in case:
            for code in (*case["served"], *case.get("coordinated", [])):
                unit.serve(code, now)
        else:
            demo.seed(unit, now)
    receipts = (f"HN-{''.join(drawn)}A" for drawn in itertools.product("ACDEFGH", repeat=5))
    made = Stage(case, None, store, now)  # type: ignore[arg-type]
    made.app = App(
        store, understanding, catalogue, lambda: made.now, receipts=lambda: next(receipts), place=case.get("place", "")
    )
    return made
