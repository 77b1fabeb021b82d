"""Every route of the application, asked by everybody with every kind of id; the database is put back in between."""

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiohttp import ClientResponse
from desk.desk_pictures import png
from desk.desk_stage import FAR, HERE, PROVINCE, Browser
from hostile.hostile_stage import Stage
from hostile.hostile_world import last, plant
from leads.sheets import book
from yarl import URL

from bot.model import Contact
from bot.store import journal_file

TABLE = Path(__file__).with_name("routes.txt")
OURS, THEIRS = "ZZOURSZZ", "ZZTHEIRSZZ"
ROLES = ("nobody", "officer", "coordinator", "admin")
NOBODYS = {"class": "lop-none", "errand": "none", "import": "none"}
SHAPES = {"papers": f"7KQ4ME-99999999999-{'0' * 32}", "files": f"1-{'0' * 32}"}  # links as ours are written
MALFORMED = ("x", "-1", "0", "1.5", "99999999999999999999", "1%00", "..%2F1", "%F0%9F%98%80", "1;drop")
FORMS = {
    "state": "enrolled", "text": "Xã mở lớp.", "sure": "xóa", "act": "done", "month": "1", "works": "yes", "as": "pdf",
    "given": "yes", "title": "Lời", "outcome": "reached", "course": "vi-du-2", "topic": "cost", "trade": "cooking",
    "own": "1", "version": "1", "every": "asked", "other": "1", "with": "1", "name": "Nơi", "address": "a@b.vn",
    "source": "own", "way": "email", "gets": "link", "role": "officer", "places": HERE, "q": "1", "seats": "20",
    "place": "Nhà văn hóa", "full_name": "Lò Thị Mẫu", "told_by": "Con", "agreed": "1", "kind": "access", "who": "Ai",
    "what": "people", "interest": "all", "email": "a@b.vn", "period": "month", "purpose": "mở lớp",
}  # fmt: skip

OF_PAGES = {
    "/desk/classes/": {"state": "open"}, "/desk/report/": {"place": HERE, "year": "2026"},
    "/desk/office": {"version": "0"},
    "/desk/people/new": {"birth_year": "1990", "phone": "0900000002", "list": "1", "hamlet": "Bản Mẫu"},
}  # fmt: skip
TABLES = {
    "lead": "leads", "class": "courses", "ticket": "tickets", "question": "unanswered", "recipient": "recipients",
    "announcement": "announcements", "answer": "local_answers", "lesson": "lessons", "call": "follow_ups",
    "reply": "saved_replies", "request": "data_requests", "delivery": "deliveries",
}  # fmt: skip
COUNTED = ("courses", "tickets", "unanswered", "recipients", "local_answers", "lesson_phrases", "saved_replies",
           "data_requests", "offices")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the thing its id names ("-": none), and answers by role: own, another's, nobody's."""

    method: str
    path: str
    thing: str
    answers: dict[str, tuple[str, ...]]


def table() -> dict[tuple[str, str], Row]:
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            route, thing, *answers = (part.strip() for part in line.split("|"))
            method, path = route.split()
            told = {role: tuple(said.split()) for role, said in zip(ROLES, answers, strict=True)}
            assert (method, path) not in rows, f"{route} stands twice"
            rows[method, path] = Row(method, path, thing, told)
    return rows


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The tables that are not as they were."""
    return {table: (before[table], now[table]) for table in before if before[table] != now[table]}


def routes(stage: Stage) -> set[tuple[str, str]]:
    assert stage.built is not None
    every = {(r.method, r.resource.canonical if r.resource else "?") for r in stage.built.router.routes()}
    return {(method, path) for method, path in every if method != "HEAD" or ("GET", path) not in every}


