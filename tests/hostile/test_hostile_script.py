"""Stored script: everything a stranger may type, planted, and every page of the desk looked at in a real Chromium."""

import re

import pytest
import pytest_asyncio
from browser.conftest import FLAGS
from desk.desk_stage import HERE
from hostile import hostile_walk as walk
from hostile.hostile_stage import text_of
from hostile.hostile_world import plant
from playwright.async_api import async_playwright

from bot.desk.guard import COOKIE

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]
RUN = "window.__ran=(window.__ran||0)+1"
NASTY = (
    f"<script>{RUN}</script>",
    f"'\"><img src=x onerror={RUN}>", f"</textarea><svg onload={RUN}>", f"javascript:{RUN}//",
    f"</title><script>{RUN}</script>",
    f"{{{{7*7}}}}{{% raw %}}<iframe srcdoc='<script>{RUN}</script>'>",
)  # fmt: skip
ALL = " ".join(NASTY)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planted(stage):
    """Ids of things, all of whose texts are nasty; and the admin who looks."""
    officer = await stage.signed_in(stage.hire(f"Cán bộ {NASTY[0]}", "officer", (HERE,)))
    admin = await stage.signed_in(stage.hire(f"Quản trị {NASTY[1]}", "admin", ()))
    ids = await plant(stage, admin, officer, HERE, NASTY[0])
    for n, nasty in enumerate(NASTY, 20):
        who = {"full_name": nasty, "hamlet": nasty, "told_by": nasty, "phone": ""}
        stage.lead(n, HERE, course=ids["class"], trade="", **who)
        for channel in ("telegram", "zalo-bot", "zalo-oa"):
            for number, said in enumerate((nasty, f"gặp cán bộ {nasty}", nasty, "1")):
                await stage.hook(channel, text_of(channel, said, n * 100 + number, who=f"97{n:05}"))
        body = text_of("telegram", "gặp cán bộ", n * 100 + 50, who=f"95{n:05}")
        body["message"]["from"] |= {"first_name": nasty, "last_name": nasty, "username": nasty}
        await stage.hook("telegram", body)
        await admin.send(f"/desk/people/{ids['lead']}/note", text=nasty)
        await admin.send("/desk/replies", title=nasty, text=nasty, commune=HERE)
        await admin.send("/desk/requests", commune=HERE, kind="access", who=nasty, note=nasty)
        await admin.send("/desk/officers", name=nasty, role="officer", places=HERE)
        fields = {"name": nasty, "address": "a@b.vn", "every": "asked", "gets": "link", "purpose": nasty}
        await admin.send("/desk/forwarding/new", commune=HERE, **fields)
    await admin.send(f"/desk/waiting/{ids['ticket']}/take")
    await admin.send(f"/desk/people/{ids['lead']}/open")
    taught = await admin.send(
        "/desk/office", commune=HERE, version="0", name=ALL[:119], phone="0", address=ALL, hours=ALL
    )
    assert taught.status == 303
    sent = await admin.upload("/desk/import", nasty_book(), f"{NASTY[0]}.xlsx", "file", what="people", commune=HERE)
    return ids | {"import": sent.headers["Location"].rpartition("/")[2], "admin": admin}


def nasty_book():
    heads = ["STT", "Họ và tên", "Năm sinh", "Thôn", "SĐT", "Nghề đăng ký"]
    rows = [
        [n, nasty, 1980 if n else nasty, nasty, "0900000901" if n else nasty, nasty] for n, nasty in enumerate(NASTY)
    ]
    return walk.book([NASTY[0]], heads, *rows, [99, "Lò Thị Mẫu", 1980, NASTY[1], "0900000902", NASTY[2]]).read()


def pages(ids):
    for row in walk.table().values():
        if row.method == "GET" and row.path.startswith("/desk") and not row.path.endswith((".xlsx", "/file", ".svg")):
            if "{" not in row.path:
                yield row.path
            elif row.thing in ids:
                yield walk.filled(row.path, str(ids[row.thing]))
    yield "/desk/people?q=%3Cscript%3E" + RUN + "%3C/script%3E&hamlet=%22onfocus=alert(1)%20autofocus"
    yield f"/desk/waiting/{ids['ticket']}?saved=1"
    yield f"/desk/announcements/new?course={ids['class']}"


LOOK = """() => [...document.querySelectorAll('*')].filter(e =>
  (e.tagName === 'SCRIPT' && !e.src) || e.tagName === 'IFRAME'
  || [...e.attributes].some(a => a.name.startsWith('on')
    || (/^\\s*javascript:/i.test(a.value) && ['href', 'src', 'action', 'formaction'].includes(a.name)))
).map(e => e.outerHTML.slice(0, 90))"""


async def test_no_script_of_a_stranger_runs_on_any_page(stage, planted):
    """On every page that shows a nasty text, found by asking for all of them first."""
    admin, shown = planted["admin"], []
    for at in dict.fromkeys(pages(planted)):
        answer = await admin.get(at)
        text = await answer.text()
        assert answer.status in (200, 303), at
        assert not re.search(r"<script>window|<img src=x|<svg onload|<iframe|49{% raw %}", text), at
        if "window.__ran" in text:
            shown.append(at)
    assert len(shown) >= 15, "there is something to be seen"
    assert await wrong_in_chromium(stage, admin, shown) == []


async def wrong_in_chromium(stage, admin, shown):
    wrong, token = [], next(c.value for c in admin.client.session.cookie_jar if c.key == COOKIE)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = await browser.new_context(viewport={"width": 1366, "height": 768})
        await context.add_cookies([{"name": COOKIE, "value": token, "url": stage.url, "httpOnly": True}])
        page = await context.new_page()
        page.on("dialog", lambda dialog: wrong.append(f"a dialog at {page.url}"))
        page.on("console", lambda m: wrong.append(f"{page.url}: {m.text}") if "Content Security" in m.text else None)
        for at in shown:
            await page.goto(stage.url + at, wait_until="load")
            if await page.evaluate("window.__ran"):
                wrong.append(f"{at}: it ran")
            if found := await page.evaluate(LOOK):
                wrong.append(f"{at}: {found}")
        await browser.close()
    return wrong
