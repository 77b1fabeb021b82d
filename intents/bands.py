"""From margins to one of three decisions: answer, offer two or three topics, or say that it is not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intents.features import Floats
from intents.recogniser import EMERGENCY, OUT_OF_SCOPE, Decision, Recognition, Scored


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands end; measured on sentences of writers that training had not seen (docs/adr/0005)."""

    sharpness: float = 4.0  # margins to shares: softmax(sharpness × margin)
    answer: float = 0.92  # from this share on: answer
    clarify: float = 0.05  # from this share of the best topic, relative to that of "not ours": offer topics
    danger: float = 0.5  # an emergency is answered from this share on
    split: float = 0.85  # both pieces of a message cut in two must have this share
    warned: float = 0.7  # added to the margin of an emergency when words of danger stand in the message …
    unwarned: float = -0.25  # … and when none does


def shares(margins: Floats, sharpness: float) -> Floats:
    """Margins of one sentence as shares that sum to 1."""
    scaled = margins * sharpness
    grown = np.exp(scaled - scaled.max())
    return np.asarray(grown / grown.sum(), np.float32)


def decide(topics: Sequence[str], share: Floats, bands: Bands) -> Recognition:
    """The decision for one sentence whose topics have these shares."""
    order = np.argsort(-share)
    ranked = [Scored(topics[at], round(float(share[at]), 4)) for at in order[:4]]
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
