"""Every fault in the intents' data, as "path, place: what: what to do"."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from intents import cases as cases_carried
from intents import catalogue
from intents.bands import Measured, calibration
from intents.catalogue import DataFault, IntentData, Topic
from intents.normalise import fold
from intents.recogniser import ACTS, EMERGENCY, OUT_OF_SCOPE, TOPICS

_LEAST = {**dict.fromkeys(TOPICS, 120), **dict.fromkeys(ACTS, 40), EMERGENCY: 120, OUT_OF_SCOPE: 1500}
_LEAST_WRITERS = 5
_NEAR = 85  # token_set_ratio from which two sentences of a topic are near duplicates
_SHARED = 0.5
_STALE = 0.1  # share by which the sentences may grow before the bands must be measured again
_NEAR_SHARE = 0.10
_CASES = Path(__file__).parent.parent / "tests" / "cases" / "intents"
_STYLES = {"toned", "toneless", "slang", "typo", "dialect"}
_CASE_KEYS = {*_STYLES, "accept", "known_failure"}


def faults(root: Path | None = None, *, cases: Path | None = None) -> list[str]:
    """All faults of the data under `root` and of the case files in `cases` (skipped where there is no such folder)."""
    try:
        data = catalogue.load(root)
    except DataFault as fault:
        return [str(fault)]
    folder = cases or _CASES
    found = [*_topics(data), *_doubled(data), *_alike(data), *_lists(data.root / "vi"), *_fair(data)]
    if root is None:
        found += list(_stale(data, calibration()[1]))
        if cases_carried.stale(folder):
            found.append(f"{cases_carried.COMPILED}, file: is older than {folder}: run `python -m intents.cases`")
    return found + list(_cases(data, folder)) if folder.is_dir() else found


def _stale(data: IntentData, measured: Measured) -> Iterator[str]:
    """Bands measured on other data than these say how sure a model was that is no longer there."""
    phrases = [phrase for _, phrase in data.phrases()]
    sentences, writers = len(phrases), len({phrase.writer for phrase in phrases})
    if abs(sentences - measured.sentences) > _STALE * measured.sentences or writers > measured.writers + 1:
        yield (
            f"{data.root / 'vi' / '_calibration.toml'}, measured: on {measured.sentences} sentences of "
            f"{measured.writers} writers, now there are {sentences} of {writers}: run `hocnghe eval --writers` and "
            "set bands and measured anew"
        )


def _topics(data: IntentData) -> Iterator[str]:
    known = {topic.id for topic in data.topics}
    for missing in sorted(_LEAST.keys() - known):
        yield f"{data.root / 'vi'}, {missing}: no file for this topic: add {missing}.toml with its phrasings"
    for topic in data.topics:
        if topic.id not in _LEAST:
            yield f"{topic.path}, file name: no such topic: rename the file to a label of the taxonomy"
            continue
        if not topic.owner:
            yield f'{topic.path}, owner: missing: say who answers for this file, owner = "…"'
        if len(topic.phrases) < _LEAST[topic.id]:
            yield (
                f"{topic.path}, say: {len(topic.phrases)} phrasings: write at least {_LEAST[topic.id]}, "
                "as different people in different situations would ask"
            )
        if len({phrase.writer for phrase in topic.phrases}) < _LEAST_WRITERS:
            yield f"{topic.path}, writers: fewer than {_LEAST_WRITERS}: let another person write for this topic"
        yield from _near(topic)


def _near(topic: Topic) -> Iterator[str]:
    """Too many sentences of one topic that say the same in nearly the same words."""
    if topic.id in ACTS or topic.id == OUT_OF_SCOPE:
        return
    # Short plain questions are part of every longer one by nature: they have a list of their own.
    phrases = [phrase for phrase in topic.phrases if phrase.writer != catalogue.PLAIN]
    folded = [fold(phrase.text) for phrase in phrases]
    doubles = sorted({at for pair in _alike_pairs(folded) for at in pair})
    if len(doubles) > _NEAR_SHARE * len(folded):
        example = phrases[int(doubles[0])].text
        yield (
            f'{topic.path}, say: {len(doubles)} of {len(folded)} sentences are near duplicates, such as "{example}": '
            "replace some by sentences about another situation"
        )


def _alike_pairs(folded: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The pairs of near duplicates; only sentences that share half of the shorter one's words are compared."""
    bags = [set(text.split()) for text in folded]
    index = {word: at for at, word in enumerate(sorted(set().union(*bags)))}
    held = np.zeros((len(bags), len(index)), np.float32)
    for at, bag in enumerate(bags):
        held[at, [index[word] for word in bag]] = 1
    sizes = held.sum(axis=1)
    shared = held @ held.T / np.maximum(np.minimum(sizes[:, None], sizes[None, :]), 1)
    for first, second in zip(*np.nonzero(np.triu(shared >= _SHARED, k=1)), strict=True):
        if fuzz.token_set_ratio(folded[first], folded[second]) >= _NEAR:
            yield int(first), int(second)


