"""What stands behind the desk, over one connection: sheets, imports, forwarding, notices, data rights."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, tzinfo
from typing import Protocol

from sqlalchemy import Connection

from bot.model import Reply
from bot.store.channel_port import ChannelStore
from bot.store.crypto import Cipher
from bot.store.port import StoredMessage
from bot.store.sql_follow import SqlFollow
from bot.store.sql_forwarding import SqlForwarding
from bot.store.sql_intake import SqlIntake
from bot.store.sql_notices import SqlNotices
from bot.store.sql_rights import SqlRights
from bot.store.sql_sheet import SqlSheet

Queue = Callable[[int, str, Iterable[Reply], datetime], tuple[StoredMessage, ...]]


class PeopleUnit:
    """One transaction; `queue` is `UnitOfWork.queue` of the same one."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo, queue: Queue) -> None:
        self.sheet = SqlSheet(connection, cipher, zone)
        self.intake = SqlIntake(connection, cipher, zone)
        self.forwarding = SqlForwarding(connection, cipher, zone)
        self.notices = SqlNotices(connection, cipher, zone)
        self.rights = SqlRights(connection, cipher, zone)
        self.follow = SqlFollow(connection, cipher, zone)
        self.queue = queue


class SheetUnit(Protocol):
    """A transaction that a sheet can be read in: the desk's, too."""

    @property
    def sheet(self) -> SqlSheet:
        """The list."""


class SheetStore(Protocol):
    """A store that gives such transactions."""

    def people(self) -> AbstractContextManager[SheetUnit]:
        """One, to read in."""


class IntakeUnit(Protocol):
    """A transaction that a workbook can be taken in with."""

    @property
    def intake(self) -> SqlIntake:
        """Plans and does it."""


class PeopleStore(Protocol):
    """A store with what stands behind the desk."""

    def people(self) -> AbstractContextManager[PeopleUnit]:
        """One transaction over it; an exception inside undoes it."""


class DeskStore(PeopleStore, ChannelStore, Protocol):
    """A store with everything that the desk, forwarding and the channels touch."""
