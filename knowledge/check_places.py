"""Faults of the folders of places: topics that nobody considered, laws that stand twice, lists of merged communes."""

import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from knowledge import places
from knowledge.answers import EMERGENCY, TOPICS
from knowledge.catalogue import Catalogue
from knowledge.reading import IGNORED, Pack
from knowledge.table import Fault, Table

_MERGED, _CODES = IGNORED
_SOURCE_KEYS: Final = ("number", "title", "url", "table")


def check_places(catalogue: Catalogue, root: Path) -> Iterator[Fault]:
    """Faults between the packs, and in the files that `knowledge.places` reads."""
    yield from _twice(catalogue)
    for pack in catalogue.packs.values():
        yield from _considered(pack)
    gazetteer = places.today()
    for path in sorted((*root.glob(_MERGED), *root.glob(f"*/{_MERGED}"), *root.glob(_CODES))):
        yield from _check_list(path, root, gazetteer)


def _twice(catalogue: Catalogue) -> Iterator[Fault]:
    """Laws are known by id in every place: two of one id would hide each other."""
    first: dict[str, str] = {}
    for pack in catalogue.packs.values():
        for law in pack.laws:
            path = pack.paths["law", law]
            if law in first:
                yield Fault(path, law, f"stands twice ({first[law]})", "give it an id of its own")
            first.setdefault(law, path)


def _considered(pack: Pack) -> Iterator[Fault]:
    """A place with answers has looked at every topic: its own answer, or named in inherited.toml; never both."""
    if not pack.code or not (pack.answers or pack.inherited):
        return
    path = pack.paths.get(("inherited", ""), f"{pack.code}/inherited.toml")
    inherited = pack.inherited or ()
    for topic in inherited:
        if topic not in (*TOPICS, EMERGENCY):
            yield Fault(path, "topics", f"{topic!r} is no topic", "write one of the topics in knowledge/answers.py")
        elif topic in pack.answers:
            what = f"{topic} has an answer of its own ({pack.paths['answer', topic]})"
            yield Fault(path, "topics", what, "strike it out here, or remove that file")
    missing = [topic for topic in TOPICS if topic not in pack.answers and topic not in inherited]
    if missing:
        todo = "write an answer of the place, or add the topic here: the answer of the nation serves"
        yield Fault(path, "topics", f"nobody has considered {', '.join(missing)}", todo)


def _check_list(path: Path, root: Path, gazetteer: places.Gazetteer) -> Iterator[Fault]:
    faults: list[Fault] = []
    file = Table(tomllib.loads(path.read_text(encoding="utf-8")), str(path.relative_to(root)), "", faults)
    source = file.table("source", required=True)
    if source:
        for key in _SOURCE_KEYS:
            source.words(key, required=key == "title")
        for day in ("issued", "in_force", "checked_on"):
            source.day(day, required=day == "checked_on")
        source.close()
    if path.name == _CODES:
        _check_codes(file, gazetteer)
    else:
        _check_merged(file, gazetteer)
    file.close()
    yield from faults


def _check_codes(file: Table, gazetteer: places.Gazetteer) -> None:
    codes = file.table("code", required=True)
    for wrong in codes.data if codes else ():
        right = codes.words(wrong) if codes else ""
        if gazetteer.commune(right) is None:
            file.fault(f"{right!r} is the code of no commune", "correct the code on the right")


def _letters(name: str) -> list[str]:
    """The letters and marks of a name in any order: "Hoà" and "Hòa" are the same."""
    return sorted(unicodedata.normalize("NFD", name))


def _check_merged(file: Table, gazetteer: places.Gazetteer) -> None:
    whole: dict[tuple[str, str], str] = {}
    for item in file.tables("merged", required=True):
        code, name = item.words("code"), item.words("name")
        district = item.words("district")
        item.place = f"{code} {name}"
        item.words("province")
        names = item.names("whole")
        commune = gazetteer.commune(code)
        if commune is None or _letters(commune.full()) != _letters(name):
            item.fault(f"is not {commune.full() if commune else 'a commune of today'}", "correct the code or the name")
        for old in names:
            if (old, district) in whole:
                item.fault(f"{old} stands whole in {whole[old, district]} too", "write part in both, or correct one")
            whole[old, district] = code
        item.names("part")
        item.close()
