"""Every route of the application, taken from its router: who gets what with whose ids, exactly as routes.txt says."""

import re

import pytest
import pytest_asyncio
from desk.desk_stage import CSRF
from hostile import hostile_walk as walk

STREAM = "/chat/events"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(stage):
    """One of everything, here and far away."""
    made = await walk.world(stage, stage.settings.data_dir / "hocnghe.sqlite3")
    yield made
    made.close()


def told_of(answer, row):
    """As the table tells it: "login" for being sent to the page that lets people in."""
    location = answer.headers.get("Location", "")
    sent_in = answer.status == 303 and location.startswith("/desk/sign-in")
    return "login" if sent_in and row.path not in ("/desk/sign-in", "/desk/sign-out") else str(answer.status)


def same(text, at):
    """A page without what differs between two visits: the address that was asked for and the form's token."""
    return re.sub(CSRF, "", text.replace(at, ""))


def ordered(table):
    """What needs a file that waits comes before what takes it."""
    return sorted(
        table.values(), key=lambda r: ("/errands/" not in r.path, "/import/{id}" not in r.path, r.path, r.method)
    )


async def test_every_route_stands_in_the_table_and_the_table_holds_no_other(world):
    assert walk.routes(world.stage) == set(walk.table())


async def test_everybody_gets_what_the_table_says_and_nothing_of_another_commune(world):
    wrong, before = [], world.theirs()
    for row in ordered(walk.table()):
        if row.path == STREAM:
            continue
        for role in walk.ROLES:
            got, pages = {}, {}
            for column, at in world.ids(row, role):
                answer = await world.ask(row, role, at)
                text = await walk.readable(answer)
                got[column] = told_of(answer, row)
                pages[column] = same(text, at)
                if role != "admin" and (walk.THEIRS in text or (role == "nobody" and walk.OURS in text)):
                    wrong.append(f"{row.method} {at} as {role}: shows what is not theirs")
                refused = got[column] in ("403", "404", "login")
                if (role != "admin" or refused) and row.method != "GET" and (changed := world.theirs()) != before:
                    rows = walk.differing(before, changed)
                    wrong.append(f"{row.method} {at} as {role}: changes what is not theirs: {rows}")
                if row.method != "GET" and answer.status not in (403, 404):
                    world.restore()
            seen = tuple(got[column] for column in sorted(got))
            if seen != row.answers[role]:
                wrong.append(f"{row.method} {row.path} as {role}: {seen}, the table says {row.answers[role]}")
            if got.get(1) == got.get(2) == "404" and pages[1] != pages[2]:
                wrong.append(f"{row.method} {row.path} as {role}: not yours differs from not there")
    assert wrong == []


async def test_ids_of_another_commune_within_a_form_lead_nowhere(world):
    wrong, before = [], world.theirs()
    for row in ordered(walk.table()):
        if row.method != "POST" or not row.path.startswith("/desk") or "/sign" in row.path:
            continue
        for role in ("officer", "coordinator"):
            if row.answers[role][0] == "403":
                continue
            *_others, (_column, at) = world.ids(row, role)
            answer = await world.ask(row, role, at, world.foreign())
            text = await walk.readable(answer)
            if answer.status == 303 and (to := answer.headers["Location"]).startswith("/desk"):
                text += await walk.readable(await world.browsers[role].get(to))
            if answer.status >= 500 or walk.THEIRS in text or world.theirs() != before:
                wrong.append(f"{row.method} {at} as {role}: {answer.status}")
            world.restore()
    assert wrong == []


async def test_ids_that_are_none_are_not_there(world):
    wrong = []
    for row in ordered(walk.table()):
        if "{" not in row.path or row.path == STREAM:
            continue
        for role in ("nobody", "admin"):
            for odd in walk.MALFORMED:
                answer = await world.ask(row, role, walk.filled(row.path, odd))
                text = await walk.readable(answer)
                if answer.status not in (303, 400, 403, 404, 410) or "Traceback" in text or walk.THEIRS in text:
                    wrong.append(f"{row.method} {row.path} with {odd} as {role}: {answer.status}")
    world.restore()
    assert wrong == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
async def test_other_methods_do_nothing(world, method):
    before, seen = world.theirs(), set()
    admin = world.browsers["admin"]
    for row in walk.table().values():
        at = walk.filled(row.path, str(world.own["admin"].get(row.thing, "1")))
        async with admin.client.session.request(
            method, world.stage.url + at, allow_redirects=False, headers={"X-HTTP-Method-Override": "POST"}
        ) as answer:
            seen.add(answer.status)
    assert seen <= ({200, 404, 405} if method == "HEAD" else {404, 405})
    assert world.theirs() == before
