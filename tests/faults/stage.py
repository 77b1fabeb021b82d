"""The fault tests' side: start the program, let it run, kill it, and look at what it left."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from bot import wiring
from bot.demo import CODE
from bot.model import Contact
from bot.store.crypto import Cipher, key_from
from bot.store.engines import connect
from bot.store.port import LeadRecord, StoredMessage
from bot.store.sql import SqlStore

PROGRAM = Path(__file__).with_name("program.py")
ROOT = PROGRAM.parents[2]


@dataclass(frozen=True)
class Order:
    """What the program is to do: these updates (contact, id, what is said or tapped), and where it stands still."""

    folder: str
    updates: tuple[tuple[str, str, str], ...]
    halt: str = ""
    halt_at: tuple[str, str] = ("", "")
    resend: bool = True


def talk(contact: str, phone: str) -> tuple[tuple[str, str, str], ...]:
    """One person's registration from the first tap to the receipt, as updates."""
    said = (
        "form:registration",
        "field:abc",
        "may công nghiệp",
        f"field:{CODE}",
        "Thôn Ví Dụ",
        "Nguyễn Thị Mẫu",
        "1990",
        phone,
        "field:yes",
    )
    return tuple((contact, f"u{number}", words) for number, words in enumerate(said, 1))


class Program:
    """The program, loaded and waiting for orders."""

    def __init__(self, home: Path, script: Path = PROGRAM) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")}
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        self._process = subprocess.Popen(
            (sys.executable, str(script)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=home,  # no .env of anybody's is read
            env=environment,
        )
        self.until("loaded")

    def start(self, order: Order | dict) -> None:
        """Give an order: a new process obeys it."""
        self._say(json.dumps(order if isinstance(order, dict) else asdict(order)))
        self.until("child")

    def until(self, word: str) -> list[str]:
        """The lines that were told, up to the one that begins with `word`."""
        assert self._process.stdout is not None
        told: list[str] = []
        while not told or not told[-1].startswith(word):
            line = self._process.stdout.readline()
            assert line, f"the program ended: {told}"
            told.append(line.strip())
        return told

    def kill(self) -> bool:
        """SIGKILL to that process; False when it was through already."""
        self._say("kill")
        ended = int(self.until("ended")[-1].split()[1])
        assert ended in (0, -signal.SIGKILL)
        return ended != 0

    def run(self, order: Order) -> list[str]:
        """An order from beginning to end; what was told of it."""
        self.start(order)
        self._say("wait")
        told = self.until("ended")
        assert told[-1] == "ended 0"
        return told

    def end(self) -> None:
        """SIGTERM to that process, and its orderly end."""
        self._say("end")
        assert self.until("ended")[-1] == "ended 0"

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """No more orders."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


class Left:
    """What stands in a data folder when no program runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._store = SqlStore(connect(f"sqlite:///{folder / wiring.DATABASE}"), Cipher(key_from(folder)))

    def __enter__(self) -> "Left":
        return self

    def __exit__(self, *_fault: object) -> None:
        self._store.close()

    def leads(self) -> tuple[LeadRecord, ...]:
        """The list."""
        with self._store.transaction() as unit:
            return unit.leads(CODE)

    def messages(self, contact: str, update: str = "") -> tuple[StoredMessage, ...]:
        """What was said to a contact, all of it or in answer to one update."""
        with self._store.transaction() as unit:
            said = unit.messages(Contact("web", "site", contact))
        return tuple(m for m in said if m.reply is not None and update in ("", m.update_id))

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        with self._store.transaction() as unit:
            return dict(unit.counts())

    def unsent(self) -> tuple[int, ...]:
        """Numbers of messages that were committed and not sent."""
        with self._store.transaction() as unit:
            return tuple(m.id for m in unit.unsent("web"))

    def sent(self) -> Counter[int]:
        """How many times each message went out."""
        path = self._folder / "sent.log"
        return Counter(int(line.split()[0]) for line in path.read_text().splitlines()) if path.exists() else Counter()

    def acknowledged(self) -> set[tuple[str, str]]:
        """The updates that will not be delivered again."""
        path = self._folder / "acknowledged.log"
        lines = path.read_text().splitlines() if path.exists() else []
        return {(contact, update) for contact, update in (line.split() for line in lines)}

    def faults(self) -> list[str]:
        """What SQLite itself finds wrong."""
        with self._store.engine.connect() as db:
            checked = [row[0] for row in db.execute(text("PRAGMA integrity_check")) if row[0] != "ok"]
            return checked + [str(row) for row in db.execute(text("PRAGMA foreign_key_check"))]


def assert_all_is_well(folder: Path, updates: tuple[tuple[str, str, str], ...], kills: int) -> None:
    """Every update answered once, every answer sent, one lead a contact, none of them lost."""
    contacts = {contact for contact, _, _ in updates}
    with Left(folder) as left:
        assert left.faults() == []
        counts = left.counts()
        assert counts["contacts"] == counts["people"] == counts["leads"] == counts["lead_history"] == len(contacts)
        assert counts["seen_updates"] == len(updates)
        assert len({lead.receipt for lead in left.leads()}) == len(contacts)
        assert left.acknowledged() == {(contact, update) for contact, update, _ in updates}
        assert left.unsent() == ()
        answers = [m for contact in contacts for m in left.messages(contact)]
        by_update = Counter((m.contact.id, m.update_id) for m in answers)
        assert by_update == Counter((contact, update) for contact, update, _ in updates), "one answer to each"
        sent = left.sent()
        assert set(sent) == {m.id for m in answers}, "all of them went out"
        assert sum(sent.values()) - len(sent) <= kills, "again only where the kill fell between sending and marking"
