"""The provinces and communes of today, and the names from before the mergers of 2025."""

import importlib.util
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from knowledge.dated import KnowledgeError
from knowledge.reading import DATA

_PACKAGE: Final = "vietnam_provinces"
_FILE: Final = Path("data", "nested-divisions.json")
_OLD_NAMES: Final = "merged_communes.toml"
_CODES: Final = "commune_codes.toml"
_OLD_KINDS: Final = ("Xã", "Phường", "Thị trấn")
_PROVINCE_KINDS: Final = ("Thành phố", "Tỉnh")


@dataclass(frozen=True, slots=True)
class Province:
    """A province or city: GSO code of 2 digits as text, bare name ("Hải Phòng"), kind ("Thành phố", "Tỉnh")."""

    code: str
    name: str
    kind: str

    def full(self) -> str:
        """The name with its kind: "Thành phố Hải Phòng"."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune: GSO code of 5 digits as text, bare name, kind ("xã", "phường", "đặc khu"), code of its province."""

    code: str
    name: str
    kind: str
    province: str

    def full(self) -> str:
        """The name with its kind: "Xã Hòa An"."""
        return f"{self.kind.capitalize()} {self.name}"


@dataclass(frozen=True, slots=True)
class OldCommune:
    """A commune from before the mergers: bare name and kind, district and province as they were called then.

    `into`: codes of the communes of today that hold it, whole or in part.
    """

    name: str
    kind: str
    district: str
    province: str
    into: tuple[str, ...]

    def full(self) -> str:
        """The name with its kind: "Xã Tân Bình"."""
        return f"{self.kind.capitalize()} {self.name}".strip()


class Gazetteer:
    """Places by code; exact data only, no guessing of spellings."""

    def __init__(self, provinces: Iterable[Province], communes: Iterable[Commune], old: Iterable[OldCommune]) -> None:
        self._provinces = {province.code: province for province in provinces}
        self._communes = {commune.code: commune for commune in communes}
        self._of_province: dict[str, list[Commune]] = {code: [] for code in self._provinces}
        for commune in self._communes.values():
            self._of_province[commune.province].append(commune)
        self._old = tuple(old)

    def province(self, code: str) -> Province | None:
        """The province with this code."""
        return self._provinces.get(code)

    def commune(self, code: str) -> Commune | None:
        """The commune with this code."""
        return self._communes.get(code)

    def provinces(self) -> tuple[Province, ...]:
        """All provinces, by code."""
        return tuple(self._provinces.values())

    def communes(self) -> tuple[Commune, ...]:
        """All communes of the nation."""
        return tuple(self._communes.values())

    def communes_of(self, province: str) -> tuple[Commune, ...]:
        """The communes of one province; empty for an unknown code."""
        return tuple(self._of_province.get(province, ()))

    def old_names(self) -> tuple[OldCommune, ...]:
        """The communes from before the mergers, as far as they were collected."""
        return self._old


def load(old_names_root: Path | None = None) -> Gazetteer:
    """Read today's places from the data file of the package vietnam-provinces, and old names from our own folders."""
    now = today()
    return Gazetteer(now.provinces(), now.communes(), _old_communes(old_names_root or DATA))


@cache
def today() -> Gazetteer:
    """The places of today alone, read once.

    Only the package's data file is read, at run time: its code is slow to import and none of it is shipped with ours.
    """
    nested = json.loads(_divisions().read_text(encoding="utf-8"))
    provinces = [_province(item) for item in nested]
    corrected = tomllib.loads((DATA / _CODES).read_text(encoding="utf-8"))["code"]
    communes = [_commune(ward, f"{item['code']:02}", corrected) for item in nested for ward in item["wards"]]
    return Gazetteer(provinces, communes, ())


def _divisions() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder, _FILE)
        if path.is_file():
            return path
    msg = f"The places of Vietnam are missing: no {_FILE} in {_PACKAGE}. Install it: pip install vietnam-provinces"
    raise KnowledgeError(msg)


def _province(item: dict[str, Any]) -> Province:
    kind = next((k for k in _PROVINCE_KINDS if item["name"].startswith(k)), "Tỉnh")
    return Province(f"{item['code']:02}", item["name"].removeprefix(kind).strip(), kind)


def _commune(ward: dict[str, Any], province: str, corrected: dict[str, str]) -> Commune:
    kind = ward["division_type"]
    code = f"{ward['code']:05}"
    return Commune(corrected.get(code, code), ward["name"][len(kind) + 1 :], kind, province)


def _old_communes(root: Path) -> list[OldCommune]:
    """One entry an old commune. Divided among several of today: all of them, unless one took it (its people) whole."""
    whole: dict[tuple[str, str, str], list[str]] = {}
    part: dict[tuple[str, str, str], list[str]] = {}
    for path in sorted((*root.glob(_OLD_NAMES), *root.glob(f"*/{_OLD_NAMES}"))):
        for item in tomllib.loads(path.read_text(encoding="utf-8")).get("merged", ()):
            for share, names in ((whole, item.get("whole", ())), (part, item.get("part", ()))):
                for name in names:
                    share.setdefault((name, item["district"], item["province"]), []).append(item["code"])
    return [_old(*key, tuple(dict.fromkeys(into))) for key, into in {**part, **whole}.items()]


def _old(name: str, district: str, province: str, into: tuple[str, ...]) -> OldCommune:
    kind = next((kind for kind in _OLD_KINDS if name.startswith(f"{kind} ")), "")
    return OldCommune(name.removeprefix(kind).strip(), kind.lower(), district, province, into)
