"""`hocnghe check`: every fault of intents, knowledge and locales, as `path, place: what: what to do`."""

from collections.abc import Iterator
from datetime import date

import intents.check
import knowledge.check
from bot import i18n
from knowledge.check import Fault


def faults(*, on: date) -> list[Fault]:
    """All of them; warnings do not fail the check."""
    found = list(knowledge.check.faults(on=on))
    found += [_parsed(line) for line in intents.check.faults()]
    return [*found, *_texts()]


def _parsed(line: str) -> Fault:
    where, _, rest = line.partition(": ")
    path, _, place = where.partition(", ")
    what, _, todo = rest.partition(": ")
    return Fault(path, place, what.removeprefix("warning "), todo, warning=what.startswith("warning "))


def _texts() -> Iterator[Fault]:
    """A text that one language lacks, or whose placeholders differ."""
    source = i18n.catalogue(i18n.SOURCE)
    for code in i18n.LANGUAGES:
        texts = i18n.catalogue(code)
        for key in sorted(source.keys() | texts.keys()):
            path = f"locales/{code}"
            if key not in texts:
                yield Fault(path, key, "text missing", f"translate it from locales/{i18n.SOURCE}", warning=False)
            elif key not in source and key.startswith("unit.") and key.endswith("_one"):
                continue  # a singular, which Vietnamese has not
            elif key not in source:
                yield Fault(path, key, "no such text in Vietnamese", "remove it, or add it there", warning=False)
            elif i18n.placeholders(texts[key]) != i18n.placeholders(source[key]):
                yield Fault(path, key, "other placeholders than in Vietnamese", "use the same {names}", warning=False)
