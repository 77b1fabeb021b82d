"""From margins to one of three decisions: answer, offer two or three topics, or say that it is not known."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np

from intents.features import Floats
from intents.recogniser import EMERGENCY, OUT_OF_SCOPE, Decision, Recognition, Scored


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands end, from `_calibration.toml`: measured on sentences of writers that training had not seen.

    `sharpness`: margins to shares, softmax(sharpness × margin); `answer`: the share from which a topic is answered;
    `clarify`: the share of the best topic relative to that of "not ours" from which topics are offered; `danger`: the
    share from which an emergency is answered; `split`: what both pieces of a message cut in two must have; `warned`,
    `unwarned`: added to the margin of an emergency when words of danger stand in the message and when none does.
    """

    sharpness: float
    answer: float
    clarify: float
    danger: float
    split: float
    warned: float
    unwarned: float


@dataclass(frozen=True, slots=True)
class Measured:
    """On which data the bands were measured."""

    on: date
    sentences: int
    writers: int


@cache
def calibration(language: str = "vi") -> tuple[Bands, Measured]:
    """The bands and what they were measured on, from `data/<language>/_calibration.toml`."""
    raw = (files("intents") / "data" / language / "_calibration.toml").read_text(encoding="utf-8")
    read = tomllib.loads(raw)
    return Bands(**read["bands"]), Measured(**read["measured"])


def shares(margins: Floats, sharpness: float) -> Floats:
    """Margins of one sentence as shares that sum to 1."""
    grown: Floats = np.exp((margins - np.maximum.reduce(margins)) * np.float32(sharpness))
    grown /= np.add.reduce(grown)
    return grown


def decide(topics: Sequence[str], share: Floats, bands: Bands) -> Recognition:
    """The decision for one sentence whose topics have these shares."""
    order = (-share).argsort()[:4]
    likeliest = zip(order.tolist(), share.take(order).tolist(), strict=True)
    ranked = [Scored(topics[at], round(score, 4)) for at, score in likeliest]
    ours = [scored for scored in ranked if scored.topic != OUT_OF_SCOPE][:3]
    none = next((scored.score for scored in ranked if scored.topic == OUT_OF_SCOPE), 0.0)
    return Recognition(_decision(ours, none, bands), tuple(ours))


def _decision(ours: Sequence[Scored], none: float, bands: Bands) -> Decision:
    best = ours[0]
    if best.score >= bands.answer:
        return "answer"
    if best.topic == EMERGENCY:  # in doubt, people in danger are not made to choose: it is answered when it leads
        return "answer" if best.score > none and best.score >= bands.danger else "clarify"
    return "clarify" if best.score >= bands.clarify * none else "unknown"
