"""What a form is made of: fields, the five things an answer can turn out to be, choices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.dialogue.world import Talk
from bot.effects import Json
from bot.model import Choice, Reply, Turn

Values = Mapping[str, Json]
LONGEST_LABEL = 60
ANSWER = "field:"  # prefix of a choice that answers the field being asked
SAME_AGAIN = "same_again"  # an answer that says: what answered the question before answers this one, too
SKIP, SAME = "command:skip", ANSWER + SAME_AGAIN  # choices beside the words that a question asks for


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer, as it is kept; `also` are further values that were said with it."""

    value: Json
    also: Values | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not an answer to this field. `hint` (a text) says what is wrong when that is known."""

    hint: str = ""


@dataclass(frozen=True, slots=True)
class Narrow:
    """Nearly an answer: ask the same field again with these choices; `remember` is kept beside the values.

    `missed`: it counts as not understood, so that the officer is offered in the end.
    """

    reply: Reply
    remember: Values
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Goto:
    """Not this field but another one is to be answered anew; "" = which one is asked."""

    field: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The form cannot go on (too young, nobody to send it to): this turn closes it."""

    turn: Turn


Parsed = Accepted | Refused | Narrow | Goto | Ends


def _always(_values: Values, _talk: Talk) -> bool:
    return True


def hidden(_value: Json, _talk: Talk) -> str:
    """For answers that stand in no summary."""
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `parse` gets what was said, or a tapped choice's value without its prefix.

    `show`: the answer in the summary; what is not shown cannot be named for correction. `open_text`: nearly any words
    would parse, so a question in the middle is looked for first. `takes_all`: questions too are answers (a message to
    the officer). `skipped`: what is kept when an optional field is skipped. `resets`: answers that no longer hold once
    this one is corrected.
    """

    id: str
    ask: Callable[[Values, Talk], Reply]
    parse: Callable[[str, Values, Talk], Parsed]
    show: Callable[[Json, Talk], str] = hidden
    easier: Callable[[Values, Talk], Reply] | None = None
    needed: Callable[[Values, Talk], bool] = _always
    optional: bool = False
    skipped: Json = None
    open_text: bool = False
    takes_all: bool = False
    resets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A named list of fields. `field_of` finds one by id; `following` gives the next to ask, None when all is known.

    `called`: fields of another name in a command ("sửa tuổi" names birth_year; the interview's fact is age).
    """

    name: str
    field_of: Callable[[str, Values, Talk], Field | None]
    following: Callable[[Values, Talk], Field | None]
    finish: Callable[[Values, Talk], Turn]
    summary: Callable[[Values, Talk], Reply] | None = None
    order: tuple[str, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`field_of` and `following` for a fixed list of fields."""

    fields: tuple[Field, ...]

    def field_of(self, field_id: str, _values: Values, _talk: Talk) -> Field | None:
        """By id."""
        return next((f for f in self.fields if f.id == field_id), None)

    def following(self, values: Values, talk: Talk) -> Field | None:
        """The first that is needed and not answered yet."""
        return next((f for f in self.fields if f.id not in values and f.needed(values, talk)), None)


def clipped(label: str) -> str:
    """A label that fits a button of every channel."""
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"


def answers(field_values: Mapping[str, str]) -> tuple[Choice, ...]:
    """Choices that answer the field being asked: {value: label}."""
    return tuple(Choice(ANSWER + value, clipped(label)) for value, label in field_values.items())
