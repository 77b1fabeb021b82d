"""Answers by topic: texts that name dated values and laws instead of holding numbers."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.dated import Confidence, Entry, Law, Parameter, Source, Text

TOPICS: Final = (
    "eligibility_general",
    "eligibility_poor_household",
    "eligibility_near_poor",
    "eligibility_disability",
    "eligibility_ethnic",
    "eligibility_policy_family",
    "eligibility_age",
    "eligibility_education",
    "eligibility_residence",
    "eligibility_already_trained",
    "support_tuition",
    "support_meals_travel",
    "support_payment",
    "cost",
    "course_list",
    "course_specific",
    "course_advice",
    "schedule",
    "location",
    "duration",
    "documents",
    "register",
    "register_status",
    "cancel_registration",
    "certificate",
    "dropout_rules",
    "loan_jobcreation",
    "loan_study",
    "loan_work_abroad",
    "job_referral",
    "job_fair",
    "work_abroad",
    "work_abroad_scam",
    "unemployment_insurance_training",
    "unemployment_benefit",
    "discharged_soldier",
    "land_recovered",
    "ex_prisoner",
    "student_after_THCS",
    "driving_licence",
    "contact_officer",
)
EMERGENCY: Final = "emergency"
ACTS: Final = ("screen", "human")
"""Next steps that are no topic: the eligibility interview, and a human."""

SHORT_LIMIT: Final = 300
Render = Callable[[Parameter, Entry], str]
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class AnswerText:
    """What an answer says from `since` to `until` (last day); None: no limit on that side.

    `also`: what a place adds to the longer text of the layer below it, instead of replacing it.
    """

    since: date | None
    until: date | None
    short: Text
    more: Text
    also: Text
    sources: tuple[Source, ...]
    officer: bool
    about_us: bool

    def holds(self, on: date) -> bool:
        """Whether this is what is said on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A topic's texts over time in one place; `next`: topics or acts offered as next steps."""

    topic: str
    next: tuple[str, ...]
    texts: tuple[AnswerText, ...]

    def text(self, on: date) -> AnswerText | None:
        """The text in force on that day, or None."""
        return next((text for text in self.texts if text.holds(on)), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer for one place and day: texts with placeholders still in them (`Catalogue.fill` fills them).

    `officer`: the matter is uncertain, offer the officer. `confidence`: the weakest of the values named. `sources`:
    those of the values named, then those given beside the texts, each once; `short_sources`: the same for the short
    text alone, without those of what a place adds to the longer one.
    """

    topic: str
    short: Text
    more: Text
    sources: tuple[Source, ...]
    next: tuple[str, ...]
    officer: bool
    confidence: Confidence
    parameters: tuple[str, ...]
    short_sources: tuple[Source, ...] = ()


def placeholders(text: str) -> tuple[str, ...]:
    """The names between braces, in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def parameters_named(texts: Iterable[str]) -> tuple[str, ...]:
    """Ids of the parameters that texts name, in order, each once."""
    names = (name for text in texts for name in placeholders(text))
    return tuple(dict.fromkeys(name for name in names if not name.startswith("law:")))


def fill(
    text: str,
    render: Render,
    *,
    value: Callable[[str], tuple[Parameter, Entry]],
    law: Callable[[str], Law],
) -> str:
    """Replace `{parameter.id}` by the rendered value, `{law:id}` by the citation, `{law:id:until}` by a day of it."""

    def replaced(match: re.Match[str]) -> str:
        name = match.group(1)
        if not name.startswith("law:"):
            return render(*value(name))
        _, law_id, *which = name.split(":")
        named = law(law_id)
        return render(*law_day(named, which[0])) if which else named.citation

    return _PLACEHOLDER.sub(replaced, text)


def law_day(law: Law, which: str) -> tuple[Parameter, Entry]:
    """A day of a law (`in_force`, `until` or `issued`) as a value with its source, so that it renders as any other."""
    days = {"in_force": law.in_force, "until": law.until, "issued": law.issued}
    day = days.get(which)
    if day is None:
        msg = f"law {law.id} has no day {which!r}. Write in_force, until or issued, and give that day in laws.toml."
        raise ValueError(msg)
    entry = Entry(day, day, None, Source(law.id, ""), law.confidence, law.checked_on)
    return Parameter(f"law:{law.id}:{which}", "date", law.title, (entry,)), entry


def in_language(text: Text, language: str) -> str:
    """The text in that language, or in Vietnamese where it was not translated."""
    return text.get(language) or text["vi"]
