"""Reads the folders of places; every fault is noted, none stops the reading."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from knowledge.answers import AnswerFile, AnswerText
from knowledge.benefits import Benefit, ContradictionRule, Fact
from knowledge.dated import CONFIDENCES, UNITS, Confidence, Entry, Law, Parameter, Source, Unit, Where
from knowledge.directory import GROUPS, Contact, Superseded, Trade
from knowledge.reading_rules import read_benefit, read_contradiction, read_fact
from knowledge.table import Fault, Table

DATA: Final = Path(__file__).parent / "data" / "vn"
IGNORED: Final = ("merged_communes.toml", "commune_codes.toml")  # read by knowledge.places
"""Files that other modules read (`knowledge.places`)."""
TEMPLATE: Final = "00"
"""The folder to copy from: checked like a place, never served as one (no province has this code)."""

_UNITS: Final[dict[str, Unit]] = {unit: unit for unit in UNITS}  # type: ignore[misc]
_CONFIDENCES: Final[dict[str, Confidence]] = {tag: tag for tag in CONFIDENCES}  # type: ignore[misc]
_FOLDER: Final = re.compile(r"(\d{2}|\d{5})-[a-z0-9-]+$")
Item = TypeVar("Item")


@dataclass(slots=True)
class Pack:
    """What one place says: `code` "" for the nation, 2 digits a province, 5 a commune. `paths`: file of each id.

    `inherited`: topics that were considered and are left to the nation's answer; None: nobody has said.
    """

    code: str
    province: str = ""
    laws: dict[str, Law] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    benefits: dict[str, Benefit] = field(default_factory=dict)
    answers: dict[str, AnswerFile] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    superseded: dict[str, Superseded] = field(default_factory=dict)
    contradictions: dict[str, ContradictionRule] = field(default_factory=dict)
    inherited: tuple[str, ...] | None = None
    paths: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """The place this pack speaks of."""
        return Where(self.province, self.code) if len(self.code) == 5 else Where(self.code)

    @property
    def template(self) -> bool:
        """Whether this is the folder to copy from."""
        return TEMPLATE in (self.code, self.province)


def read_places(root: Path) -> tuple[list[Pack], list[Fault]]:
    """The packs of the nation and of every place below it, and all faults of shape."""
    faults: list[Fault] = []
    packs = [_read_place(root, root, "", faults)]
    for province in _place_folders(root):
        packs.append(_read_place(province, root, province.name[:2], faults))
        for commune in _place_folders(province):
            packs.append(_read_place(commune, root, commune.name[:5], faults))
            packs[-1].province = province.name[:2]
    return packs, faults


def _place_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and _FOLDER.match(path.name))


def _read_place(folder: Path, root: Path, code: str, faults: list[Fault]) -> Pack:
    pack = Pack(code)
    for path in sorted((*folder.glob("*.toml"), *folder.glob("[!0-9]*/*.toml"))):
        if path.name in IGNORED:
            continue
        shown = str(path.relative_to(root))
        kind = path.stem if path.parent == folder else path.parent.name
        reader = _READERS.get(kind)
        if reader is None:
            faults.append(Fault(shown, "file", "is of no known kind", f"name it one of {', '.join(_READERS)}"))
            continue
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(Fault(shown, "file", f"is no TOML ({error})", "correct the line that is named"))
            continue
        reader(pack, Table(data, shown, "", faults))
    return pack


def _keep(pack: Pack, kind: str, items: dict[str, Item], item: Item, table: Table, name: str) -> None:
    if name in items:
        earlier = pack.paths[(kind, name)]
        table.fault(f"{name!r} stands twice ({earlier})", "strike one out, or give it another id")
    items[name] = item
    pack.paths[(kind, name)] = table.path


def _every(kind: str, read: Callable[[Table, Table], Item]) -> Callable[[Pack, Table], None]:
    def read_file(pack: Pack, file: Table) -> None:
        items: dict[str, Item] = getattr(pack, _STORES[kind])
        for table in file.tables(kind):
            item = read(table, file)
            table.close()
            _keep(pack, kind, items, item, table, table.words("id"))
        file.day("checked_on")
        file.close()

    return read_file


def _checked(table: Table, file: Table) -> date:
    return table.day("checked_on") or file.day("checked_on") or _unchecked(table)


def _unchecked(table: Table) -> date:
    table.fault("checked_on is missing", "write the day somebody last looked: checked_on = 2026-11-22")
    return date.min


def _confidence(table: Table) -> Confidence:
    return _CONFIDENCES[table.one_of("confidence", CONFIDENCES)]


def _read_law(table: Table, file: Table) -> Law:
    return Law(
        id=table.words("id"),
        kind=table.words("kind"),
        number=table.words("number", required=False),
        title=table.words("title"),
        issued=table.day("issued"),
        in_force=table.day("in_force"),
        until=table.day("until"),
        replaced_by=table.names("replaced_by"),
        url=table.words("url", required=False),
        confidence=_confidence(table),
        checked_on=_checked(table, file),
    )


def _read_parameter(table: Table, file: Table) -> Parameter:
    entries = tuple(_read_entry(item, file) for item in table.tables("entry", required=True))
    return Parameter(
        id=table.words("id"),
        unit=_UNITS[table.one_of("unit", UNITS)],
        description=table.words("description"),
        entries=tuple(sorted(entries, key=lambda entry: entry.since)),
    )


def _read_entry(table: Table, file: Table) -> Entry:
    value = table.take("value", (int, str, date), "4_000_000")
    entry = Entry(
        value="" if value is None else value,
        since=table.day("since", required=True) or date.max,
        until=table.day("until"),
        source=Source(table.words("law"), table.words("article")),
        confidence=_confidence(table),
        checked_on=_checked(table, file),
        note=table.words("note", required=False),
    )
    table.close()
    return entry


def _read_trade(table: Table, _file: Table) -> Trade:
    source = table.table("source")
    return Trade(
        id=table.words("id"),
        name=table.text("name"),
        group=table.one_of("group", GROUPS),
        names=table.names("names"),
        dialect=table.names("dialect"),
        leads_to=table.text("leads_to"),
        usual_length=table.words("usual_length", required=False),
        levels=table.names("levels"),
        source=source.source() if source else None,
    )


def _read_contact(table: Table, _file: Table) -> Contact:
    source = table.table("source", required=True)
    return Contact(
        id=table.words("id"),
        name=table.text("name"),
        what=table.text("what"),
        phone=table.words("phone", required=False),
        url=table.words("url", required=False),
        topics=table.names("topics", required=True),
        source=source.source() if source else Source("", ""),
    )


def _read_superseded(table: Table, _file: Table) -> Superseded:
    return Superseded(
        id=table.words("id"),
        names=table.names("names", required=True),
        since=table.day("since", required=True) or date.max,
        text=table.text("text"),
        topic=table.words("topic"),
        sources=table.sources("sources"),
        alone=table.names("alone"),
        unless=table.names("unless"),
    )


def _read_answer(pack: Pack, file: Table) -> None:
    topic = file.words("topic")
    texts = tuple(_read_text(item) for item in file.tables("text", required=True))
    answer = AnswerFile(topic, file.names("next"), texts)
    file.close()
    _keep(pack, "answer", pack.answers, answer, file, topic)


def _read_text(table: Table) -> AnswerText:
    text = AnswerText(
        since=table.day("since"),
        until=table.day("until"),
        short=table.text("short", required=False),
        more=table.text("more", required=False),
        also=table.text("also", required=False),
        sources=table.sources("sources"),
        officer=table.flag("officer"),
        about_us=table.flag("about_us"),
    )
    table.close()
    return text


def _read_benefit(pack: Pack, file: Table) -> None:
    benefit = read_benefit(file)
    _keep(pack, "benefit", pack.benefits, benefit, file, benefit.id)


def _read_fact(table: Table, _file: Table) -> Fact:
    return read_fact(table)


def _read_contradiction(table: Table, _file: Table) -> ContradictionRule:
    return read_contradiction(table)


def _read_inherited(pack: Pack, file: Table) -> None:
    pack.inherited = file.names("topics", required=True)
    pack.paths["inherited", ""] = file.path
    file.close()


_STORES: Final = {
    "law": "laws",
    "parameter": "parameters",
    "fact": "facts",
    "trade": "trades",
    "contact": "contacts",
    "superseded": "superseded",
    "contradiction": "contradictions",
}
_READERS: Final[dict[str, Callable[[Pack, Table], None]]] = {
    "laws": _every("law", _read_law),
    "parameters": _every("parameter", _read_parameter),
    "questions": _every("fact", _read_fact),
    "benefits": _read_benefit,
    "answers": _read_answer,
    "trades": _every("trade", _read_trade),
    "contacts": _every("contact", _read_contact),
    "superseded": _every("superseded", _read_superseded),
    "contradictions": _every("contradiction", _read_contradiction),
    "inherited": _read_inherited,
}
