"""What people do with the bot, and what they have on their screens."""

from dataclasses import dataclass
from typing import Any

from peers.telegram_people import People
from peers.telegram_state import Button, Chat, Keyboard, Message, World
from peers.telegram_updates import Delivery, Updates

CLOSED = {"blocked", "deactivated", "kicked", "left", "upgraded"}


@dataclass(frozen=True)
class Screen:
    """What a person has before their eyes: the bot's messages as they stand now, and the keys below."""

    messages: tuple[Message, ...]
    keys: Keyboard | None

    def find(self, label: str) -> tuple[Message | None, Button] | None:
        """The newest button with this label: on a message, or among the keys."""
        for message in reversed(self.messages):
            if message.keyboard and message.keyboard.kind == "inline":
                for button in message.keyboard.buttons:
                    if button.label == label:
                        return message, button
        return next(((None, b) for b in self.keys.buttons if b.label == label), None) if self.keys else None

    @property
    def labels(self) -> tuple[str, ...]:
        """Everything that could be tapped."""
        inline = [m.keyboard for m in self.messages if m.keyboard and m.keyboard.kind == "inline"]
        return tuple(label for k in (*inline, self.keys) if k for label in k.labels)


class Acts:
    """Chats are numbers: people positive, groups negative. Each act returns the number of the update it made,
    0 when the program wants none of that kind.
    """

    def __init__(self, world: World, updates: Updates) -> None:
        self.world, self.updates, self.people = world, updates, People(world)

    def screen(self, chat: int) -> Screen:
        """What this chat looks like now."""
        here = tuple(m for (where, _), m in self.world.messages.items() if where == chat and m.from_bot)
        return Screen(here, self.world.chat(chat).keys)

    async def says(self, chat: int, text: str, *, by: int = 0) -> int:
        """Somebody types; in a group `by` says who."""
        return self._writes(chat, by, self.people.text(text))

    async def starts(self, chat: int, payload: str = "") -> int:
        """The Start key, or a link that carries a payload."""
        return self._writes(chat, 0, self.people.start(payload))

    async def taps(self, chat: int, label: str, *, message_id: int = 0, by: int = 0) -> int:
        """The newest button with this label, or that of an old message; 0 also for one that only opens something."""
        screen = self.screen(chat)
        if message_id:
            screen = Screen(tuple(m for m in screen.messages if m.message_id == message_id), None)
        found = screen.find(label)
        if found is None:
            raise LookupError(f"nothing to tap is called {label!r}; there are {screen.labels}")
        message, button = found
        if message is not None:
            if button.does != "callback":
                return 0
            here, person = self._open(chat, by)
            payload = self.people.tap(here, person, message, button)
            return self.updates.add("callback_query", chat, person.id, payload)
        return await self._presses(chat, button, by)

    async def shares_contact(self, chat: int, own: bool = True, *, phone: str = "") -> int:
        """The person shares their own number, or forwards somebody else's."""
        return self._writes(chat, 0, self.people.contact(self.world.chat(chat), own=own, phone=phone))

    async def shares_location(self, chat: int) -> int:
        return self._writes(chat, 0, self.people.location())

    async def sends(self, chat: int, kind: str, body: bytes = b"made up", *, caption: str = "", size: int = 0) -> int:
        """voice, photo, sticker, document or video; `size` pretends another length than the body's."""
        return self._writes(chat, 0, self.people.media(kind, body, caption, size))

    async def edits(self, chat: int, message_id: int, text: str, *, by: int = 0) -> int:
        """The person changes an own message."""
        here, person = self._open(chat, by)
        payload = self.people.edited(here, person, message_id, text)
        return self.updates.add("edited_message", chat, person.id, payload)

    async def blocks(self, chat: int) -> int:
        return self._changes(chat, "blocked", "member", "kicked")

    async def unblocks(self, chat: int) -> int:
        return self._changes(chat, "member", "kicked", "member")

    async def deactivates(self, chat: int) -> None:
        """The account is gone; nobody is told."""
        self.world.chat(chat).status = "deactivated"

    async def joins(self, group: int, by: int) -> int:
        """The bot is put into a group."""
        return self._changes(group, "member", "left", "member", by)

    async def kicks(self, group: int, by: int) -> int:
        return self._changes(group, "kicked", "member", "kicked", by)

    async def upgrades(self, group: int, to: int, by: int) -> tuple[int, int]:
        """The group becomes a supergroup with another number; both tell."""
        old, new = self.world.chat(group), self.world.chat(to)
        first = self._writes(group, by, {"migrate_to_chat_id": to})
        old.status, old.upgraded_to, new.name = "upgraded", to, old.name
        return first, self._writes(to, by, {"migrate_from_chat_id": group})

    async def redelivers(self, update_id: int) -> Delivery | None:
        """An update comes once more, at once, beside whatever is under way; None = it waits for `getUpdates`."""
        pending = self.updates.made[update_id]
        if self.updates.webhook.url:
            pending.tried += 1
            return (await self.updates.post(pending))[0]
        self.updates.pending.insert(0, pending)
        self.world.bell.ring()
        return None

    async def _presses(self, chat: int, button: Button, by: int) -> int:
        here = self.world.chat(chat)
        if here.keys and here.keys.once:
            here.keys = None
        if button.does == "contact":
            return await self.shares_contact(chat)
        if button.does == "location":
            return await self.shares_location(chat)
        return await self.says(chat, button.value, by=by) if button.does == "text" else 0

    def _writes(self, chat: int, by: int, content: dict[str, Any]) -> int:
        here, person = self._open(chat, by)
        return self.updates.add("message", chat, person.id, self.people.message(here, person, content))

    def _open(self, chat: int, by: int) -> tuple[Chat, Chat]:
        """The chat and who acts in it; writing opens a private chat, being seen in a group does not."""
        here = self.world.chat(chat)
        person = here if here.kind == "private" else self.world.chat(by)
        if here.kind != "private" and by <= 0:
            raise ValueError(f"{chat} is a group: say with by= who acts")
        if here.status in CLOSED:
            raise ValueError(f"chat {chat} is {here.status}: nobody can write to the bot there")
        here.status = "member"
        if person.status == "unknown":
            person.status = "seen"
        return here, person

    def _changes(self, chat: int, to: str, before: str, after: str, by: int = 0) -> int:
        here = self.world.chat(chat)
        person = self.world.chat(by) if by else here
        here.status = to
        told = self.people.membership(here, person, before, after, self.world.clock())
        return self.updates.add("my_chat_member", chat, person.id, told)
