"""Benefits and the questions about a person, as the data files declare them."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.conditions import Condition
from knowledge.dated import Source, Text

AmountKind = Literal["cap", "fixed", "per_day", "per_month", "product", "share"]
QuestionKind = Literal["choice", "many", "number"]
Asked = Literal["interview", "request", "amount", "never"]


@dataclass(frozen=True, slots=True)
class AmountRule:
    """One amount of a benefit, taken from parameters.

    `cap`: at most the value (or what is really paid, when the fact `pays` is known). `fixed`: the value. `per_day`,
    `per_month`: the value, and times the fact `times` when it is known. `product`: the parameters multiplied.
    `share`: a percentage, of the fact `pays` when it is known.
    Of the amounts with the same `group`, only the highest that applies is shown.
    """

    kind: AmountKind
    label: Text
    parameters: tuple[str, ...]
    when: Condition
    times: str = ""
    pays: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say beside the outcome when its condition is met; `officer`: an open question for the officer."""

    when: Condition
    text: Text
    officer: bool


@dataclass(frozen=True, slots=True)
class Benefit:
    """A support somebody may get. `when`: whether it concerns the person at all; `rule`: whether they may get it.

    `rank`: the lower is shown first among equals. `purpose`: one cannot have two for the same purpose. `only_for`:
    topics from which it is screened on request; empty: it is in every screening. `whole`: `when` and `rule` together.
    """

    id: str
    title: Text
    purpose: str
    rank: int
    since: date
    until: date | None
    when: Condition
    rule: Condition
    amounts: tuple[AmountRule, ...]
    remarks: tuple[Remark, ...]
    papers: tuple[Text, ...]
    hand_in: Text
    duration: str
    topic: str
    sources: tuple[Source, ...]
    only_for: tuple[str, ...]
    whole: Condition

    def holds(self, on: date) -> bool:
        """Whether the benefit exists on that day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a question: `value` goes into the facts, `label` is read."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a person: how it is asked, and whether it is asked at all.

    `ask`: "interview" (asked while it can change an outcome), "request" (the same, but only in a screening that
    somebody asked for: benefits with `only_for`), "amount" (asked only to compute money), "never" (used when it was
    said anyway, or was consented to). `only_if`: asked only when this condition is met. `derived`: how it follows
    from another fact. `doubt`: the reason shown when the person did not know.
    """

    id: str
    kind: QuestionKind
    ask: Asked
    sensitive: bool
    text: Text
    hint: Text
    easier: Text
    doubt: Text
    choices: tuple[Choice, ...]
    low: int
    high: int
    only_if: Condition | None
    derived: Condition | None


@dataclass(frozen=True, slots=True)
class ContradictionRule:
    """Facts that cannot all be so; `ask`: the fact to ask again. The text may hold `{fact:age}`, what was said."""

    id: str
    when: Condition
    text: Text
    ask: str