def _doubled(data: IntentData) -> Iterator[str]:
    owners: dict[str, str] = {}
    paths = {topic.id: topic.path for topic in data.topics}
    for topic, phrase in data.phrases():
        folded = fold(phrase.text)
        owner = owners.setdefault(folded, topic)
        path = paths[topic]
        if owner != topic:
            yield f'{path}, {phrase.writer}: "{phrase.text}" belongs to {owner} too: leave it in one file'
        act = data.whole.get(folded)
        if act and act != topic:
            yield f'{path}, {phrase.writer}: "{phrase.text}" is {act} in _acts.toml: leave it in one file'


def _alike(data: IntentData) -> Iterator[str]:
    """The same words in another order under two topics."""
    owners: dict[tuple[str, ...], tuple[str, str]] = {}
    for topic, phrase in data.phrases():
        folded = fold(phrase.text)
        bag = tuple(sorted(folded.split()))
        owner, text = owners.setdefault(bag, (topic, folded))
        if owner != topic and text != folded:
            path = next(t.path for t in data.topics if t.id == topic)
            yield f'{path}, {phrase.writer}: "{phrase.text}" has the words of a sentence of {owner}: reword one of them'


def _lists(folder: Path) -> Iterator[str]:
    """Whole-message lists: no sentence may stand in two tables; no short form in two tables or with a space."""
    for name, tables in (("_acts.toml", None), ("_commands.toml", "commands")):
        path = folder / name
        if not path.is_file():
            continue
        data = catalogue.read(path)
        yield from _one_place(path, data[tables] if tables else {act: table["say"] for act, table in data.items()})
    words = folder / "_words.toml"
    if not words.is_file():
        return
    seen: dict[str, str] = {}
    for table, entries in catalogue.read(words).items():
        for short in entries:
            if short != short.lower() or len(short.split()) != 1:
                yield f'{words}, {table}: "{short}" must be one word in lower case: correct it'
            if short in seen:
                yield f'{words}, {table}: "{short}" stands in {seen[short]} too: keep one'
            seen[short] = table


def _fair(data: IntentData) -> Iterator[str]:
    """`_also.toml` names sentences that stand in a topic's file, and other topics than that one."""
    path = data.root / "vi" / "_also.toml"
    if not path.is_file():
        return
    owners = {phrase.text: topic for topic, phrase in data.phrases()}
    for topic, table in catalogue.read(path).items():
        if topic not in _LEAST:
            yield f"{path}, {topic}: no such topic: write a label of the taxonomy"
        for text in table["say"]:
            owner = owners.get(text)
            if owner is None:
                yield f'{path}, {topic}: "{text}" stands in no topic\'s file: write it there as well, letter for letter'
            elif owner == topic:
                yield f'{path}, {topic}: "{text}" stands in the file of this very topic: take it out here'


def _one_place(path: Path, tables: dict[str, Any]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for name, said in tables.items():
        for text in said:
            owner = owners.setdefault(fold(text), name)
            if owner != name:
                yield f'{path}, {name}: "{text}" stands in {owner} too: keep one'


def _cases(data: IntentData, folder: Path) -> Iterator[str]:
    said = {fold(phrase.text): topic for topic, phrase in data.phrases()}
    for topic in data.topics:
        path = folder / Path(topic.path).name
        if not path.is_file():
            yield f"{path}, file: no cases for {topic.id}: add sentences that are not in the data, one a style at least"
            continue
        cases = catalogue.read(path)
        for key in sorted(cases.keys() - _CASE_KEYS):
            yield f"{path}, {key}: unknown key: use one of {', '.join(sorted(_CASE_KEYS))}"
        for style in sorted(_STYLES - cases.keys()):
            yield f'{path}, {style}: no case of this style: add {style} = ["…"]'
        for style in sorted(_STYLES & cases.keys()):
            for text in cases[style]:
                if said.get(fold(text)):
                    yield f'{path}, {style}: "{text}" is in the data too: a case must be a sentence not learnt'
