"""A strict Zalo on loopback: Bot Platform, Official Account, templates and OAuth on one port.

In a test:

    async with ZaloPeer(clock, product="oa") as peer:
        ...  # start the program with `peer.environment()`
        peer.mail.oa_webhook = "http://127.0.0.1:8080/webhooks/zalo-oa"
        await peer.says("An", "còn lớp may không")
        (reply,) = await peer.wait_for(1, "An")

By hand: `python -m tests.peers.zalo --help`.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from aiohttp import web

from peers import zalo_oa, zalo_zbs
from peers.zalo_bot import PARAMETERS, BotDesk
from peers.zalo_delivery import Delivery, Mail
from peers.zalo_events import BotEvents, Event, OaEvents, Signing
from peers.zalo_faults import Faults
from peers.zalo_front import Front, answer
from peers.zalo_ledger import ZONE, Button, Called, Clock, Credentials, Ledger, Member, Person, Rules, Sent, Template
from peers.zalo_oauth import OauthDesk, Tokens

Product = Literal["oa", "bot"]
PREFIX = "HOCNGHE_"
LARGEST = 8 * 1024 * 1024


def real_clock() -> datetime:
    """The clock of a peer started by hand."""
    return datetime.now(ZONE)


class ZaloPeer:
    """The whole of it. People are named; `product` is where they talk unless a call says otherwise."""

    def __init__(
        self,
        clock: Clock = real_clock,
        *,
        product: Product = "oa",
        rules: Rules | None = None,
        oa_webhook: str = "",
        echoes: bool = False,
        port: int = 0,
    ) -> None:
        self.product: Product = product
        self.credentials, self.rules, self.url = Credentials(), rules or Rules(), ""
        self.ledger = Ledger(clock, self.credentials, self.rules)
        self.tokens, self.faults = Tokens(self.ledger), Faults()
        self.oa, self.bot = OaEvents(self.ledger), BotEvents(self.ledger)
        self.desk = BotDesk(self.ledger)
        self.mail = Mail(self.ledger, self.desk, oa_webhook)
        if echoes:
            self.ledger.watchers.append(self.mail.echo)
        self._port = port
        self._runner = web.AppRunner(
            self._application(), handler_cancellation=True, access_log=None, shutdown_timeout=0.2
        )

    async def __aenter__(self) -> "ZaloPeer":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.mail.close()
        await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """The settings that make the program talk to this peer; every host is one address here."""
        mine = self.credentials
        return {
            f"{PREFIX}ZALO_BOT_TOKEN": mine.bot_token,
            f"{PREFIX}ZALO_BOT_API_URL": self.url,
            f"{PREFIX}ZALO_BOT_WEBHOOK_SECRET": mine.bot_secret,
            f"{PREFIX}ZALO_OA_APP_ID": mine.app_id,
            f"{PREFIX}ZALO_OA_APP_SECRET": mine.app_secret,
            f"{PREFIX}ZALO_OA_WEBHOOK_KEY": mine.webhook_key,
            f"{PREFIX}ZALO_OA_REFRESH_TOKEN": mine.refresh_token,
            f"{PREFIX}ZALO_OA_API_URL": self.url,
            f"{PREFIX}ZALO_OAUTH_URL": self.url,
            f"{PREFIX}ZALO_ZBS_API_URL": self.url,
        }

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What Zalo took from the program, in order."""
        return tuple(self.ledger.sent)

    @property
    def calls(self) -> tuple[Called, ...]:
        """Every request that came, also the refused ones."""
        return tuple(self.ledger.calls)

    def sent_to(self, who: Person | str) -> tuple[Sent, ...]:
        person = self.person(who)
        return tuple(s for s in self.sent if s.user in (person.user_id, person.chat_id, person.phone))

    def person(self, who: Person | str) -> Person:
        """Somebody with an account, known to the OA by number; nobody may write to them yet."""
        person = Person.named(who) if isinstance(who, str) else who
        self.ledger.members.setdefault(person.user_id, Member(person))
        return person

    def approve(self, template_id: str, status: str = "ENABLE", *, uid: bool = True, **params: int) -> None:
        """A template as the reviewer left it, with its parameters' longest lengths."""
        self.ledger.templates[template_id] = Template(template_id, params, status, uid)

    def refuses(self, who: Person | str, code: int) -> None:
        """From now on no message of the OA reaches this person, by any way, and this is the number for it."""
        person = self.person(who)
        for method, user in (("cs", person.user_id), ("template", person.user_id), ("phone", person.phone)):
            self.faults.code(code, method, user, times=None)

    async def deliver(self, event: Event, signing: Signing = "right") -> Delivery:
        """Any event made by `peer.oa` or `peer.bot`: twice, in another order, wrongly signed."""
        return await self.mail.deliver(event, signing)

    async def says(self, who: Person | str, text: str, product: Product | None = None) -> Delivery:
        """The person types."""
        person, maker = self.person(who), self.oa if self._is_oa(product) else self.bot
        return await self.deliver(maker.text(person, text))

    async def sends(self, who: Person | str, kind: str, product: Product | None = None, **fields: Any) -> Delivery:
        """The person sends a picture, a voice, a place …: the kinds in `zalo_events`."""
        person, maker = self.person(who), self.oa if self._is_oa(product) else self.bot
        return await self.deliver(maker.media(person, kind, **fields))

    async def taps(self, who: Person | str, title: str) -> Delivery:
        """The person taps a button of the newest message that has it; its payload arrives as typed text."""
        button = next((b for s in reversed(self.sent_to(who)) for b in s.buttons if b.title == title), None)
        if button is None or not button.type.startswith("oa.query."):
            offered = [b.title for s in self.sent_to(who) for b in s.buttons if b.type.startswith("oa.query.")]
            raise LookupError(f"no button {title!r} to answer with was sent; there are {offered}")
        return await self.says(who, button.payload, "oa")

    async def follow(self, who: Person | str) -> Delivery:
        return await self.deliver(self.oa.follow(self.person(who)))

    async def unfollow(self, who: Person | str) -> Delivery:
        return await self.deliver(self.oa.follow(self.person(who), gone=True))

    async def submits(self, who: Person | str, *, legacy: bool = False, **info: Any) -> Delivery:
        """The person fills in what `request_user_info` asked for."""
        return await self.deliver(self.oa.submit_info(self.person(who), legacy=legacy, **info))

    async def officer_says(self, who: Person | str, text: str) -> Delivery:
        """An officer answers by hand in OA Manager; the program gets the echo."""
        return await self.deliver(self.oa.echo(self.person(who), text, admin_id="1234567890123456789"))

    async def probe(self, product: Product | None = None) -> Delivery:
        """The empty call with which a console tries an address."""
        return await self.deliver(Event(product or self.product, "", b"", "", self.ledger.clock()))

    async def wait_for(self, n: int, who: Person | str | None = None, seconds: float = 5) -> tuple[Sent, ...]:
        """Until n messages in all have been taken (for this person); all of them."""

        def there() -> Sequence[Sent]:
            return self.ledger.sent if who is None else self.sent_to(who)

        try:
            await self.ledger.wait(lambda: len(there()) >= n, seconds)
        except TimeoutError:
            told = [(s.method, s.text) for s in there()]
            refused = [(c.method, c.code) for c in self.calls if c.code]
            raise AssertionError(f"{len(told)} of {n} messages in {seconds} s: {told}; refused: {refused}") from None
        return tuple(there())

    async def silent(self, seconds: float = 0.1) -> bool:
        """Whether nothing more is sent for a while."""
        before = len(self.ledger.sent)
        await asyncio.sleep(seconds)
        return len(self.ledger.sent) == before

    def _is_oa(self, product: Product | None) -> bool:
        return (product or self.product) == "oa"

    def _application(self) -> web.Application:
        front, oa = Front(self.ledger, self.faults), zalo_oa.OaDesk(self.ledger, self.tokens)
        zbs, oauth = zalo_zbs.ZbsDesk(self.ledger, self.tokens), OauthDesk(self.ledger, self.tokens)
        application = web.Application(client_max_size=LARGEST)
        add = application.router.add_route
        for verb in ("GET", "POST"):
            add(verb, "/bot{token:[^/]+}/{method}", front.serve(self.desk))
        for method, (verb, path) in zalo_oa.ROUTES.items():
            add(verb, path, front.serve(oa, method))
        for method, (verb, path) in zalo_zbs.ROUTES.items():
            add(verb, path, front.serve(zbs, method))
        add("POST", "/v4/oa/access_token", front.serve(oauth, "token"))
        add("*", "/{path:.*}", _nothing_here)
        self.faults.known = {*PARAMETERS, *zalo_oa.ROUTES, *zalo_zbs.ROUTES, "token"}
        return application


async def _nothing_here(_: web.Request) -> web.Response:
    missing = answer({"error": 404, "message": "Empty api"})
    missing.set_status(404)
    return missing


__all__ = ["Button", "Person", "Rules", "Sent", "ZaloPeer"]


if __name__ == "__main__":
    from peers.zalo_hand import main

    main()
