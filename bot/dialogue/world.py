"""What a turn may look at (World) and the turn being thought about (Talk)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.dialogue.office_hours import USUAL, OfficeHours
from bot.effects import Effect
from bot.frozen import replace
from bot.i18n import Language
from bot.local import NOTHING, LocalBook
from bot.model import Choice, Course, Incoming, LeadView, Reply, Session, Turn
from intents.commands import CommandReader
from intents.follow_ups import FollowUps
from intents.places import PlaceBook, PlaceMatcher
from intents.recogniser import Recogniser
from intents.slots import SlotReader
from intents.trades import TradeMatcher
from knowledge.catalogue import Catalogue
from knowledge.dated import Where
from knowledge.old_names import OldNames


@dataclass(frozen=True, slots=True)
class Understanding:
    """Everything that turns words into meaning; made once, shared by all turns."""

    recogniser: Recogniser
    slots: SlotReader
    places: PlaceMatcher
    trades: TradeMatcher
    commands: CommandReader
    follow_ups: FollowUps
    book: PlaceBook
    trade_names: Mapping[str, tuple[str, ...]]
    old_names: OldNames


@dataclass(frozen=True, slots=True)
class World:
    """A snapshot for one turn. `now` is local time; `nonce` is fresh and unguessable (it becomes the receipt number).

    `place` is the commune code that a bare question is read in ("" = the nation); `shared_device`: others may sit at
    the same screen (web); `foreign_service`: the channel is run from abroad, which the consent must say (Telegram).
    `site`: the address of the web chat, "" when it is reached from nowhere else. `posters`: class -> file name.
    `paper`: a receipt -> the link to the request form filled in, None where no link leads anywhere. `local`: what
    officers taught. `office`: when officers work. `announced`: the button under an announcement that came since they
    last wrote, "" when none did.
    """

    understanding: Understanding
    knowledge: Catalogue
    now: datetime
    nonce: str
    served: frozenset[str] = frozenset()
    coordinated: frozenset[str] = frozenset()
    courses: tuple[Course, ...] = ()
    posters: Mapping[str, str] = field(default_factory=dict)
    mine: tuple[LeadView, ...] = ()
    place: str = ""
    shared_device: bool = False
    foreign_service: bool = False
    site: str = ""
    paper: Callable[[str], str] | None = None
    local: LocalBook = NOTHING
    office: OfficeHours = USUAL
    announced: str = ""

    @property
    def today(self) -> date:
        """The local day that law and ages are reckoned on."""
        return self.now.date()

    def commune_name(self, code: str) -> str:
        """ "Xã Đầm Hà" for a commune code; the code itself when unknown."""
        return self.understanding.book.communes.get(code, (code, ""))[0]

    def commune_called(self, code: str) -> str:
        """The same within a sentence: "xã Đầm Hà"."""
        name = self.commune_name(code)
        return name[:1].lower() + name[1:]

    def province_of(self, code: str) -> str:
        """The province's code of a commune's code, "" when unknown."""
        return self.understanding.book.communes.get(code, ("", ""))[1]

    def province_name(self, code: str) -> str:
        """ "Tỉnh Quảng Ninh" for a province's code."""
        return self.understanding.book.provinces.get(code, code)

    def trade_name(self, trade: str, fallback: str = "") -> str:
        """The trade's usual name; `fallback` (what the person typed) when it is not in the catalogue."""
        names = self.understanding.trade_names.get(trade)
        return names[0] if names else fallback


@dataclass(frozen=True, slots=True)
class Talk:
    """One incoming message with all that may be looked at; `text` is it, cleaned and cut to what is read of it."""

    session: Session
    incoming: Incoming
    world: World
    say: Language
    text: str

    @property
    def commune(self) -> str:
        """The commune this person speaks about, "" when unknown."""
        return str(self.session.facts.get("commune_code") or self.world.place)

    @property
    def where(self) -> Where:
        """Whose knowledge applies to this person."""
        code = self.commune
        if len(code) == 2:
            return Where(province=code)
        return Where(province=self.world.province_of(code), commune=code) if code else Where()

    def choice(self, value: str, key: str, **values: Any) -> Choice:
        """A choice labelled by a text."""
        return Choice(value, self.say.say(key, **values))

    def reply(self, key: str, *choices: Choice, **values: Any) -> Reply:
        """A reply of one text."""
        return Reply(self.say.say(key, **values), choices)

    def turn(self, *replies: Reply, effects: tuple[Effect, ...] = (), **changes: Any) -> Turn:
        """A turn with these replies and these changes to the session."""
        return Turn(replies, replace(self.session, **changes), effects)

    def knowing(self, **facts: Any) -> "Talk":
        """The same talk with facts added to what is remembered."""
        return replace(self, session=replace(self.session, facts={**self.session.facts, **facts}))
