"""Which offered choice a message picks: a tap, its number, its label; and which taps come too late."""

import re

from bot.dialogue import announced
from bot.dialogue.fields import SAME, SKIP, Field
from bot.dialogue.world import Talk
from intents import slots
from intents.normalise import fold

IN_FORM = frozenset({"field", "correct", "aside"})
_ONCE = ("act:erase_yes", "withdraw_yes:", SKIP)  # done only by a button of the last message
_CLASS = re.compile(r"(?:/start )?c-([a-z0-9_\-]{1,40})")
_LEAD = ("chon ", "so ", "nut ", "cau ", "chon so ", "y ")


def picked(talk: Talk, asking: Field | None) -> str | None:
    """The value of an offered choice, typed as its number or its label.

    A bare number is no tap where words are asked for and may be skipped: "1" may be hamlet number 1.
    """
    offered, said = talk.session.offered, fold(talk.text)
    if answered := announced.meant(said, talk, in_a_form=asking is not None):
        return answered
    beside = {c.value for c in offered}
    free = asking is not None and asking.open_text and SKIP in beside and beside <= {SKIP, SAME}
    digits = next((said.removeprefix(p) for p in _LEAD if said.startswith(p)), said)
    if not free and digits.isascii() and digits.isdigit() and 1 <= int(digits[:4]) <= len(offered):
        return offered[int(digits) - 1].value
    label = next((c.value for c in offered if said and fold(c.label) == said), None)
    return label or _class_named(talk)


def _class_named(talk: Talk) -> str | None:
    """ "c-lop-7k4mq2", as a poster says to type and a link sends: registration for that class."""
    named = _CLASS.fullmatch(talk.text.strip().lower())
    known = named is not None and any(c.id == named[1] for c in talk.world.courses)
    return f"course:{named[1]}" if named and known else None


def yes_or_no(text: str) -> bool:
    """Whether the message is a bare yes or no ("dạ rồi"): an answer to what was asked, whatever else it sounds like."""
    said = [word for word in fold(text).split() if word not in ("da", "a")]
    return len(said) == 1 and slots.yes_no(text) is not None


def stale(value: str, talk: Talk) -> bool:
    """A button of an earlier message that must not act any more: it would answer a question it was not made for."""
    kind = value.partition(":")[0]
    if kind not in ("field", "correct") and not value.startswith(_ONCE):
        return False
    return all(c.value != value for c in talk.session.offered)
