"""Reading one TOML table: every fault of shape is noted, none stops the reading."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from knowledge.dated import Source, Text

LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the data: `path` of the file, `place` in it, what is wrong, what to do about it."""

    path: str
    place: str
    what: str
    todo: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "warning: " if self.warning else ""
        return f"{self.path}, {self.place}: {mark}{self.what}: {self.todo}"


class Table:
    """A TOML table with its place in the file; each `take_*` marks its key as known, `close` reports the others."""

    def __init__(self, data: Mapping[str, Any], path: str, place: str, faults: list[Fault]) -> None:
        self.data = data
        self.path = path
        self.place = place
        self.faults = faults
        self._taken: set[str] = set()

    def fault(self, what: str, todo: str, *, warning: bool = False) -> None:
        """Note a fault at this table."""
        self.faults.append(Fault(self.path, self.place or "file", what, todo, warning))

    def has(self, key: str) -> bool:
        """Whether the key is given."""
        return key in self.data

    def take(self, key: str, kinds: tuple[type, ...], example: str, *, required: bool = True) -> Any:
        """The value of a key when it has one of the kinds, else None and a fault."""
        self._taken.add(key)
        value = self.data.get(key)
        if value is None:
            if required:
                self.fault(f"{key} is missing", f"write {key} = {example}")
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            self.fault(f"{key} = {value!r} is of the wrong kind", f"write {key} = {example}")
            return None
        return value

    def words(self, key: str, *, required: bool = True) -> str:
        """A text without language, such as an id or a name."""
        return self.take(key, (str,), '"…"', required=required) or ""

    def one_of(self, key: str, allowed: Sequence[str], *, default: str = "") -> str:
        """One of a closed set of words."""
        value = self.words(key, required=not default) or default
        if value and value not in allowed:
            self.fault(f"{key} = {value!r} is not known", f"write one of {', '.join(allowed)}")
            return default or allowed[0]
        return value or allowed[0]

    def names(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of words; a single word counts as a list of one."""
        value = self.take(key, (str, list), '["…"]', required=required)
        if isinstance(value, str):
            return (value,)
        return tuple(str(item) for item in value or ())

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date, unquoted."""
        value = self.take(key, (date,), "2026-01-01 (unquoted)", required=required)
        return value.date() if isinstance(value, datetime) else value

    def whole(self, key: str, *, default: int = 0) -> int:
        """A whole number."""
        value = self.take(key, (int,), "10", required=False)
        return default if value is None else value

    def flag(self, key: str) -> bool:
        """True or false; false when not given."""
        return bool(self.take(key, (bool,), "true", required=False))

    def text(self, key: str, *, required: bool = True) -> Text:
        """A text by language, `key.vi = "…"`; empty when it is not given."""
        value = self.take(key, (dict,), '{ vi = "…", en = "…" }', required=required)
        return {} if value is None else self._languages(key, value)

    def texts(self, key: str) -> tuple[Text, ...]:
        """A list of texts by language."""
        items = self.take(key, (list,), '[{ vi = "…", en = "…" }]', required=False) or ()
        return tuple(self._languages(f"{key} {number}", item) for number, item in enumerate(items, start=1))

    def sources(self, key: str) -> tuple[Source, ...]:
        """A list of sources, `{ law = "…", article = "…" }`."""
        return tuple(table.source() for table in self.tables(key))

    def source(self) -> Source:
        """This table as a source."""
        source = Source(self.words("law"), self.words("article"))
        self.close()
        return source

    def _languages(self, key: str, value: Any) -> Text:
        if not isinstance(value, dict) or "vi" not in value:
            self.fault(f"{key}.vi is missing", "write the Vietnamese text; it is the one everybody can fall back on")
            return {"vi": ""}
        for language, words in value.items():
            if language not in LANGUAGES or not isinstance(words, str) or not words.strip():
                self.fault(f"{key}.{language} is no text", f'write {key}.vi = "…" (and {key}.en)')
                return {"vi": ""}
        return {language: words.strip() for language, words in value.items()}

    def table(self, key: str, *, required: bool = False) -> "Table | None":
        """A table within this one."""
        value = self.take(key, (dict,), "{ … }", required=required)
        return None if value is None else Table(value, self.path, f"{self.place}.{key}", self.faults)

    def tables(self, key: str, *, required: bool = False) -> Iterator["Table"]:
        """The tables of a list."""
        for number, item in enumerate(self.take(key, (list,), "[[…]]", required=required) or (), start=1):
            place = f"{self.place}.{key} {number}".lstrip(".")
            if isinstance(item, dict):
                yield Table(item, self.path, str(item.get("id", place)), self.faults)
            else:
                self.faults.append(Fault(self.path, place, "is no table", f"write [[{key}]] and its keys below"))

    def close(self) -> None:
        """Report every key that nobody took."""
        known = ", ".join(sorted(self._taken))
        for key in self.data:
            if key not in self._taken:
                self.fault(f"key {key!r} is not known", f"correct its spelling (known here: {known}) or strike it out")
