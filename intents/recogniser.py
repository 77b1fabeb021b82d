"""The words in which understanding is told: decision, topics and their scores."""

from dataclasses import dataclass
from typing import Literal, Protocol

Decision = Literal["answer", "clarify", "unknown"]

OUT_OF_SCOPE = "out_of_scope"
EMERGENCY = "emergency"
ACTS = frozenset(
    {
        "greeting",
        "thanks",
        "goodbye",
        "affirm",
        "deny",
        "human",
        "bot_identity",
        "delete_data",
        "stop_messages",
    }
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A topic and how likely it is, 0 to 1."""

    topic: str
    score: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a message is about; `topics` best first and at most three, `further` a second question in the message."""

    decision: Decision
    topics: tuple[Scored, ...]
    further: tuple[Scored, ...] = ()

    @property
    def best(self) -> str:
        """The likeliest topic, "" when there is none."""
        return self.topics[0].topic if self.topics else ""


class Recogniser(Protocol):
    """Anything that reads a message."""

    def recognise(self, text: str) -> Recognition:
        """What `text` is about; never raises."""
        ...
