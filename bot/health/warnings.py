"""What somebody should look at, from the facts alone: pure. The words are `health.warn.KEY` and `health.do.KEY`.

`severity`: "bad" (people are not answered, or data may be lost) or "mind" (soon). `roles`: who is shown it; officers
see only what concerns their own work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.health.facts import Facts
from bot.store.copy_folders import BackupDiskAway
from bot.store.desk_port import Role
from bot.store.key_files import KEEP_OLD

Severity = Literal["bad", "mind"]
ADMIN: frozenset[Role] = frozenset({"admin"})
STAFF: frozenset[Role] = frozenset({"admin", "coordinator"})
ALL: frozenset[Role] = frozenset({"admin", "coordinator", "officer"})

LITTLE_SHARE, LITTLE_BYTES, NONE_BYTES = 0.10, 500 * 10**6, 50 * 10**6
LATE = timedelta(minutes=10)  # a message that waits longer
GONE = timedelta(minutes=2)  # a channel that fails for less is not worth a word
LATELY = timedelta(hours=1)  # so long it is told that the database was away
OFF = 120.0  # seconds between clocks
JUMPED = timedelta(hours=24)
DYING = timedelta(hours=2)  # renewed five hours ahead: less than this means that renewing fails
BACKUP_OLD = timedelta(hours=36)
MAIL_LATE = timedelta(minutes=15)
LEADERLESS = timedelta(minutes=2)
UNWRITTEN = "in memory only"  # in a channel's trouble: stopped now, the program loses its token
AWAY = BackupDiskAway.__name__  # why in the record of the copies
STANDING = timedelta(days=2)  # of running before a missing backup is worth a word


@dataclass(frozen=True, slots=True)
class Warned:
    """`since` None: nobody knows. `values` fill the words: numbers, names of channels, never of people."""

    key: str
    severity: Severity
    since: datetime | None
    roles: frozenset[Role]
    values: Mapping[str, str | int] = field(default_factory=dict)


def warnings(facts: Facts) -> tuple[Warned, ...]:
    """The bad ones first, else in the order of this file."""
    found = [*_database(facts), *_disk(facts), *_channels(facts), *_queue(facts)]
    found += [*_clock(facts), *_tokens(facts), *_rest(facts)]
    return tuple(sorted(found, key=lambda one: one.severity != "bad"))


def shown(found: tuple[Warned, ...], role: Role) -> tuple[Warned, ...]:
    """Those for whoever has this role."""
    return tuple(one for one in found if role in one.roles)


def _database(facts: Facts) -> Iterator[Warned]:
    database = facts.database
    if not database.ok:
        key = "database_full" if database.trouble == "full" else "database_gone"
        yield Warned(key, "bad", database.since, ALL)
    elif database.back_at is not None and facts.now - database.back_at < LATELY and database.away_s >= 1:
        minutes = max(1, round(database.away_s / 60))
        yield Warned("database_back", "mind", database.back_at, STAFF, {"n": minutes})
    if database.ok and database.pending:
        yield Warned("schema", "bad", None, ADMIN)


def _disk(facts: Facts) -> Iterator[Warned]:
    disk = facts.disk
    if disk is not None and (disk.free < LITTLE_BYTES or disk.free < LITTLE_SHARE * disk.total):
        severity: Severity = "bad" if disk.free < NONE_BYTES else "mind"
        yield Warned("disk", severity, None, ADMIN, {"n": disk.free // 10**6})


def _channels(facts: Facts) -> Iterator[Warned]:
    for line in facts.channels:
        since = line.failing_since
        if UNWRITTEN in line.trouble:
            yield Warned("token_unwritten", "bad", None, STAFF, {"channel": line.name})
        elif line.trouble and _refused(line.trouble):
            yield Warned("token_refused", "bad", since, STAFF, {"channel": line.name})
        elif since is not None and facts.now - since >= GONE:
            yield Warned("channel_gone", "bad", since, ALL, {"channel": line.name})
        elif not line.ok and since is None:
            yield Warned("channel_trouble", "mind", None, STAFF, {"channel": line.name})


def _refused(trouble: str) -> bool:
    return any(word in trouble for word in ("refuse", "zalo login", "TOKEN"))


def _queue(facts: Facts) -> Iterator[Warned]:
    late = [(n, at) for n, at in facts.stored.waiting.values() if facts.now - at >= LATE]
    if late:
        yield Warned("waiting", "bad", min(at for _, at in late), ALL, {"n": sum(n for n, _ in late)})
    if facts.stored.unknown:
        yield Warned("unknown", "mind", None, STAFF, {"n": facts.stored.unknown})


def _clock(facts: Facts) -> Iterator[Warned]:
    clock = facts.clock
    off = next((by for by in (clock.outside_by, clock.server_by) if by is not None and abs(by) > OFF), None)
    if off is not None:
        yield Warned("clock_wrong", "bad", None, ADMIN, {"n": max(1, round(abs(off) / 60))})
    elif clock.jumped_at is not None and (facts.now - clock.jumped_at < JUMPED or not clock.sends):
        yield Warned("clock_jumped", "mind", clock.jumped_at, ADMIN, {"n": max(1, round(abs(clock.jumped_by) / 60))})
    if not clock.sends:
        yield Warned("clock_sends", "bad", clock.jumped_at, STAFF)
    elif not clock.erases:
        yield Warned("clock_erases", "mind", clock.jumped_at, ADMIN)


def _tokens(facts: Facts) -> Iterator[Warned]:
    for token in facts.stored.tokens:
        channel = token.name.partition(".")[0]
        if token.broken:
            yield Warned("token_broken", "bad", token.changed_at, STAFF, {"channel": channel})
        elif token.expires_at - facts.now < DYING and facts.clock.sends:
            yield Warned("token_dying", "mind", token.changed_at, ADMIN, {"channel": channel})


def _rest(facts: Facts) -> Iterator[Warned]:
    mail = facts.stored.mail_failing_since
    if mail is not None and facts.now - mail >= MAIL_LATE:
        yield Warned("mail", "mind", mail, STAFF)
    until, running = facts.stored.leader_until, facts.now - facts.started_at
    if facts.database.ok and running >= LEADERLESS and (until is None or facts.now - until >= LEADERLESS):
        yield Warned("leaderless", "bad", until, ADMIN)
    backup = facts.backup
    if backup.failed_at is not None and (backup.at is None or backup.failed_at > backup.at):
        yield Warned("backup_away" if backup.why == AWAY else "backup_failed", "mind", backup.failed_at, ADMIN)
    elif backup.at is not None and facts.now - backup.at > BACKUP_OLD:
        yield Warned("backup_old", "mind", backup.at, ADMIN)
    elif backup.at is None and running >= STANDING:
        yield Warned("backup_none", "mind", None, ADMIN)
    if facts.old_key_at is not None and facts.now - facts.old_key_at > KEEP_OLD and facts.clock.erases:
        yield Warned("old_key", "mind", facts.old_key_at, ADMIN)
