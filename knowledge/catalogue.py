"""Everything that is known, asked by place and day."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from knowledge.answers import Answer, AnswerText, Render, fill, parameters_named
from knowledge.benefits import Benefit, ContradictionRule, Fact
from knowledge.dated import (
    NATION,
    Entry,
    KnowledgeError,
    Law,
    NotInForce,
    Parameter,
    Source,
    Text,
    UnknownLaw,
    UnknownParameter,
    Where,
    unique,
    weakest,
)
from knowledge.directory import Contact, Superseded, Trade
from knowledge.reading import DATA, Pack, read_places

FIRST_DAY: Final = date(2025, 7, 1)
"""The first day this knowledge vouches for: since then there are no districts; older law is history here."""
_REMEMBERED: Final = 20_000
REPORT_DUE: Final = ".report_due"  # ends the name of the parameter with the day of a province's yearly report
Item = TypeVar("Item")


class Catalogue:
    """The knowledge of the nation with what provinces and communes put over it; read only once made."""

    def __init__(self, packs: list[Pack]) -> None:
        self.packs: Mapping[str, Pack] = {pack.code: pack for pack in packs}
        self.nation = self.packs[""]
        self.facts: Mapping[str, Fact] = self.nation.facts
        self._laws = {law.id: law for pack in packs for law in pack.laws.values()}
        self._answers: dict[tuple[str, Where, date], Answer | None] = {}
        self._filled: dict[tuple[str, str, Where, date], str] = {}
        self._benefits: dict[tuple[Where, date], tuple[Benefit, ...]] = {}

    @classmethod
    def load(cls, root: Path | None = None) -> "Catalogue":
        """Read the data of the package, or of another folder made alike; raises one error that lists every fault."""
        packs, faults = read_places(root or DATA)
        if faults:
            lines = "\n".join(str(fault) for fault in faults)
            msg = f"The knowledge has {len(faults)} faults of shape; mend them and start again:\n{lines}"
            raise KnowledgeError(msg)
        return cls([pack for pack in packs if not pack.template])

    @property
    def contradictions(self) -> tuple[ContradictionRule, ...]:
        """What cannot be so of one person all at once, in order of the file."""
        return tuple(self.nation.contradictions.values())

    def layers(self, where: Where) -> list[Pack]:
        """The packs that speak of a place, the nearest first."""
        places = [self.packs[code] for code in (where.commune, where.province) if code and code in self.packs]
        return [*places, self.nation]

    def parameter(self, parameter_id: str, *, where: Where = NATION) -> Parameter:
        """The parameter as the nearest place that names it declares it."""
        for pack in self.layers(where):
            if parameter_id in pack.parameters:
                return pack.parameters[parameter_id]
        msg = f"No parameter {parameter_id!r}. Correct the name, or add it to parameters/*.toml."
        raise UnknownParameter(msg)

    def dated(self, parameter_id: str, *, where: Where = NATION, on: date) -> tuple[Parameter, Entry]:
        """A parameter with its entry in force: that of the commune, else of the province, else of the nation."""
        for pack in self.layers(where):
            parameter = pack.parameters.get(parameter_id)
            entry = parameter.entry(on) if parameter else None
            if parameter and entry:
                return parameter, entry
        self.parameter(parameter_id, where=where)
        msg = f"{parameter_id} has no value on {on:%Y-%m-%d}. Ask for another day, or add an entry with its source."
        raise NotInForce(msg)

    def value(self, parameter_id: str, *, where: Where = NATION, on: date) -> Entry:
        """The entry in force; raises `UnknownParameter` or `NotInForce`."""
        return self.dated(parameter_id, where=where, on=on)[1]

    def knows_law(self, law_id: str) -> bool:
        """Whether there is a law with this id."""
        return law_id in self._laws

    def law(self, law_id: str) -> Law:
        """The law with this id."""
        if law_id not in self._laws:
            msg = f"No law {law_id!r}. Correct the name, or add it to laws.toml."
            raise UnknownLaw(msg)
        return self._laws[law_id]

    def fill(self, text: str, render: Render, *, where: Where = NATION, on: date, language: str = "") -> str:
        """The text with its values and laws in place, each value rendered by the caller.

        `language`: what `render` renders in, when it does nothing else; then the filled text is remembered.
        """
        key = (text, language, self._known(where), on)
        if language and key in self._filled:
            return self._filled[key]
        filled = fill(text, render, value=lambda name: self.dated(name, where=where, on=on), law=self.law)
        if language:
            if len(self._filled) >= _REMEMBERED:
                self._filled.clear()
            self._filled[key] = filled
        return filled

    def answer(self, topic: str, *, where: Where = NATION, on: date) -> Answer | None:
        """What is said on a topic in a place on a day; None for an unknown topic, or a day before `FIRST_DAY`.

        Sources that were not in force that day are left out.
        """
        if on < FIRST_DAY:
            return None
        key = (topic, self._known(where), on)
        if key not in self._answers:
            if len(self._answers) > _REMEMBERED:
                self._answers.clear()
            self._answers[key] = self._answer(topic, where, on)
        return self._answers[key]

    def _known(self, where: Where) -> Where:
        """The place with the codes that have a pack; others are answered as the layer above them."""
        commune = where.commune if where.commune in self.packs else ""
        return Where(where.province if where.province in self.packs else "", commune)

    def _answer(self, topic: str, where: Where, on: date) -> Answer | None:
        files = [pack.answers[topic] for pack in self.layers(where) if topic in pack.answers]
        texts = [text for file in files if (text := file.text(on))]
        if not texts:
            return None
        short = {language: words for text in reversed(texts) for language, words in text.short.items()}
        more = _longer(texts)
        named = parameters_named((*short.values(), *more.values()))
        entries = [self.value(name, where=where, on=on) for name in named]
        given = self._given(texts, on)
        briefly = [entry.source for name, entry in zip(named, entries, strict=True) if _names(short, name)]
        briefly += self._given([text for text in _speaking(texts) if text.short], on)
        return Answer(
            topic=topic,
            short=short,
            more=more,
            sources=unique([entry.source for entry in entries] + given),
            next=next((file.next for file in files if file.next), ()),
            officer=any(text.officer for text in _speaking(texts)),
            confidence=weakest([entry.confidence for entry in entries] + [self.law(s.law).confidence for s in given]),
            parameters=named,
            short_sources=unique(briefly),
        )

    def _given(self, texts: list[AnswerText], on: date) -> list[Source]:
        """The sources beside the texts, of laws in force that day."""
        return [source for text in texts for source in text.sources if self.law(source.law).holds(on)]

    def trades(self, *, where: Where = NATION) -> tuple[Trade, ...]:
        """The occupations that are taught, those of the place put over the nation's."""
        return tuple(self._merged("trades", where, Trade).values())

    def trade(self, trade_id: str, *, where: Where = NATION) -> Trade:
        """One occupation; `KeyError` when there is none of this id."""
        return self._merged("trades", where, Trade)[trade_id]

    def contacts(self, *, where: Where = NATION, topic: str = "") -> tuple[Contact, ...]:
        """Whom to ask, of the nation and of the place; with a topic, those who know about it."""
        everyone = self._merged("contacts", where, Contact).values()
        return tuple(contact for contact in everyone if not topic or topic in contact.topics)

    def benefits(self, *, where: Where = NATION, on: date) -> tuple[Benefit, ...]:
        """The benefits that exist on that day in that place."""
        key = (self._known(where), on)
        if key not in self._benefits:
            if len(self._benefits) > _REMEMBERED:
                self._benefits.clear()
            offered = self._merged("benefits", where, Benefit).values()
            self._benefits[key] = tuple(benefit for benefit in offered if benefit.holds(on))
        return self._benefits[key]

    def superseded(self, *, where: Where = NATION, on: date) -> tuple[Superseded, ...]:
        """The programmes and offices that are of the past on that day, with what stands in their place."""
        return tuple(old for old in self._merged("superseded", where, Superseded).values() if old.since <= on)

    def _merged(self, store: str, where: Where, _kind: type[Item]) -> dict[str, Item]:
        merged: dict[str, Item] = {}
        for pack in reversed(self.layers(where)):
            merged.update(getattr(pack, store))
        return merged


def _longer(texts: list[AnswerText]) -> dict[str, str]:
    """The longer text of the nearest layer that has one, with what nearer layers add to it."""
    more: dict[str, str] = {}
    for text in reversed(texts):
        more.update(text.more)
        for language, words in text.also.items():
            more[language] = f"{more[language]}\n{words}" if language in more else words
    return more


def _names(text: Text, parameter: str) -> bool:
    return any(parameter in parameters_named([words]) for words in text.values())


def _speaking(texts: list[AnswerText]) -> list[AnswerText]:
    """The texts down to the first that has a short text of its own: those whose words are read."""
    for number, text in enumerate(texts, start=1):
        if text.short:
            return texts[:number]
    return texts
