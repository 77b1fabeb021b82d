"""An old list read: which rows are people, and why the others are not. Pure: nothing is stored here."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue import details
from bot.dialogue.person_fields import ADULT_AGE, MINIMUM_AGE, OLDEST, valid_phone
from bot.effects import Applicant, Json
from bot.i18n import LANGUAGES, Language, language
from bot.leads.columns import DETAILS, PURPOSES
from bot.leads.headings import LEADS, Headings, find
from bot.leads.reading import Row, Sheet, WorkbookRefused, as_text
from bot.model import LEAD_STATES
from bot.store.people_port import SheetRow
from intents import slots
from intents.normalise import fold

VERIFICATIONS = ("unverified", "waiting_person", "verified")
LONGEST_NAME = 60
_RECEIPT = re.compile(r"HN-[A-Z0-9]{4,12}")
_PHONE_AT_END = re.compile(r"^(.*?)[\s,:;(–-]*(\+?\d[\d .]{7,})\)?$")
TradeOf = Callable[[str], str]


class RowFault(Exception):
    """A row that cannot be taken; the text's key and its values."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row left out: its number in the workbook, why (a word), the reason for the officer, and the name there."""

    row: int
    why: str
    reason: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a workbook holds. `skipped`: numbers of rows that are no people (headings, signatures)."""

    accepted: tuple[SheetRow, ...]
    rejected: tuple[Rejected, ...]
    skipped: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs to know. `trade_of` gives a trade's id by its name, "" for one that is in no book."""

    commune: str
    today: date
    say: Language
    trade_of: TradeOf = lambda _name: ""


def preview(sheet: Sheet, reading: Reading) -> Preview:
    """Read every row; raises WorkbookRefused when no row looks like headings with a name and a birth year."""
    headings = find(sheet.rows, "lead", LEADS, ("full_name", "birth"))
    if headings is None:
        raise WorkbookRefused("no_headings", reading.say.say("import.refused.no_headings"))
    accepted: list[SheetRow] = []
    rejected: list[Rejected] = []
    skipped: list[int] = []
    receipts: set[str] = set()
    trade = ""
    for number, row in enumerate(sheet.rows[headings.below :], headings.below + 1):
        if heading := _trade_heading(row):
            trade = heading
        if heading or _no_person(row, headings):
            skipped += [number] if row else []
            continue
        try:
            read = _row(number, row, headings, reading, trade)
            if read.receipt and read.receipt in receipts:
                raise RowFault("receipt_twice", receipt=read.receipt)
            receipts.add(read.receipt)
            accepted.append(read)
        except RowFault as fault:
            reason = reading.say.say(f"import.reason.{fault.key}", **fault.values)
            rejected.append(Rejected(number, fault.key, reason, headings.text(row, "full_name")[:LONGEST_NAME]))
    return Preview(tuple(accepted), tuple(rejected), tuple(skipped), tuple(headings.columns))


def _trade_heading(row: Row) -> str:
    """ "Nghề: May công nghiệp (3 người)" in a row of its own: the trade of the rows under it."""
    said = [as_text(cell) for cell in row if cell is not None]
    if len(said) != 1:
        return ""
    found = re.match(r"(?i)^(?:nghề|nghe|trade|lớp|lop)\s*:\s*(.+?)\s*(?:\(\d+\s*\w*\))?$", said[0])
    return found.group(1) if found else ""


def _no_person(row: Row, headings: Headings) -> bool:
    """Empty, a heading over several columns, a sum, the lines to sign."""
    said = [fold(as_text(cell)) for cell in row if cell is not None]
    if not any(said):
        return True
    feet = {fold(f) for code in LANGUAGES for f in language(code).say("heard.foot").split(";")}
    long = tuple(foot for foot in feet if " " in foot)  # one word alone may begin a name: Công Văn …
    if any(word in feet or word.startswith(long) for word in said):
        return True
    return len(said) == 1 and not headings.text(row, "full_name")


