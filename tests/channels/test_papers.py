"""The link to the request form: unguessable, one person's, over in time; what is typed on its page is kept nowhere."""

import io
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from docx import Document
from sqlalchemy import select
from store import factories
from store.factories import ME, NOW, consent, database, happen, lead, person

from bot.app import App
from bot.channels.web import papers
from bot.channels.web.limits import Gate
from bot.effects import LeadWithdrawn, PersonErased
from bot.model import Contact, Incoming
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore

TELEGRAM = Contact("telegram", "bot", "somebody")
SITE = "https://hocnghe.example"


@pytest.fixture
def store(database_file):
    store = SqlDeskStore(connect(f"sqlite:///{database_file}"), Cipher(factories.KEY))
    happen(store, lead("HN-AAAAAA", person(1)), consent("list", receipt="HN-AAAAAA"), contact=TELEGRAM)
    yield store
    store.close()


@pytest.fixture
def database_file(tmp_path):
    path = tmp_path / "hocnghe.sqlite3"
    database(path).dispose()
    return path


@asynccontextmanager
async def page(store, now=NOW):
    application = web.Application()
    papers.Papers(store, lambda _c: ("Xã Ví Dụ", "Tỉnh Mẫu"), lambda: now, Gate()).setup(application)
    async with TestClient(TestServer(application)) as client:
        yield client


def path(store, receipt="HN-AAAAAA", channel="telegram"):
    return papers.link(store, SITE)(receipt, channel, NOW).removeprefix(SITE)


async def test_the_page_shows_nothing_of_the_person_the_paper_does(store):
    async with page(store) as client:
        shown = await client.get(path(store))
        text = await shown.text()
        assert shown.status == 200
        assert not any(known in text for known in (person(1).full_name, person(1).phone)), "apps look ahead at links"
        assert "Tải để in" in text
        for kind, start in (("pdf", b"%PDF-"), ("docx", b"PK")):
            file = await client.get(f"{path(store)}/mau-01.{kind}")
            assert (file.status, file.content_type) == (200, papers.KINDS[kind])
            assert (await file.read()).startswith(start)
            assert file.headers["Cache-Control"] == "no-store"
            assert "default-src 'none'" in file.headers["Content-Security-Policy"]


async def test_the_link_ends_and_no_other_link_opens(store):
    own = path(store)
    token = own.rpartition("/")[2]
    receipt, last, seal = token.split("-")
    forged = [f"BBBBBB-{last}-{seal}", f"{receipt}-{int(last) + 1}-{seal}", f"{receipt}-{last}-{'0' * 32}"]
    async with page(store) as client:
        for wrong in forged:
            for tail in ("", "/mau-01.pdf"):
                assert (await client.get(f"/papers/{wrong}{tail}")).status == 410
        assert (await client.post(f"/papers/{forged[0]}", data={"as": "pdf"})).status == 410
    for later, status in ((timedelta(days=2, seconds=-1), 200), (timedelta(days=2, seconds=2), 410)):
        async with page(store, NOW + later) as client:
            assert (await client.get(own)).status == status
    async with page(store, NOW + timedelta(minutes=31)) as client:
        assert (await client.get(path(store, channel="web"))).status == 410, "others sit at that screen"


@pytest.mark.parametrize("gone", [PersonErased(), LeadWithdrawn("HN-AAAAAA")])
async def test_the_link_ends_with_the_registration(store, gone):
    happen(store, gone, contact=TELEGRAM)
    async with page(store) as client:
        assert (await client.get(path(store))).status == 410


async def test_what_is_typed_stands_in_the_paper_and_nowhere_else(store, database_file, capfd):
    typed = {"number": "000777000777", "account": "970777000", "address": "Nhà số Bảy", "sex": "female", "as": "docx"}
    async with page(store) as client:
        made = await client.post(path(store), data=typed)
        body = await made.read()
    said = "\n".join(p.text for p in Document(io.BytesIO(body)).paragraphs)
    assert all(typed[name] in said for name in ("number", "account", "address"))
    assert "Giới tính: Nữ" in said
    files = b"".join(f.read_bytes() for f in database_file.parent.glob("*"))
    assert not any(typed[name].encode() in files for name in ("number", "account", "address"))
    assert "000777000777" not in "".join(capfd.readouterr())
    with store.engine.connect() as db:
        assert db.execute(select(t.people.c.changed_at)).scalar_one() == NOW


@pytest.mark.parametrize(
    "data", [{}, {"as": "exe"}, {"as": "pdf", "sex": "?", "group": "x\0", "number": "9" * 500}, {"as": ["pdf", "docx"]}]
)
async def test_bad_input_is_no_trouble(store, data):
    async with page(store) as client:
        assert (await client.post(path(store), data=data)).status in (200, 400)
        assert (await client.post(path(store), data="\xff\xfe", headers={"Content-Type": "text/plain"})).status == 400
        assert (await client.post(path(store), data={"as": "pdf", "number": "9" * 9000})).status == 413


async def test_a_link_is_not_a_way_to_keep_the_machine_busy(store):
    async with page(store) as client:
        codes = [(await client.get(path(store))).status for _ in range(papers.A_MINUTE + 1)]
    assert codes == [200] * papers.A_MINUTE + [429]


def test_the_chat_gives_the_link_and_only_to_whom_it_belongs(store, understanding, catalogue):
    app = App(store, understanding, catalogue, lambda: NOW)
    say = lambda contact, text="xin mẫu đơn": app.handle(Incoming(text + contact.id, contact, NOW, text))  # noqa: E731
    assert "cán bộ in sẵn" in say(TELEGRAM).messages[0].reply.text, "no public address: the commune prints it"
    app.paper, app.site = papers.link(store, SITE), SITE
    reply = say(TELEGRAM, "mau so 01").messages[0].reply.text
    assert f"{SITE}/papers/AAAAAA-" in reply
    assert person(1).full_name in reply
    other = say(ME).messages[0].reply
    assert "/papers/mau-01.pdf" in other.text
    assert "AAAAAA" not in other.text
    assert "Đăng ký học nghề" in [c.label for c in other.choices]
    happen(store, lead("HN-BBBBBB", person(2)), contact=ME)
    own = say(ME, "cho xin mẫu đơn").messages[0].reply.text
    assert "/papers/BBBBBB-" in own
    assert SITE not in own


async def test_whoever_has_not_registered_gets_the_empty_form(store):
    async with page(store) as client:
        first, again = [await (await client.get(papers.BLANK)).read() for _ in range(2)]
    assert first.startswith(b"%PDF-")
    assert first == again
