"""What officers taught and entered for their communes, as a turn looks at it: it stands over the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from intents.near import NearBook

LOCAL = "local:"  # before the number of a local answer, where a topic may stand


@dataclass(frozen=True, slots=True)
class LocalAnswer:
    """An officer's answer. `source`: what it rests on (a law, a page); "": it is the word of `commune` ("": of all)."""

    text: str
    source: str
    commune: str


@dataclass(frozen=True, slots=True)
class Office:
    """Where a commune's people go: each line as the officer wrote it, "" when not told."""

    name: str = ""
    phone: str = ""
    address: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class LocalBook:
    """Phrasings by place and what they mean (a topic, or LOCAL and a number); answers by number; offices by commune."""

    phrases: NearBook[str] = field(default_factory=NearBook)
    answers: Mapping[str, LocalAnswer] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)


NOTHING = LocalBook()
