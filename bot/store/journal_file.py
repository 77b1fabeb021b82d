"""The erasure journal beside the database: it must outlive the database that an older copy takes the place of.

One line an erasure: kind, keyed fingerprint, moment. Whatever is in the file and not in the database was erased after
the copy that the database now is: it is erased again. Whatever is in the database and not in the file is appended.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

from bot.store.erasing import KEY, Erasure, Kind
from bot.store.sql_people import PeopleStore

NAME = "erasures.journal"
_DIGEST = 32


def sync(store: PeopleStore, folder: Path) -> int:
    """Make both hold the same; how many people were erased again (0 but after an older copy was put back)."""
    path = folder / NAME
    kept = read(path)
    with store.people() as unit:
        known = {(e.kind, e.digest): e for e in unit.rights.journal()}
    missing = [e for e in kept if (e.kind, e.digest) not in known or known[e.kind, e.digest].at < e.at]
    gone = 0
    if missing:
        with store.people() as unit:
            gone = unit.rights.replay(missing)
            known = {(e.kind, e.digest): e for e in unit.rights.journal()}
    have = {(e.kind, e.digest): e.at for e in kept}
    append(path, (e for e in known.values() if have.get((e.kind, e.digest)) != e.at))
    return gone


def marks(folder: Path) -> Mapping[str, datetime]:
    """Fingerprints of keys in the file, and since when each was the key."""
    return {line.digest: line.at for line in read(folder / NAME) if line.kind == KEY}


def join(source: Path, target: Path) -> None:
    """Lines of one file that another does not have, or has from earlier, to its end.

    Where the disk of the data is lost, the journal that stands beside the copies is what knows who was erased.
    """
    have = {(e.kind, e.digest): e.at for e in read(target)}
    never = datetime.min.replace(tzinfo=UTC)
    append(target, (e for e in read(source) if have.get((e.kind, e.digest), never) < e.at))


def append(path: Path, lines: Iterable[Erasure]) -> None:
    """At the end, on the disk before this returns; mode 600."""
    text = "".join(f"{e.kind} {e.digest} {e.at.isoformat()}\n" for e in sorted(lines, key=lambda e: e.at))
    if not text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        text = f"\n{text}"  # the last line was cut off
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> tuple[Erasure, ...]:
    """The lines, the latest of each; a line cut off by a power failure is left out (the database has it)."""
    if not path.exists():
        return ()
    found: dict[tuple[str, str], Erasure] = {}
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        parts = line.split()
        if len(parts) != 3 or parts[0] not in get_args(Kind) or len(parts[1]) != _DIGEST:
            continue
        try:
            at = datetime.fromisoformat(parts[2])
        except ValueError:
            continue
        if at.tzinfo is not None:
            found[parts[0], parts[1]] = Erasure(cast(Kind, parts[0]), parts[1], at)
    return tuple(found.values())
