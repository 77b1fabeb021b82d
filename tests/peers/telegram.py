"""A strict Telegram Bot API on loopback.

In a test:

    async with TelegramPeer(clock=clock) as peer:
        ...  # start the program with `peer.environment()`
        await peer.says(AN, "còn lớp may không")      # chats are numbers: people positive, groups negative
        (reply,) = await peer.wait_for(1, AN)
        await peer.taps(AN, "Đăng ký")

With `port=` it lives on a fixed address while the program is killed and started again.
By hand: `python -m tests.peers.telegram --help`.
"""

import asyncio

from aiohttp import web

from peers import telegram_methods, telegram_profile
from peers.telegram_acts import Acts, Screen
from peers.telegram_faults import Faults, Flood
from peers.telegram_front import LARGEST, Front
from peers.telegram_methods import Call, Handler, Messages
from peers.telegram_people import bot_json
from peers.telegram_profile import Profile
from peers.telegram_state import (
    TOKEN,
    Button,
    Called,
    Chat,
    Clock,
    Keyboard,
    Refused,
    Rules,
    Sent,
    Tap,
    World,
    real_clock,
)
from peers.telegram_updates import Delivery, Updates

PREFIX = "HOCNGHE_"
SECRET = "made-up_secret-of-the-peer"


class TelegramPeer(Acts):
    """The whole of it: what the program did is told here, what people do in `Acts`."""

    def __init__(
        self, clock: Clock = real_clock, *, rules: Rules | None = None, port: int = 0, token: str = TOKEN
    ) -> None:
        self.rules, self.token, self.secret, self.url = rules or Rules(), token, SECRET, ""
        world = World(clock, token, self.rules)
        super().__init__(world, Updates(world, self._reply))
        self.profile = Profile(world)
        self._front = Front(world, self._methods())
        self._port = port
        self._runner = web.AppRunner(
            self._application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.2
        )
        self._delivering: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "TelegramPeer":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._delivering = asyncio.create_task(self.updates.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._delivering is not None:
            self._delivering.cancel()
            await asyncio.gather(self._delivering, return_exceptions=True)
        await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """The settings that make the program talk to this peer."""
        return {
            f"{PREFIX}TELEGRAM_TOKEN": self.token,
            f"{PREFIX}TELEGRAM_API_URL": self.url,
            f"{PREFIX}TELEGRAM_WEBHOOK_SECRET": self.secret,
        }

    # What the program did.

    @property
    def faults(self) -> Faults:
        """Disturbances for the next calls."""
        return self._front.faults

    @property
    def flood(self) -> Flood:
        """`flood.stop(chat, seconds)` forces 429; the usual limits stand in `rules`."""
        return self._front.flood

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What people got to see, in order, edits included."""
        return tuple(self.world.sent)

    @property
    def calls(self) -> tuple[Called, ...]:
        """Every request to a known method, also the refused ones."""
        return tuple(self.world.called)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every try to post an update to the webhook."""
        return tuple(self.updates.deliveries)

    @property
    def unanswered(self) -> tuple[Tap, ...]:
        """Taps whose spinner still turns."""
        return tuple(t for t in self.world.taps.values() if not t.answers)

    def sent_to(self, chat: int) -> tuple[Sent, ...]:
        return tuple(s for s in self.world.sent if s.chat == chat)

    async def wait_for(self, n: int, chat: int | None = None, seconds: float = 5) -> tuple[Sent, ...]:
        """Until n things in all have been sent (to this chat); all of them."""

        def there() -> tuple[Sent, ...]:
            return self.sent if chat is None else self.sent_to(chat)

        try:
            await self.world.bell.until(lambda: len(there()) >= n, seconds)
        except TimeoutError:
            told = [(s.chat, s.method, s.text) for s in there()]
            refused = [(c.method, c.chat, c.code, c.description) for c in self.calls if c.code]
            failed = sorted({d.error for d in self.deliveries if d.error})
            raise AssertionError(
                f"{len(told)} of {n} in {seconds} s: {told}; refused: {refused}; webhook: {failed}"
            ) from None
        return there()

    async def quiet(self, seconds: float = 5) -> None:
        """Until the program has confirmed every update."""
        try:
            await self.world.bell.until(lambda: not self.updates.pending, seconds)
        except TimeoutError:
            waiting = [(p.update_id, p.chat, p.tried) for p in self.updates.pending]
            raise AssertionError(f"unconfirmed after {seconds} s (update, chat, tries): {waiting}") from None

    async def asks(self, chat: int, text: str, seconds: float = 5) -> Sent:
        """Somebody types; the next thing they get."""
        before = len(self.sent_to(chat))
        await self.says(chat, text)
        return (await self.wait_for(before + 1, chat, seconds))[before]

    async def silent(self, seconds: float = 0.1) -> bool:
        """Whether nothing more is sent for a while."""
        before = len(self.world.sent)
        await asyncio.sleep(seconds)
        return len(self.world.sent) == before

    def _methods(self) -> dict[str, tuple[Handler, set[str]]]:
        updates, kinds = self.updates, {"allowed_updates"}
        hook = {"url", "secret_token", "max_connections", "drop_pending_updates", "ip_address", "certificate"}
        return {
            "getMe": (_get_me, set()),
            "getUpdates": (updates.poll, kinds | {"offset", "limit", "timeout"}),
            "setWebhook": (updates.set_webhook, kinds | hook),
            "deleteWebhook": (updates.delete_webhook, {"drop_pending_updates"}),
            "getWebhookInfo": (updates.info, set()),
            **telegram_methods.table(Messages(self.world, self._left)),
            **telegram_profile.table(self.profile),
        }

    def _left(self, chat: Chat) -> None:
        told = self.people.membership(chat, chat, "member", "left", self.world.clock())
        self.updates.add("my_chat_member", chat.id, chat.id, told)

    async def _reply(self, method: str, args: dict[str, str], update_id: int) -> Refused | None:
        return await self._front.reply(method, args, update_id)

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=LARGEST)
        for verb in ("GET", "POST"):
            application.router.add_route(verb, "/bot{token:[^/]+}/{method}", self._front.serve)
        application.router.add_get("/file/bot{token:[^/]+}/{path:.+}", self._front.fetch)
        application.router.add_route("*", "/{path:.*}", self._front.lost)
        return application


def _get_me(_: Call) -> dict[str, object]:
    able = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False}
    return {**bot_json(), **able}


__all__ = ["Button", "Keyboard", "Rules", "Screen", "Sent", "TelegramPeer"]


if __name__ == "__main__":
    from peers.telegram_hand import main

    main()
