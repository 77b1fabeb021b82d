"""Letters that are none (half a pair, NUL, controls, what XML and SQL refuse), typed into talks: pages, files stand."""

import pytest
import pytest_asyncio
from desk.desk_stage import HERE
from hostile import hostile_walk as walk
from hostile.hostile_stage import text_of

from bot.effects import OfficerAsked, QuestionUnanswered
from bot.model import Contact

pytestmark = pytest.mark.asyncio(loop_scope="module")
ODD = ("\ud83d", "\udc00x", "\x00", "\x07\x1b[2J", "\ufffe\uffff", "\u202e", "\u2028", "\U000e0041")
TALK = ("đăng ký học nghề", "nấu ăn", "1", "Lò{} Thị Mẫu", "1990", "Xã Ví Dụ", "Bản{} Mẫu", "0900000001", "hỏi{} zxcvb")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(stage):
    """An admin, after people with odd letters have written, asked, and come on the list."""
    for person, odd in enumerate(ODD):
        for number, said in enumerate(TALK):
            for channel in ("telegram", "zalo-oa"):
                body = text_of(channel, said.format(odd), 1_000 * (person + 1) + number, who=f"93{person:05}")
                assert (await stage.hook(channel, body))[0] == 200, (channel, odd, said)
        with stage.store.transaction() as unit:
            contact = unit.lock(Contact("telegram", "123", f"93{person:05}"), stage.clock[0])
            unit.apply(contact, OfficerAsked("asked", f"cho{odd} hỏi", HERE, "0900000009"), stage.clock[0])
            unit.apply(contact, QuestionUnanswered(f"hỏi{odd} gì", "unknown", HERE), stage.clock[0])
        stage.lead(person, HERE, full_name=f"Lò{odd} Thị Mẫu", hamlet=f"Bản{odd}", told_by=odd, trade="")
    return await stage.signed_in(stage.hire("Quản trị", "admin", ()))


@pytest.fixture
def ids(stage):
    """Numbers of what they left."""
    tables = {"ticket": "tickets", "lead": "leads", "question": "unanswered"}
    with stage.store.engine.begin() as db:
        return {t: [r[0] for r in db.exec_driver_sql(f"SELECT id FROM {table}")] for t, table in tables.items()}


async def fallen(asked):
    """Addresses that were answered with a fault of ours."""
    return [f"{answer.url}: {answer.status}" for answer in [await one for one in asked] if answer.status >= 500]


async def test_every_page_stands(admin, ids):
    assert all(len(numbers) >= len(ODD) for numbers in ids.values())
    for kind, numbers in (("waiting", ids["ticket"]), ("people", ids["lead"])):
        for number in numbers:
            await admin.send(f"/desk/{kind}/{number}/open")
    found = [r for r in walk.table().values() if r.method == "GET" and r.path.startswith("/desk")]
    pages = [walk.filled(r.path, str(n)) for r in found for n in ids.get(r.thing, ())]
    pages += [r.path for r in found if "{" not in r.path]
    assert await fallen(admin.get(at) for at in pages) == []


async def test_every_file_can_be_made(admin, ids):
    fields = {"place": HERE, "year": "2026", "commune": HERE}
    files = ["/desk/workbook", "/desk/figures/xlsx", "/desk/report/docx", "/desk/report/xlsx"]
    files += [f"/desk/people/{n}/file" for n in ids["lead"]]
    assert await fallen(admin.send(at, **fields) for at in files) == []
    workbook = await admin.send("/desk/workbook", **fields)
    assert (workbook.status, (await workbook.read())[:2]) == (200, b"PK"), "the list as a whole"
    papers = [(f"/desk/people/{n}/paper", kind) for n in ids["lead"][:5:4] for kind in ("pdf", "docx")]
    assert await fallen(admin.send(at, **{"as": kind}) for at, kind in papers) == []
