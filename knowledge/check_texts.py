"""Faults of texts: numbers typed in, names of nothing, too long, untranslated, unsourced, silent on some day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from knowledge.answers import (
    ACTS,
    EMERGENCY,
    SHORT_LIMIT,
    TOPICS,
    AnswerFile,
    AnswerText,
    parameters_named,
    placeholders,
)
from knowledge.catalogue import FIRST_DAY, Catalogue
from knowledge.check_words import MORE, check_words, plain
from knowledge.conditions import doubts, leaves
from knowledge.dated import KnowledgeError, Text, Where
from knowledge.reading import Pack
from knowledge.table import Fault

_DAYS_OF_LAW: Final = ("in_force", "until", "issued")
_SAID: Final = re.compile(r"\{fact:[a-z_]+\}")
"""What the person said, within a contradiction: checked with the rules."""


def all_texts(catalogue: Catalogue) -> Iterator[tuple[str, str, Text]]:
    """Every text that a person may read, with its file and place."""
    for pack in catalogue.packs.values():
        yield from _answer_texts(pack)
        yield from _benefit_texts(pack)
        for fact in pack.facts.values():
            for text in (fact.text, fact.hint, fact.easier, fact.doubt, *(choice.label for choice in fact.choices)):
                yield pack.paths["fact", fact.id], fact.id, text
        for contact in pack.contacts.values():
            yield pack.paths["contact", contact.id], contact.id, contact.name
            yield pack.paths["contact", contact.id], contact.id, contact.what
        for old in pack.superseded.values():
            yield pack.paths["superseded", old.id], old.id, old.text
        for trade in pack.trades.values():
            yield pack.paths["trade", trade.id], trade.id, trade.name
            yield pack.paths["trade", trade.id], trade.id, trade.leads_to
        for rule in pack.contradictions.values():
            said = {language: _SAID.sub("", words) for language, words in rule.text.items()}
            yield pack.paths["contradiction", rule.id], rule.id, said


def _answer_texts(pack: Pack) -> Iterator[tuple[str, str, Text]]:
    for answer in pack.answers.values():
        for number, text in enumerate(answer.texts, start=1):
            yield pack.paths["answer", answer.topic], f"text {number}.short", text.short
            yield pack.paths["answer", answer.topic], f"text {number}{MORE}", text.more
            yield pack.paths["answer", answer.topic], f"text {number}.also{MORE}", text.also


def _benefit_texts(pack: Pack) -> Iterator[tuple[str, str, Text]]:
    for benefit in pack.benefits.values():
        path = pack.paths["benefit", benefit.id]
        told = [text for leaf in leaves(benefit.rule) for text in (leaf.met, leaf.unmet, leaf.doubt) if text]
        told += [doubt.text for doubt in doubts(benefit.rule)]
        told += [benefit.title, benefit.hand_in, *benefit.papers]
        told += [amount.label for amount in benefit.amounts] + [remark.text for remark in benefit.remarks]
        for text in told:
            yield path, benefit.id, text


def check_texts(catalogue: Catalogue) -> Iterator[Fault]:
    """Faults of wording, and placeholders that name nothing, in all texts of all places."""
    for path, place, text in all_texts(catalogue):
        yield from check_words(path, place, text, catalogue)
        for language, words in text.items():
            for name in placeholders(words):
                if not _exists(name, catalogue):
                    what = f"names {{{name}}}, which is not known"
                    yield Fault(path, f"{place}.{language}", what, "correct it, or add it")


def _exists(name: str, catalogue: Catalogue) -> bool:
    if not name.startswith("law:"):
        return any(name in pack.parameters for pack in catalogue.packs.values())
    _, law_id, *which = name.split(":")
    if not catalogue.knows_law(law_id) or len(which) > 1:
        return False
    return not which or (which[0] in _DAYS_OF_LAW and getattr(catalogue.law(law_id), which[0]) is not None)


def check_answers(catalogue: Catalogue) -> Iterator[Fault]:
    """Answers that are missing, silent on some day, unsourced, too long or untranslated."""
    for topic in (*TOPICS, EMERGENCY):
        if topic not in catalogue.nation.answers:
            yield Fault(f"answers/{topic}.toml", "file", "is missing", "write the nation's answer to this topic")
    days = days_of_change(catalogue)
    for pack in catalogue.packs.values():
        for answer in pack.answers.values():
            path = pack.paths["answer", answer.topic]
            yield from _check_file(answer, path, pack)
            for number, text in enumerate(answer.texts, start=1):
                yield from _Checked(catalogue, pack, answer.topic, path, f"text {number}", text).faults(days)


def days_of_change(catalogue: Catalogue) -> list[date]:
    """The first day, and every day on which a value, a law or a text begins or has just ended."""
    spans: list[tuple[date | None, date | None]] = []
    for pack in catalogue.packs.values():
        spans += [(entry.since, entry.until) for parameter in pack.parameters.values() for entry in parameter.entries]
        spans += [(law.in_force, law.until) for law in pack.laws.values()]
        spans += [(text.since, text.until) for answer in pack.answers.values() for text in answer.texts]
    days = {FIRST_DAY} | {since for since, _ in spans if since}
    days |= {until + timedelta(days=1) for _, until in spans if until and until < date.max}
    return sorted(day for day in days if FIRST_DAY <= day < date.max)


def _check_file(answer: AnswerFile, path: str, pack: Pack) -> Iterator[Fault]:
    if answer.topic not in (*TOPICS, EMERGENCY):
        yield Fault(path, "topic", f"{answer.topic!r} is no topic", "write one of the topics in knowledge/answers.py")
    for step in answer.next:
        if step not in (*TOPICS, EMERGENCY, *ACTS):
            yield Fault(path, "next", f"{step!r} is no topic and no act", f"write a topic, or {' or '.join(ACTS)}")
    if not pack.code and not answer.next:
        yield Fault(path, "next", "is missing", "offer at least one next step: nobody may stand at a dead end")
    spans = sorted((text.since or date.min, text.until or date.max) for text in answer.texts)
    for (_, until), (since, _) in pairwise(spans):
        if since <= until:
            yield Fault(path, "texts", f"two texts speak on {since}", "end the earlier one the day before")
        elif not pack.code and until + timedelta(days=1) < since:
            yield Fault(path, "texts", f"none speaks from {until} to {since}", "move a since or until, or add a text")
    if spans and not pack.code and (spans[0][0] > FIRST_DAY or spans[-1][1] != date.max):
        yield Fault(path, "texts", "do not cover every day", "leave out the first since and the last until")


@dataclass(frozen=True, slots=True)
class _Checked:
    """One text under examination."""

    catalogue: Catalogue
    pack: Pack
    topic: str
    path: str
    place: str
    text: AnswerText

    def faults(self, days: list[date]) -> Iterator[Fault]:
        yield from self._silence()
        yield from self._sources()
        last_fault = ""
        for day in self._days(days):
            for fault in self._on(day):
                if fault.what != last_fault:
                    yield fault
                last_fault = fault.what

    def _days(self, days: list[date]) -> list[date]:
        """The first day of the text, and those on which a value that it names begins or has just ended."""
        words = [*self.text.short.values(), *self.text.more.values(), *self.text.also.values()]
        named = [
            pack.parameters.get(name) for name in parameters_named(words) for pack in self.catalogue.packs.values()
        ]
        entries = [entry for parameter in named if parameter for entry in parameter.entries]
        changes = {entry.since for entry in entries}
        changes |= {entry.until + timedelta(days=1) for entry in entries if entry.until and entry.until < date.max}
        first = max(self.text.since or FIRST_DAY, FIRST_DAY)
        return [day for day in sorted({first, *changes.intersection(days)}) if self.text.holds(day)]

    def _fault(self, what: str, todo: str) -> Fault:
        return Fault(self.path, self.place, what, todo)

    def _silence(self) -> Iterator[Fault]:
        if not self.text.short and not (self.pack.code and (self.text.more or self.text.also)):
            yield self._fault("says nothing", "write short.vi and short.en (in a place more.vi or also.vi is enough)")
        if self.text.also and not self.pack.code:
            yield self._fault("adds to nothing", "write more.vi: also.vi is for places, it goes after the nation's")

    def _sources(self) -> Iterator[Fault]:
        words = [*self.text.short.values(), *self.text.more.values(), *self.text.also.values()]
        if not self.text.about_us and not self.text.sources and not parameters_named(words):
            todo = "write sources = [{ law = …, article = … }], or about_us = true when it speaks of no law"
            yield self._fault("has no source", todo)
        for source in self.text.sources:
            if not self.catalogue.knows_law(source.law):
                yield self._fault(f"names no law {source.law!r}", "correct the id, or add it to laws.toml")

    def _on(self, day: date) -> Iterator[Fault]:
        place = self.pack.where
        for length in (self.text.short, self.text.more, self.text.also):
            for language, words in length.items():
                if not all(_exists(name, self.catalogue) for name in placeholders(words)):
                    continue
                try:
                    filled = self.catalogue.fill(words, plain, where=place, on=day)
                except KnowledgeError as error:
                    yield self._fault(f"cannot be told on {day}: {error}", "give the text a since or until")
                    continue
                if length is self.text.short and len(filled) > SHORT_LIMIT:
                    what = f"short.{language} has {len(filled)} characters once filled"
                    yield self._fault(what, f"shorten it to {SHORT_LIMIT}, or move a sentence to more")
                yield from self._unsure(words, place, day)

    def _unsure(self, words: str, place: Where, day: date) -> Iterator[Fault]:
        for name in parameters_named([words]):
            if self.catalogue.value(name, where=place, on=day).confidence == "M":
                yield self._fault(
                    f"shows {{{name}}}, which nobody has checked (M)", "check the source, or leave it out"
                )
