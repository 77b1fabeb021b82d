"""What a person said that cannot all be so: asked back once, kindly."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.benefits import ContradictionRule
from knowledge.catalogue import Catalogue
from knowledge.conditions import Facts, judge
from knowledge.dated import NATION, Text, Where
from knowledge.person import understood

_SAID: Final = re.compile(r"\{fact:([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two things that were said and do not go together. `ask`: the fact to ask again.

    The text holds what the person said (their own number); its other placeholders are for `Catalogue.fill`.
    """

    id: str
    text: Text
    ask: str


def contradictions(
    facts: Facts, *, where: Where = NATION, on: date, catalogue: Catalogue, settled: Collection[str] = ()
) -> tuple[Contradiction, ...]:
    """What does not go together in what is known, in order of the file.

    `settled`: ids that were asked back already; they are not returned again, whatever the answer was.
    """
    known = understood(facts, where=where, on=on, catalogue=catalogue)
    rules = (rule for rule in catalogue.contradictions if rule.id not in settled)
    return tuple(_told(rule, facts) for rule in rules if judge(rule.when, known) == "yes")


def _told(rule: ContradictionRule, facts: Facts) -> Contradiction:
    text = {
        language: _SAID.sub(lambda match: str(facts.get(match.group(1), "")), words)
        for language, words in rule.text.items()
    }
    return Contradiction(rule.id, text, rule.ask)