@dataclass
class World:
    """Who asks, what there is, and the database as it was."""

    stage: Stage
    database: Path
    browsers: dict[str, Browser] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    cookies: dict[str, list[Any]] = field(default_factory=dict)
    looking: sqlite3.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.looking = sqlite3.connect(self.database)

    def close(self) -> None:
        self.looking.close()
        self.kept.close()

    def keep(self) -> None:
        with sqlite3.connect(self.database) as now:
            now.backup(self.kept)
        now.close()
        self.cookies = {role: list(b.client.session.cookie_jar) for role, b in self.browsers.items()}

    def restore(self) -> None:
        """As it was; without the journal, which would erase again whom a request erased since."""
        (self.database.parent / journal_file.NAME).unlink(missing_ok=True)
        now = sqlite3.connect(self.database)
        self.kept.backup(now)
        now.close()
        for role, browser in self.browsers.items():
            browser.client.session.cookie_jar.clear()
            for morsel in self.cookies[role]:
                browser.client.session.cookie_jar.update_cookies({morsel.key: morsel}, URL(self.stage.url))

    def ids(self, row: Row, role: str) -> Iterator[tuple[int, str]]:
        """(column of the table, address) for this role: what is nobody's first, for it changes nothing."""
        if "{" not in row.path or row.thing == "-":
            yield 0, filled(row.path, "guess")
            return
        yield 2, filled(row.path, str(NOBODYS.get(row.thing, 999_999)))
        if row.thing in self.others[role]:
            yield 1, filled(row.path, str(self.others[role][row.thing]))
        if row.thing in self.own[role]:
            yield 0, filled(row.path, str(self.own[role][row.thing]))

    def theirs(self) -> dict[str, Any]:
        """Every row of what is in the other commune: it must stay as it was."""
        ids, ask = self.others["officer"], self.looking.execute
        rows = {t: ask(f"SELECT * FROM {t} WHERE id = ?", (ids[thing],)).fetchall() for thing, t in TABLES.items()}
        counts = {t: ask(f"SELECT count(*) FROM {t} WHERE commune = ?", (FAR,)).fetchone() for t in COUNTED}
        return rows | {f"how many {t}": count for t, count in counts.items()}

    def foreign(self) -> dict[str, str]:
        """Fields of forms that name what is in the other commune."""
        ids = {thing: str(number) for thing, number in self.others["officer"].items()}
        told = {
            "other": ids["lead"],
            "with": ids["lead"],
            "course": ids["class"],
            "q": ids["question"],
            "id": ids["reply"],
        }
        told |= {"commune": FAR, "place": FAR, "places": FAR, "at": FAR, f"commune_{FAR}": "1", "also": "1"}
        return told | {"instead": ids["lesson"], "saved": ids["reply"], "row": ids["lead"], "lead": ids["lead"]}

    async def ask(
        self, row: Row, role: str, at: str, hostile: Mapping[str, str] = MappingProxyType({}), **headers: str
    ) -> Any:
        browser = self.browsers[role]
        method = getattr(browser.client, row.method.lower(), None)
        if row.method in ("GET", "HEAD"):
            return await method(at, allow_redirects=False, headers=headers)
        if role == "nobody":
            return await browser.post(at, headers=headers)
        if at.endswith("/poster"):
            return await browser.upload(at, png())
        if at == "/desk/import":
            return await browser.upload(at, people_book(), "x.xlsx", "file", what="people", commune=HERE)
        fields = {**FORMS, "commune": HERE, f"commune_{HERE}": "1"}
        fields |= next((told for path, told in OF_PAGES.items() if at.startswith(path)), {}) | dict(hostile)
        return await browser.send(at, *fields.items())


def filled(path: str, thing: str) -> str:
    said = path.replace("{way}", "web").replace("{kind}", "pdf")
    if thing == "guess" and (shape := SHAPES.get(said.split("/")[1])):
        thing = shape
    return re.sub(r"{(id|token|name)}", thing, said)


async def readable(answer: ClientResponse) -> str:
    """What an answer says, unpacked when it is a workbook or a document."""
    body = await answer.read()
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return body.decode("utf-8", "replace")


async def world(stage: Stage, database: Path) -> World:
    """An officer of HERE, a coordinator of its province, an admin; one of everything here and far away."""
    made = World(stage, database)
    numbers = {
        "officer": stage.hire("Cán bộ", "officer", (HERE,)),
        "coordinator": stage.hire("Đầu mối", "coordinator", (PROVINCE,)),
        "admin": stage.hire("Quản trị", "admin", ()),
    }
    stranger = stage.hire(f"Cán bộ {THEIRS}", "officer", (FAR,))
    made.browsers = {role: await stage.signed_in(number) for role, number in numbers.items()}
    made.browsers["nobody"] = stage.browser()
    far = await stage.signed_in(stranger)
    admin = made.browsers["admin"]
    here = await plant(stage, admin, made.browsers["officer"], HERE, OURS)
    there = await plant(stage, admin, far, FAR, THEIRS)
    for role, browser in made.browsers.items():
        made.own[role], made.others[role] = dict(here), dict(there)
        if role in numbers:
            await personal(stage, made, role, browser, numbers[role])
    sessions, imports = made.own["officer"], made.own["admin"]
    for role in ("coordinator", "admin"):
        made.others[role] |= {k: sessions[k] for k in ("session", "chat", "import", "errand")}
    made.others["officer"] |= {k: imports[k] for k in ("session", "chat", "import", "errand")}
    made.others["nobody"] |= {k: imports[k] for k in ("session", "chat", "import", "errand", "officer")}
    made.keep()
    assert all(made.theirs()[table] for table in TABLES.values()), "there is something to be changed"
    return made


async def personal(stage: Stage, made: World, role: str, browser: Browser, number: int) -> None:
    """What belongs to an officer alone: another session, a chat, a workbook that waits, work that was done."""
    own = made.own[role]
    await stage.signed_in(number)
    own["session"] = last(stage, "desk_sessions")
    stage.says("xin chào", contact(role))
    own["chat"] = last(stage, "contacts")
    with stage.store.desk() as desk:
        desk.officers.link_chat(number, own["chat"], stage.clock[0], None)
    own["officer"] = made.others[role]["officer"] = number
    if role == "coordinator":
        own |= {"import": "none-of-theirs", "errand": "none-of-theirs"}
        return
    for kind in ("errand", "import"):
        sent = await browser.upload("/desk/import", people_book(), "x.xlsx", "file", what="people", commune=HERE)
        own[kind] = sent.headers["Location"].rpartition("/")[2]
        if kind == "errand":
            done = await browser.send(sent.headers["Location"], agreed="1")
            own[kind] = done.headers["Location"].rpartition("/")[2]


def people_book() -> bytes:
    return book(
        ["STT", "Họ và tên", "Năm sinh", "Thôn", "SĐT", "Nghề đăng ký"],
        [1, "Lò Thị Mẫu", 1981, "bản Mẫu", "0900000901", "Nấu ăn"],
    ).read()


def contact(role: str) -> Contact:
    return Contact("zalo_oa", "4242", f"officer-{role}")
