"""What officers taught, written as files in the form of intents/data and knowledge/data, for the maintainers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Protocol

from bot.local import LOCAL, Office
from bot.model import Course
from intents.normalise import fold

INTENTS, KNOWLEDGE, CLASSES = "intents/data/vi", "knowledge/data/vn", "classes"
UNCHECKED = "M"  # the confidence of what no maintainer has looked at
_README = """\
# What officers taught

- `intents/data/vi/<topic>.toml`: phrasings. Add each table to the end of the file of the same name; `local_<n>.toml`
  are topics of their own (phrasings that a local answer was written for).
- `knowledge/data/vn/`: local answers, what they rest on, offices. Copy the folders over those of the same name; look at
  each source, then raise its `confidence` from M.
- `classes/<commune>.toml`: the classes as they stand on the desk.
"""


class Taught(Protocol):
    """A lesson in force."""

    @property
    def target(self) -> str: ...  # noqa: D102
    @property
    def phrases(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def communes(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Answer:
    """A local answer as it is said now; `since`: the day of this wording."""

    number: int
    text: str
    source: str
    since: date


@dataclass(frozen=True, slots=True)
class Card:
    """A commune's office; `since`: the day it was entered."""

    commune: str
    office: Office
    since: date


class Folders(Protocol):
    """Where a place's pack stands, by its code ("" is the nation): "12-lai-chau/99001-xa-na-pan"."""

    def __call__(self, code: str) -> str: ...  # noqa: D102


def slug(code: str, name: str) -> str:
    """ "03595-xa-than-uyen"."""
    return f"{code}-" + "-".join(fold(name).split())


def files(
    lessons: Iterable[Taught], answers: Iterable[Answer], cards: Iterable[Card], courses: Iterable[Course], at: Folders
) -> dict[str, str]:
    """Relative path -> contents. The same things give the same files."""
    lessons, found = [lesson for lesson in lessons if lesson.communes], {"README.md": _README}
    found |= _phrasings(lessons)
    said = {f"{LOCAL}{answer.number}": answer for answer in answers}
    laws: dict[str, list[str]] = {}
    for lesson in lessons:
        if (answer := said.get(lesson.target)) is None:
            continue
        for code in lesson.communes:
            found[_path(at(code), f"answers/{_id(lesson.target)}.toml")] = _answer(answer)
            if answer.source:
                laws.setdefault(at(code), []).append(_law(_law_id(answer), answer.source, answer.since))
    for card in cards:
        place = at(card.commune)
        laws.setdefault(place, []).append(_law(f"office_{card.commune}_desk", "Cán bộ xã ghi", card.since))
        found[_path(place, "contacts/local.toml")] = _contact(card)
        if card.office.phone:
            found[_path(place, "parameters/local.toml")] = _phone(card)
    found |= {_path(place, "laws/local.toml"): "\n".join(dict.fromkeys(those)) for place, those in laws.items()}
    return found | _classes(courses)


def _path(place: str, rest: str) -> str:
    return "/".join(part for part in (KNOWLEDGE, place, rest) if part)


def _id(target: str) -> str:
    return target.replace(":", "_")


def _law_id(answer: Answer) -> str:
    return f"local_{answer.number}_source"


def _phrasings(lessons: Iterable[Taught]) -> dict[str, str]:
    """A table a commune, as a writer of its own: how well understanding carries over is measured by writers."""
    by_topic: dict[str, dict[str, dict[str, None]]] = {}
    for lesson in lessons:
        for code in lesson.communes:
            writer = f"can-bo-{code}" if code else "can-bo"
            by_topic.setdefault(_id(lesson.target), {}).setdefault(writer, {}).update(dict.fromkeys(lesson.phrases))
    return {f"{INTENTS}/{topic}.toml": _topic(topic, writers) for topic, writers in sorted(by_topic.items())}


def _topic(topic: str, writers: Mapping[str, Iterable[str]]) -> str:
    own = 'owner = "cán bộ xã"\n\n' if topic.startswith("local_") else ""
    tables = []
    for writer, said in writers.items():
        lines = "".join(f"  {_quoted(phrase)},\n" for phrase in said)
        tables.append(f"[{writer}]\nsay = [\n{lines}]\n")
    return own + "\n".join(tables)


def _answer(answer: Answer) -> str:
    rests = f'sources = [{{ law = "{_law_id(answer)}", article = "" }}]' if answer.source else "about_us = true"
    return (
        f'topic = "local_{answer.number}"\nnext = ["human"]\n\n[[text]]\nsince = {answer.since}\n'
        f"short.vi = {_quoted(answer.text)}\n{rests}\n"
    )


def _law(number: str, title: str, since: date) -> str:
    url = f"url = {_quoted(title)}\n" if title.startswith(("https://", "http://")) else ""
    return (
        f'[[law]]\nid = "{number}"\nkind = {_quoted(title)}\ntitle = {_quoted(title)}\n{url}'
        f'confidence = "{UNCHECKED}"\nchecked_on = {since}\n'
    )


def _contact(card: Card) -> str:
    told = [card.office.address, card.office.hours]
    what = "; ".join(filter(None, told)) or "Hỏi chuyện học nghề"
    name = card.office.name or "Nơi tiếp bà con"
    phone = f'phone = "phone.office_{card.commune}"\n' if card.office.phone else ""
    return (
        f'[[contact]]\nid = "office_{card.commune}"\nname = {{ vi = {_quoted(name)} }}\n'
        f"what = {{ vi = {_quoted(what)} }}\n{phone}"
        f'topics = ["contact_officer"]\nsource = {{ law = "office_{card.commune}_desk", article = "" }}\n'
    )


def _phone(card: Card) -> str:
    return (
        f'[[parameter]]\nid = "phone.office_{card.commune}"\nunit = "phone"\n'
        'description = "Điện thoại cơ quan của xã"\n'
        f"[[parameter.entry]]\nvalue = {_quoted(card.office.phone)}\nsince = {card.since}\n"
        f'law = "office_{card.commune}_desk"\narticle = ""\nconfidence = "{UNCHECKED}"\nchecked_on = {card.since}\n'
    )


def _classes(courses: Iterable[Course]) -> dict[str, str]:
    by_commune: dict[str, list[str]] = {}
    for course in courses:
        rows = ((f.name, getattr(course, f.name)) for f in fields(course))
        table = "".join(f"{name} = {_value(value)}\n" for name, value in rows if value is not None)
        by_commune.setdefault(course.commune, []).append(f"[[class]]\n{table}")
    return {f"{CLASSES}/{code}.toml": "\n".join(tables) for code, tables in sorted(by_commune.items())}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | date):
        return str(value)
    if isinstance(value, tuple):
        return json.dumps(value, ensure_ascii=False)
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
