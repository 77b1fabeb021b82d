"""One question without memory: what `hocnghe ask` prints, what an officer sees that a text is about."""

import time
from dataclasses import dataclass

from bot.dialogue.engine import MOST_READ, step
from bot.dialogue.world import Talk, Understanding, World
from bot.effects import Json
from bot.i18n import language
from bot.model import Contact, Incoming, Session
from intents.recogniser import Recognition
from intents.slots import Slots

FEW_WORDS = 2  # "Xã Nà", a number: answers to a form, no questions


@dataclass(frozen=True, slots=True)
class Asked:
    """What was understood and answered; `ms`: milliseconds that understanding alone took."""

    recognition: Recognition
    slots: Slots
    reply: str
    choices: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    ms: float

    def to_json(self) -> dict[str, Json]:
        """In the shape of `hocnghe ask --json`."""
        kept = ("trade_said", "household_type", "age", "commune", "commune_code", "phone", "country")
        slots = {k.removesuffix("_said"): v for k in kept if (v := getattr(self.slots, k)) not in ("", None)}
        return {
            "decision": self.recognition.decision,
            "topics": [{"id": t.topic, "score": round(t.score, 4)} for t in self.recognition.topics],
            "slots": slots,
            "reply": self.reply,
            "sources": [{"law": law, "article": article} for law, article in self.sources],
            "ms": round(self.ms, 3),
        }


def ask(text: str, world: World) -> Asked:
    """Understand and answer `text` as the first message of a talk."""
    started = time.perf_counter()
    recognition = world.understanding.recogniser.recognise(text)
    slots = world.understanding.slots.read(text)
    ms = (time.perf_counter() - started) * 1000
    incoming = Incoming("ask", Contact("terminal", "", "ask"), world.now, text)
    turn = step(Session(), incoming, world)
    replies = "\n".join(r.text for r in turn.replies)
    labels = tuple(c.label for r in turn.replies for c in r.choices)
    return Asked(recognition, slots, replies, labels, _sources(turn.session.topic, turn.session, incoming, world), ms)


def topic_of(text: str, understanding: Understanding) -> str:
    """What the assistant reads in a text, for the officer's eyes: a topic, "?" at a loss, "" for a few words."""
    found = understanding.recogniser.recognise(text[:MOST_READ])
    if found.decision == "answer":
        return found.best
    return "?" if len(text.split()) > FEW_WORDS else ""


def _sources(topic: str, session: Session, incoming: Incoming, world: World) -> tuple[tuple[str, str], ...]:
    if not topic:
        return ()
    talk = Talk(session, incoming, world, language(), incoming.text)
    answer = world.knowledge.answer(topic, where=talk.where, on=world.today)
    return tuple((world.knowledge.law(s.law).citation, s.article) for s in answer.sources) if answer else ()
