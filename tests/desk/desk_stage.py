"""The desk on loopback over SQLite, with a clock that the test moves; officers as browsers without scripts."""

import io
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from store.factories import engine_at

from bot import demo
from bot.app import App
from bot.channels.outreach import terms_of
from bot.channels.web import Gate
from bot.desk import Desk, DeskSettings, in_chat
from bot.desk.in_chat_announcing import ChatAnnouncing
from bot.desk.signing_in import give_link
from bot.effects import Applicant
from bot.model import Contact, Incoming
from bot.receipts import new_receipt
from bot.store.crypto import Cipher
from bot.store.desk_port import Role, WalkIn
from bot.store.records import VIETNAM
from bot.store.sql_desk_store import SqlDeskStore

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=VIETNAM)
HERE, NEAR, FAR = demo.CODE, "03595", "06862"  # HERE and NEAR are in province 12, FAR is in 22
PROVINCE = "12"
KEY = "a key of the tests, long enough"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
WIDE = Gate(10**6, 10**6, 10**6)


@dataclass
class House:
    """A running desk and what lies behind it."""

    store: SqlDeskStore
    app: App
    desk: Desk
    server: TestServer
    clock: list[datetime]
    letters: list[tuple[str, str, str]] = field(default_factory=list)
    clients: list[TestClient] = field(default_factory=list)

    def later(self, **time: int) -> None:
        self.clock[0] += timedelta(**time)

    def hire(self, name: str = "Cán bộ ví dụ", role: Role = "officer", places: tuple[str, ...] = (HERE,)) -> int:
        with self.store.desk() as desk:
            return desk.officers.add(name, role, places, self.clock[0], email=f"{role}@example.org")

    def token(self, officer: int, **lasts: int) -> str:
        with self.store.desk() as desk:
            return give_link(desk, officer, self.clock[0], timedelta(**lasts or {"hours": 24}))

    def browser(self) -> "Browser":
        client = TestClient(self.server, cookie_jar=CookieJar(unsafe=True))
        self.clients.append(client)
        return Browser(client)

    async def signed_in(self, officer: int, *, own: bool = False) -> "Browser":
        browser = self.browser()
        answer = await browser.post(f"/desk/sign-in/{self.token(officer)}", own="1" if own else "")
        assert answer.status == 303, await answer.text()
        return browser

    def lead(self, number: int = 1, commune: str = HERE, *, course: str = "", by: int = 1, **changes: Any) -> int:
        """A person of the tests, entered by an officer; phones are 0900 000 xxx."""
        who: dict[str, Any] = {
            "full_name": f"Lò Thị Mẫu {['Một', 'Hai', 'Ba', 'Bốn', 'Năm', 'Sáu', 'Bảy'][number % 7]}"
        }
        who |= {"birth_year": 1980 + number % 20, "phone": f"0900000{number:03}", "hamlet": "Bản Mẫu"}
        trade = changes.pop("trade", "cooking")
        group = changes.pop("group", "")
        applicant = Applicant(**(who | {"told_by": "", "commune": commune} | changes))
        details = {"target_group": group} if group else {}
        came = WalkIn(applicant, trade, "Nấu ăn", course, {"list": True}, details, "test", new_receipt())
        with self.store.desk() as desk:
            return desk.walk_ins.enter(by, came, self.clock[0])

    def says(self, text: str, contact: Contact | None = None) -> list[str]:
        """A message to the assistant, and its replies."""
        contact = contact or Contact("zalo_oa", "oa", "somebody")
        handled = self.app.handle(Incoming(new_receipt(), contact, self.clock[0], text))
        return [m.reply.text for m in handled.messages if m.reply]

    def audited(self) -> list[tuple[int | None, str, str]]:
        with self.store.reading() as desk:
            return [(line.officer, line.act, line.subject) for _number, line in desk.audited(most=1000)]


@dataclass
class Browser:
    """An officer's browser: it follows no redirect by itself, and brings the token of the page it came from."""

    client: TestClient
    csrf: str = ""

    async def get(self, path: str, **options: Any) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False, **options)

    async def page(self, path: str) -> str:
        answer = await self.get(path)
        text = await answer.text()
        assert answer.status == 200, (answer.status, path, text[:400])
        return text

    async def token(self) -> str:
        if not self.csrf:
            found = CSRF.search(await self.page("/desk/account"))
            assert found
            self.csrf = found[1]
        return self.csrf

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> ClientResponse:
        """Without the token (the pages that let people in)."""
        return await self.client.post(path, data=fields, allow_redirects=False, headers=headers or {})

    async def send(self, path: str, *pairs: tuple[str, str], **fields: Any) -> ClientResponse:
        """A form of a page that was open."""
        data = [("csrf", await self.token()), *pairs, *fields.items()]
        return await self.client.post(path, data=data, allow_redirects=False)

    async def upload(
        self, path: str, body: bytes, name: str = "poster.png", field: str = "poster", **fields: str
    ) -> ClientResponse:
        form = FormData()
        for key, value in {"csrf": await self.token(), **fields}.items():
            form.add_field(key, value)
        form.add_field(field, io.BytesIO(body), filename=name, content_type="image/png")
        return await self.client.post(path, data=form, allow_redirects=False)


@asynccontextmanager
async def running(understanding, catalogue, database: Path, **options: Any) -> AsyncIterator[House]:
    """The desk on a port of loopback, over a migrated database."""
    clock = [NOON]
    now = lambda: clock[0]  # noqa: E731
    store = SqlDeskStore(engine_at(database), Cipher(KEY))
    with store.transaction() as unit:
        demo.seed(unit, NOON)
        for code in (NEAR, FAR):
            unit.serve(code, NOON)
    letters: list[tuple[str, str, str]] = []

    async def post(to: str, subject: str, text: str) -> None:
        letters.append((to, subject, text))

    trades = {t.id: t.name for t in catalogue.trades()}
    base = "http://127.0.0.1:8080"
    known: dict[str, Any] = {
        "understanding": understanding,
        "gate": WIDE,
        "post": post,
        "telegram": "vi_du_bot",
        "zalo_oa": "100",
    }
    lines = frozenset({("telegram", "bot"), ("zalo_oa", "oa")})
    known |= {"terms": terms_of(lines, understanding.book.communes)}
    known |= {"trade_names": understanding.trade_names, "exports": database.parent / "exports"} | options
    settings = DeskSettings(base, understanding.book, trades, new_receipt, **known)
    app = App(store, understanding, catalogue, now)
    writer = ThreadPoolExecutor(1)
    desk = Desk(store, writer, now, settings)
    app.aside, app.overheard = (
        in_chat.aside(base, desk.tools, ChatAnnouncing(understanding.book, settings.terms)),
        in_chat.overheard,
    )
    application = web.Application(client_max_size=128 * 1024)
    desk.setup(application)
    server = TestServer(application)
    await server.start_server()
    house = House(store, app, desk, server, clock, letters)
    try:
        yield house
    finally:
        for client in house.clients:
            await client.session.close()
        await server.close()
        writer.shutdown()
        store.close()
