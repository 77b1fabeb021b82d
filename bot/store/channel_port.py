"""What channels that send keep: the fate of each message, who can be reached, tokens, leases. Kept in SQL alone."""

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bot.model import Contact
from bot.store.port import Store, StoredMessage

# sent: taken by the platform; unknown: cut off on the way, it may have arrived and is not sent again;
# refused: will never be taken; unreachable: the person cannot be written to until they write again.
Fate = Literal["sent", "unknown", "refused", "unreachable"]


# taken: another process sends it or it is settled; behind: an older message to the same person is not settled yet.
Claimed = Literal["mine", "taken", "behind"]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one message. `why` is a word for the operator (an error's code), never a text of the person."""

    message: int
    fate: Fate
    why: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """Free replies left of a total, as the platform said at that moment; None where it did not say."""

    left: int | None
    total: int | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known about writing to a contact: `seen_at` is when they last wrote, tapped or followed."""

    seen_at: datetime
    stopped_at: datetime | None
    unreachable_at: datetime | None
    unreachable_why: str
    paused_until: datetime | None
    quota: Quota | None


@dataclass(frozen=True, slots=True)
class Token:
    """A pair of tokens; both sealed at rest. `broken` says why the chain ended, "" while it holds."""

    access: str
    refresh: str
    expires_at: datetime
    changed_at: datetime
    broken: str = ""


@dataclass(frozen=True, slots=True)
class TemplateSend:
    """A paid template by its tracking id. `state`: unknown (on the wire, or cut off there), sent, refused."""

    tracking_id: str
    state: str
    why: str
    message_id: str
    at: datetime
    arrived_at: datetime | None = None


class ChannelUnit(Protocol):
    """One transaction over the channels' own tables."""

    def claim(self, messages: Iterable[int], holder: str, now: datetime) -> Mapping[int, Claimed]:
        """These are about to go onto the wire: after a crash their fate is unknown, not unsent. Each one's answer."""

    def release(self, messages: Iterable[int]) -> None:
        """These did not leave after all: they are unsent again."""

    def settle(self, settled: Iterable[Settled], now: datetime) -> None:
        """Keep what became of them, once."""

    def pending(self, channel: str, account: str, known: Collection[int] = ()) -> tuple[StoredMessage, ...]:
        """Neither claimed nor settled, oldest first, without the `known` ones."""

    def newest(self) -> int:
        """The number of the newest message of all; 0 when there is none."""

    def fresh_to(self, contacts: Collection[Contact], after: int) -> tuple[StoredMessage, ...]:
        """To these of one channel account: neither claimed nor settled; then what is newer than message `after`."""

    def interrupted(
        self, channel: str, account: str, gone: Callable[[str], bool], now: datetime, mine: str = ""
    ) -> int:
        """Settle as unknown what is claimed by a process that is `gone`, or was claimed too long ago; how many.

        `mine`: the asker's own claims are on the wire, whatever the clock says.
        """

    def claimed(self, channel: str, account: str, holder: str) -> frozenset[int]:
        """What this holder has claimed and not settled."""

    def fates(self, channel: str) -> Mapping[str, int]:
        """How many messages had each fate, and how many are `pending`."""

    def reach(self, contact: Contact) -> Reach | None:
        """None for a contact never seen."""

    def unreachable(self, contact: Contact, why: str, now: datetime) -> None:
        """Cannot be written to; the next message from them ends it (`UnitOfWork.lock`)."""

    def pause(self, contact: Contact, until: datetime | None) -> None:
        """The assistant keeps silent for this contact until then (an officer writes); None: speaks again."""

    def quota(self, contact: Contact, quota: Quota) -> None:
        """What the platform said about free replies."""

    def token(self, name: str) -> Token | None:
        """The pair kept under this name."""

    def save_token(self, name: str, token: Token) -> None:
        """Replace the pair."""

    def template(self, tracking_id: str) -> TemplateSend | None:
        """None for one never begun, or let go of."""

    def save_template(self, channel: str, send: TemplateSend) -> None:
        """Insert or replace; kept before the wire, so that nothing is paid for twice."""

    def drop_template(self, tracking_id: str) -> None:
        """It surely did not leave: it may be sent again."""

    def template_arrived(self, tracking_id: str, message_id: str, at: datetime) -> bool:
        """Its delivery event, by either id; False when neither is known."""

    def lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew a lease; False while somebody else's holds."""

    def leaseholder(self, name: str) -> str:
        """Who holds or held it last, "" for nobody."""

    def give_up(self, name: str, holder: str) -> None:
        """End one's own lease."""


class ChannelStore(Store, Protocol):
    """A store that channels can send from."""

    def channels(self) -> AbstractContextManager[ChannelUnit]:
        """One transaction over the channels' tables."""
