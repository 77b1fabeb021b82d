"""The desk's door: tokens of others, sessions set by an attacker, links used twice, odd queries; headers everywhere."""

import itertools

import pytest
import pytest_asyncio
from desk.desk_stage import HERE
from hostile import hostile_walk as walk
from yarl import URL

from bot.channels.web.assets import HEADERS
from bot.desk.guard import COOKIE

pytestmark = pytest.mark.asyncio(loop_scope="module")
PARAMETERS = (
    "q", "commune", "hamlet", "state", "course", "trade", "group", "time", "due", "page", "before", "said", "n",
    "what", "offer", "saved", "at", "place", "year", "from", "to", "month", "period", "since", "lang", "last",
    "topic", "kind", "verification", "waiting", "size", "over", "tab", "known", "after", "start"
)  # fmt: skip
ODD = (
    "%00",
    "a%00b",
    "%ED%A0%BD",
    "%FF%FE",
    "9" * 40,
    "-1",
    "x" * 3000,
    "2026-13-45",
    "%F0%9F%98%80",
    "'%22%3E%3Cb%3E",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(stage):
    """An admin, signed in."""
    return await stage.signed_in(stage.hire("Quản trị", "admin", ()))


def pages(method="GET"):
    found = [r for r in walk.table().values() if r.method == method and r.path.startswith("/desk")]
    return [r for r in found if "{" not in r.path and r.path != "/desk/sign-out"]


async def test_odd_queries_give_a_page(stage, admin):
    wrong = []
    for row, odd in itertools.product(pages(), ODD):
        query = "&".join(f"{name}={odd}" for name in PARAMETERS if len(odd) < 100 or name in ("q", "commune"))
        answer = await admin.client.session.get(
            URL(f"{stage.url}{row.path}?{query}", encoded=True), allow_redirects=False
        )
        text = await answer.text()
        if answer.status >= 500 or "<b>" in text:
            wrong.append(f"{row.path} {odd[:20]}: {answer.status}")
    assert wrong == []


async def test_odd_fields_give_an_answer(stage, admin):
    wrong = []
    names = (
        *walk.FORMS,
        *PARAMETERS,
        "birth_year",
        "phone",
        "starts_on",
        "map_url",
        "note",
        "also",
        "instead",
        "email",
    )
    for row in pages("POST"):
        for odd in ("\x00", "a\x00b", "٣", "9" * 40, "x" * 3000, "\u202e<b>", "２０２６"):
            answer = await admin.send(row.path, *((name, odd) for name in names))
            if answer.status >= 500:
                wrong.append(f"{row.path} {odd[:9]!r}: {answer.status}")
    assert wrong == []


async def test_the_token_of_another_session_opens_nothing(stage, admin):
    officer = await stage.signed_in(stage.hire("Cán bộ", "officer", (HERE,)))
    other = await stage.signed_in(stage.hire("Cán bộ hai", "officer", (HERE,)))
    theirs, before = await other.token(), stage.audited()
    for path in ("/desk/people/1/state", "/desk/replies", "/desk/account/sessions/end-others", "/desk/sign-out"):
        assert (await officer.post(path, csrf=theirs)).status == 403
        assert (await officer.post(f"{path}?csrf={await officer.token()}")).status == 403, (
            "in the address it is no token"
        )
        twice = [("csrf", theirs), ("csrf", await officer.token())]
        assert (await officer.client.post(path, data=twice, allow_redirects=False)).status == 403, "the first counts"
    json = {"json": {"csrf": await officer.token(), "title": "x", "text": "y"}, "allow_redirects": False}
    assert (await officer.client.post("/desk/replies", **json)).status == 400, "no form"
    assert stage.audited() == before


async def test_a_session_set_by_an_attacker_is_never_the_officers(stage):
    """What the browser brought is not what it gets; and a sign-in from another site's page does not happen."""
    planted = "A" * 43
    victim = stage.browser()
    victim.client.session.cookie_jar.update_cookies({COOKIE: planted}, URL(f"{stage.url}/desk"))
    link = f"/desk/sign-in/{stage.token(stage.hire('Cán bộ ba'))}"
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert (await victim.post(link, headers=headers)).status == 403
    entered = await victim.post(link)
    cookie = entered.headers["Set-Cookie"]
    assert planted not in cookie
    assert all(flag in cookie for flag in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/desk"))
    attacker = stage.browser()
    attacker.client.session.cookie_jar.update_cookies({COOKIE: planted}, URL(f"{stage.url}/desk"))
    assert (await attacker.get("/desk")).status == 303


async def test_a_link_opens_once_and_guesses_open_nothing(stage):
    token = stage.token(stage.hire("Cán bộ bốn"))
    for guess in (token[:-1], token + "A", token.swapcase(), token[::-1], "", "%00", "." * 43, token[:-1] + "%00"):
        assert (await stage.browser().post(f"/desk/sign-in/{guess}")).status in (400, 403, 404, 405, 410), guess
    for _look in range(3):
        assert (await stage.browser().get(f"/desk/sign-in/{token}")).status == 200, "to look at it uses nothing up"
    first, second = stage.browser(), stage.browser()
    assert (await first.post(f"/desk/sign-in/{token}")).status == 303
    assert (await second.post(f"/desk/sign-in/{token}")).status == 410
    late = stage.token(stage.hire("Cán bộ năm"), minutes=1)
    stage.later(minutes=2)
    assert (await stage.browser().post(f"/desk/sign-in/{late}")).status == 410


async def test_a_known_and_an_unknown_address_get_the_same_answer(stage):
    known, unknown = stage.hire("Cán bộ sáu", "officer"), "nobody@example.org"
    assert known
    answers = []
    for email in ("officer@example.org", unknown):
        answer = await stage.browser().post("/desk/sign-in", email=email)
        answers.append((answer.status, answer.headers["Location"], await answer.text()))
    assert answers[0] == answers[1]


async def test_every_answer_of_every_door_carries_the_headers(stage, admin):
    seen = 0
    for row in walk.table().values():
        if row.path in ("/chat/events", "/desk/sign-out") or row.path.startswith("/webhooks/") or row.method == "POST":
            continue
        answer = await admin.get(walk.filled(row.path, "guess"))
        for name, value in HEADERS.items():
            if name == "Cache-Control" and not row.path.startswith("/desk"):
                assert name in answer.headers, row.path
            elif not row.path.startswith(("/posters/",)):
                assert answer.headers[name] == value, (row.path, name)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", row.path
        assert answer.headers["Server"] == "hocnghe", "no versions"
        seen += 1
    for nowhere in ("/nothing", "/desk/nothing", "/.env", "/.git/config", "/static/chat/..%2f..%2fsettings.py", "//x"):
        answer = await admin.get(nowhere)
        assert answer.status == 404, nowhere
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert seen > 40
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
