"""The phrasings of every topic, read from the data files, and the recogniser built of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intents.normalise import fold
from intents.recogniser import OUT_OF_SCOPE, Recogniser

DATA = Path(__file__).parent / "data"
PLAIN = "noi-thang"  # the writer of _short.toml


class DataFault(ValueError):
    """A data file that cannot be used; the message says path, place, what and what to do."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way of saying something, who wrote it, and the topics that are as fair as the one whose file it stands in."""

    text: str
    writer: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's file: `id` is a label of the taxonomy."""

    id: str
    owner: str
    phrases: tuple[Phrase, ...]
    path: str


@dataclass(frozen=True, slots=True)
class IntentData:
    """Everything understanding is built of.

    `whole`: folded whole messages ("ok", "alo", "cần giấy tờ gì") -> topic; `guard`: phrases that speak of danger;
    `swaps`: groups of phrases that may stand for one another in training.
    """

    topics: tuple[Topic, ...]
    whole: Mapping[str, str]
    guard: Mapping[str, tuple[str, ...]]
    swaps: Mapping[str, Mapping[str, Sequence[str]]]
    root: Path

    def phrases(self) -> list[tuple[str, Phrase]]:
        """All phrasings with their topic."""
        return [(topic.id, phrase) for topic in self.topics for phrase in topic.phrases]


def load(root: Path | None = None) -> IntentData:
    """The data files under `root` (default: the package's own Vietnamese ones); raises DataFault."""
    folder = (root or DATA) / "vi"
    paths = [path for path in sorted(folder.glob("*.toml")) if not path.name.startswith("_")]
    none = folder / "_none.toml"
    if not paths or not none.is_file():
        raise DataFault(f"{folder}: no topic files or no _none.toml: give the folder that holds vi/<topic>.toml")
    topics = [_topic(path, path.stem) for path in paths]
    topics.append(_topic(none, OUT_OF_SCOPE))
    short = _short(folder / "_short.toml")
    topics = [replace(t, phrases=(*t.phrases, *(Phrase(s, PLAIN) for s in short.get(t.id, ())))) for t in topics]
    also = _also(folder / "_also.toml")
    topics = [replace(t, phrases=tuple(replace(p, also=also.get(p.text, ())) for p in t.phrases)) for t in topics]
    asked = {fold(s): topic for topic, said in short.items() for s in said if topic != OUT_OF_SCOPE}
    swaps = folder / "_swaps.toml"
    return IntentData(
        tuple(topics),
        {**asked, **_whole(folder / "_acts.toml")},
        _guard(folder / "_guard.toml"),
        read(swaps) if swaps.is_file() else {},
        root or DATA,
    )


def read(path: Path) -> dict[str, Any]:
    """One TOML file; a fault names the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise DataFault(
            f"{path}: {error}: correct the line (texts stand in double quotes, with commas between)"
        ) from error


def _topic(path: Path, name: str) -> Topic:
    data = read(path)
    owner = data.pop("owner", "")
    phrases: list[Phrase] = []
    for writer, table in data.items():
        if not isinstance(table, dict) or set(table) != {"say"}:
            raise DataFault(f'{path}, {writer}: unknown key: write a table [{writer}] that holds say = ["…"] alone')
        for text in table["say"]:
            if not isinstance(text, str) or not text.strip():
                raise DataFault(f"{path}, {writer}: {text!r} is no sentence: write it in double quotes")
            phrases.append(Phrase(text, writer))
    return Topic(name, str(owner), tuple(phrases), str(path))


def _whole(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {fold(text): act for act, table in read(path).items() for text in table["say"]}


def _short(path: Path) -> dict[str, list[str]]:
    """Plain short questions by topic: learnt from like any other, and answered at once as whole messages."""
    tables = read(path) if path.is_file() else {}
    return {(OUT_OF_SCOPE if topic == "_none" else topic): table["say"] for topic, table in tables.items()}


def _also(path: Path) -> dict[str, tuple[str, ...]]:
    """Sentence -> the further topics that are as fair."""
    found: dict[str, tuple[str, ...]] = {}
    for topic, table in (read(path) if path.is_file() else {}).items():
        for text in table["say"]:
            found[text] = (*found.get(text, ()), topic)
    return found


def _guard(path: Path) -> dict[str, tuple[str, ...]]:
    return {name: tuple(phrases) for name, phrases in read(path).items()} if path.is_file() else {}


def build(data: IntentData, *, cache_dir: Path | None = None) -> Recogniser:
    """A recogniser of `data`: loaded from the cache, or trained (once a change of data or code) and kept there."""
    from intents.training import recogniser

    return recogniser(data, cache_dir=cache_dir)