def _row(number: int, row: Row, headings: Headings, reading: Reading, trade: str) -> SheetRow:
    year, born, sex = _birth(row, headings, reading.today)
    guardian_name, guardian_phone = _guardian(headings.text(row, "guardian"))
    if reading.today.year - year - _not_yet(born, reading.today) < ADULT_AGE and not (guardian_name and guardian_phone):
        raise RowFault("no_guardian")
    who = Applicant(
        full_name=_name(headings.text(row, "full_name")),
        birth_year=year,
        birth_date=born,
        phone=_phone(headings.text(row, "phone")),
        told_by=headings.text(row, "told_by")[:LONGEST_NAME],
        commune=reading.commune,
        hamlet=headings.text(row, "hamlet")[:LONGEST_NAME],
        guardian_name=guardian_name,
        guardian_phone=guardian_phone,
    )
    wanted = headings.text(row, "trade") or trade
    if not wanted:
        raise RowFault("no_trade")
    kept = _details(row, headings)
    if sex and "sex" not in kept:
        kept = {**kept, "sex": sex}
    agreed = _labelled(headings.text(row, "agreed"), "sheet.agreed", PURPOSES)
    return SheetRow(
        number,
        who,
        reading.trade_of(wanted),
        wanted[:LONGEST_NAME],
        receipt=_receipt(headings.text(row, "receipt")),
        state=_label(headings.text(row, "state"), "sheet.state", LEAD_STATES),
        verification=_label(headings.text(row, "verification"), "verification", VERIFICATIONS),
        registered_on=slots.birth_date(headings.text(row, "day")),
        agreed=agreed if "agreed" in headings.columns else None,
        details=kept,
    )


def _name(said: str) -> str:
    name = " ".join(said.split()).strip(" .,")
    if not name:
        raise RowFault("no_name")
    if any(c.isdigit() for c in name) or len(name) > LONGEST_NAME:
        raise RowFault("name_letters", name=name[:LONGEST_NAME])
    return name


def _birth(row: Row, headings: Headings, today: date) -> tuple[int, date | None, str]:
    """Year, whole date if there is one, and the sex where the column says it."""
    said, sex = headings.text(row, "birth"), ""
    if headings.born:
        man, woman = (as_text(row[at]) if at < len(row) else "" for at in headings.born)
        said, sex = (man, "Nam") if man else (woman, "Nữ" if woman else "")
    if not said:
        raise RowFault("no_birth")
    born = slots.birth_date(said)
    year = born.year if born else slots.birth_year(said, this_year=today.year)
    if year is None or not today.year - OLDEST <= year <= today.year:
        raise RowFault("birth_wrong", said=said[:20])
    if today.year - year - _not_yet(born, today) < MINIMUM_AGE:
        raise RowFault("too_young")
    return year, born, sex


def _not_yet(born: date | None, today: date) -> int:
    """1 when this year's birthday is still to come; 0 when it is not known."""
    return int(born is not None and (today.month, today.day) < (born.month, born.day))


def _phone(said: str) -> str:
    """A number that lost its first 0 in Excel gets it back."""
    if not any(c.isdigit() for c in said):
        return ""
    digits = "".join(c for c in said if c.isdigit())
    found = valid_phone(said) or (valid_phone(f"0{digits}") if len(digits) == 9 else "")
    if not found:
        raise RowFault("phone_wrong", said=said[:20])
    return found


def _guardian(said: str) -> tuple[str, str]:
    found = _PHONE_AT_END.match(said)
    if not said or found is None:
        return said[:LONGEST_NAME], ""
    return found.group(1).strip()[:LONGEST_NAME], _phone(found.group(2))


def _receipt(said: str) -> str:
    receipt = said.upper().replace(" ", "")
    if receipt and not _RECEIPT.fullmatch(receipt):
        raise RowFault("receipt_wrong", said=said[:20])
    return receipt


def _details(row: Row, headings: Headings) -> Mapping[str, Json]:
    found: dict[str, Json] = {name: said for name in DETAILS if (said := headings.text(row, name))}
    said = headings.text(row, "group")
    group = _label(said, "group", details.GROUPS, unknown="")
    if group and group != "unsaid":
        found["target_group"] = group
    elif said and not group:
        found["note"] = "; ".join(filter(None, (found.get("note"), said)))  # nothing that was written is lost
    return found


def _label(said: str, table: str, keys: Sequence[str], *, unknown: str | None = None) -> str:
    """The key whose label, in any language, this is; an unknown one is a fault unless `unknown` stands for it."""
    if not said:
        return ""
    by_label = {fold(language(code).say(f"{table}.{key}")): key for code in LANGUAGES for key in keys}
    found = by_label.get(fold(said), unknown)
    if found is None:
        raise RowFault("unknown_word", said=said[:30])
    return found


def _labelled(said: str, table: str, keys: Sequence[str]) -> frozenset[str]:
    return frozenset(_label(part.strip(), table, keys) for part in said.split(";") if part.strip())
