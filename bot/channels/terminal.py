"""The terminal as a channel: a talk on standard input and output, and `/case` that prints it as a dialogue case."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TextIO

from bot.app import App
from bot.model import Contact, Incoming, Reply

CHANNEL = "terminal"
TURN_END = "--"


def as_lines(reply: Reply) -> list[str]:
    """The reply as lines of text; choices as `1. label`."""
    return [*reply.text.splitlines(), *(f"{n}. {c.label}" for n, c in enumerate(reply.choices, 1))]


@dataclass(slots=True)
class Terminal:
    """A talk of one person at one terminal; `name` empty: somebody new each time."""

    app: App
    name: str = ""
    talk: list[tuple[str, tuple[Reply, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A fresh identity for nobody in particular."""
        self.name = self.name or f"guest-{secrets.token_hex(8)}"

    def say(self, text: str) -> tuple[Reply, ...]:
        """One message through the whole program; its replies, marked as sent once they are returned."""
        now = self.app.clock()
        incoming = Incoming(secrets.token_hex(12), Contact(CHANNEL, "", self.name), now, text)
        handled = self.app.handle(incoming)
        replies = tuple(m.reply for m in handled.messages if m.reply is not None)
        self.app.sent(handled.messages)
        self.talk.append((text, replies))
        return replies

    def waiting(self) -> tuple[Reply, ...]:
        """What an earlier run answered and did not get to show, shown now and marked."""
        with self.app.store.transaction() as unit:
            kept = [m for m in unit.unsent(CHANNEL) if m.contact.id == self.name]
        self.app.sent(kept)
        return tuple(m.reply for m in kept if m.reply is not None)

    def plain(self, lines: Iterable[str], out: TextIO) -> None:
        """For scripts: a message a line in, lines of text out, `--` after each turn."""
        for reply in self.waiting():
            out.write("\n".join(as_lines(reply)) + "\n")
        for line in lines:
            text = line.rstrip("\n")
            if text.strip() == "/case":
                out.write(self.case())
            else:
                for reply in self.say(text):
                    out.write("\n".join(as_lines(reply)) + "\n")
            out.write(TURN_END + "\n")
            out.flush()

    def interactive(self, read: Callable[[], str], show: Callable[[str], None]) -> None:
        """For people: until end of input, `/quit`, or Ctrl-C."""
        for reply in self.waiting():
            show("\n".join(as_lines(reply)))
        while True:
            try:
                text = read().strip()
            except (EOFError, KeyboardInterrupt):
                return
            if text in ("/quit", "/thoat"):
                return
            if text == "/case":
                show(self.case())
            elif text:
                for reply in self.say(text):
                    show("\n".join(as_lines(reply)))

    def case(self) -> str:
        """The talk so far as a dialogue case: paste it into tests/cases/dialogues/ and shorten what it expects."""
        lines = [f'name = "…"\nplace = ""\non = {self.app.clock().date().isoformat()}\n']
        for said, replies in self.talk:
            expected = [line for r in replies for line in r.text.splitlines() if line.strip()]
            lines.append("[[turn]]")
            lines.append(f"me = {quoted(said)}")
            lines.append(f"bot = [{', '.join(quoted(e) for e in expected)}]")
            labels = [c.label for r in replies for c in r.choices]
            lines.append(f"choices = [{', '.join(quoted(label) for label in labels)}]\n")
        return "\n".join(lines)


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " else f"\\u{ord(c):04x}" for c in escaped) + '"'
