"""Every address of the desk, taken from its router: who gets in, what a stranger learns, what is drawn harmless."""

import itertools
import re

from desk.desk_pictures import png
from desk.desk_stage import FAR, HERE, NEAR, PROVINCE

from bot.channels.web.assets import HEADERS
from bot.desk.routes import ROUTES
from bot.effects import OfficerAsked
from bot.model import Contact

OPEN = [r for r in ROUTES if not r.roles]
CLOSED = [r for r in ROUTES if r.roles]
OF_A_THING = [r for r in CLOSED if "{id" in r.path and "/account/" not in r.path and "officer" in r.roles]
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}{% raw %}"


def name(route):
    return f"{route.method} {route.path}"


def path(route, number="1", course="vi-du-1"):
    """The route's address with something in every gap."""
    said = route.path.replace("{token}", "guess").replace("{name}", "nothing").replace("{way}", "web")
    thing = course if "/classes/" in said else number
    return re.sub(r"\{id:(?:[^{}]|\{[^{}]*\})*\}", thing, said)


async def ask(browser, route, at, *, token=True):
    if route.method == "GET":
        return await browser.get(at)
    if route.upload and token:
        return await browser.upload(at, png())
    fields = {"state": "contacted", "text": "ghi", "outcome": "reached", "course": "", "other": "2", "title": "x"}
    fields |= {"month": "1", "works": "yes", "given": "yes", "as": "pdf"}
    return await (browser.send(at, **fields) if token else browser.post(at, **fields))


async def test_nobody_gets_anywhere_without_signing_in(house):
    house.lead(1)
    for route in CLOSED:
        answer = await ask(house.browser(), route, path(route), token=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/desk/sign-in"), name(route)
    assert len(house.audited()) == 1


async def test_a_form_without_the_sessions_token_changes_nothing(house):
    admin = await house.signed_in(house.hire(role="admin", places=()))
    house.lead(1)
    before = house.audited()
    forged = [{}, {"csrf": ""}, {"csrf": "0" * 40}, {"csrf": "ế" * 40}]
    other_sites = [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}]
    for route in (r for r in CLOSED if r.method == "POST"):
        for csrf in forged:
            answer = await admin.post(path(route), **csrf, state="withdrawn", name="x", text="x")
            assert answer.status == 403, name(route)
        for headers in other_sites:
            answer = await admin.post(path(route), headers=headers, csrf=await admin.token())
            assert answer.status == 403, name(route)
    assert house.audited() == before


async def test_another_communes_people_classes_and_tickets_are_not_there(house):
    """By guessing ids, an officer of FAR learns and changes nothing: each answer is that of a number nobody has."""
    house.lead(1, course="vi-du-1")
    house.lead(2)
    ticket(house)
    stranger = await house.signed_in(house.hire(places=(FAR,)))
    before = house.audited()
    for route in OF_A_THING:
        answer = await ask(stranger, route, path(route))
        nobody = await ask(stranger, route, path(route, "999", "lop-none"))
        assert answer.status == nobody.status == 404, name(route)
        assert await answer.text() == await nobody.text(), name(route)
    assert house.audited() == before


async def test_an_officer_is_no_admin(house, officer):
    for route in CLOSED:
        if "officer" not in route.roles:
            assert (await ask(officer, route, path(route))).status == 403, name(route)


async def test_a_coordinator_looks_and_changes_nothing(house):
    house.lead(1, course="vi-du-1")
    house.lead(2)
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert len(set(re.findall(r"/desk/people/\d+", await coordinator.page("/desk/people")))) == 2
    before = house.audited()
    for route in OF_A_THING:
        if route.method == "POST" and "waiting" not in route.path and not route.path.endswith("/open"):
            assert (await ask(coordinator, route, path(route))).status in (403, 404), name(route)
    assert house.audited() == before


async def test_roles_see_their_places_and_no_others(house):
    for number, commune in enumerate((HERE, NEAR, FAR), 1):
        house.lead(number, commune)
    leads = {HERE: 1, NEAR: 2, FAR: 3}
    expected = {("officer", (HERE,)): {HERE}, ("officer", (HERE, FAR)): {HERE, FAR}}
    expected |= {("coordinator", (PROVINCE,)): {HERE, NEAR}, ("admin", ()): {HERE, NEAR, FAR}}
    for (role, places), seen in expected.items():
        browser = await house.signed_in(house.hire(role=role, places=places))
        listed = set(map(int, re.findall(r"/desk/people/(\d+)", await browser.page("/desk/people"))))
        assert listed == {leads[c] for c in seen}
        for commune, lead in leads.items():
            assert (await browser.get(f"/desk/people/{lead}")).status == (200 if commune in seen else 404)


async def test_every_answer_carries_the_headers_and_no_script_of_its_own(house):
    house.lead(1)
    admin = await house.signed_in(house.hire(role="admin", places=()))
    await admin.token()
    for route in ROUTES:
        if "sign-out" in route.path or route.path.endswith("/end"):  # this very session
            continue
        answer = await ask(admin, route, path(route)) if route.roles else await admin.get(path(route))
        for header, value in HEADERS.items():
            assert answer.headers[header] == value, (name(route), header)
        if answer.content_type != "text/html":  # a file
            continue
        text = await answer.text()
        assert " style=" not in text
        assert not re.search(r"<script(?! src=)|\son\w+=", text), name(route)
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_what_people_write_is_drawn_as_words(house, officer):
    lead = house.lead(1, full_name=f"Lò {NASTY}", hamlet=NASTY, phone="", told_by=NASTY, trade="")
    ticket(house, NASTY)
    await officer.send(f"/desk/people/{lead}/open")
    await officer.send(f"/desk/people/{lead}/note", text=NASTY)
    fields = {"trade": "cooking", "title": NASTY, "place": NASTY, "provider": NASTY, "schedule": NASTY}
    made = await officer.send("/desk/classes/new", **fields, seats="3", state="open")
    assert made.status == 303
    course = made.headers["Location"].partition("?")[0]
    pages = ["/desk", "/desk/people", f"/desk/people/{lead}", "/desk/waiting", "/desk/classes", course]
    pages += [course + "/edit", course + "/sheet", "/desk/people/new", f"/desk/people?q={'%3Cscript%3Ealert(1)'}"]
    for at in pages:
        text = await officer.page(at)
        assert "<script>alert" not in text, at
        assert "<img src=x" not in text, at
        assert "onerror=alert(1)>" not in text, at
    assert "{{7*7}}" in await officer.page(course)


async def test_a_map_link_is_a_web_page_and_nothing_else(house, officer):
    fields = {"trade": "cooking", "title": "Lớp", "place": "Nhà văn hóa", "seats": "3", "state": "open"}
    for bad in ("javascript:alert(1)", "data:text/html,x", "//elsewhere.example", "https://", 'https://a.vn/"onclick='):
        answer = await officer.send("/desk/classes/new", **fields, map_url=bad)
        assert answer.status == 400, bad
        assert "https://" in await answer.text()


async def test_pictures_are_pictures_and_small(house, officer):
    at = "/desk/classes/vi-du-1/poster"
    assert (await officer.upload(at, b"<svg onload=alert(1)>", "x.png")).status == 400
    assert (await officer.upload(at, b"\x89PNG\r\n\x1a\n" + b"0" * 3_200_000)).status == 413
    assert (await officer.upload(at, b"\x89PNG\r\n\x1a\nexample")).status == 400  # broken: nobody knows what it holds
    assert (await officer.upload(at, png())).status == 303
    found = re.search(r'src="(/posters/[^"]+)"', await officer.page("/desk/classes/vi-du-1"))
    picture = await house.browser().get(found[1])  # whoever got the poster's address may see it
    assert picture.content_type == "image/png"
    assert "sandbox" in picture.headers["Content-Security-Policy"]
    assert (await house.browser().get("/posters/vi-du-1.0000.png")).status == 404


BODIES = (b"", b"csrf", b"%", b"csrf=%ff%fe&state=%00", b"a=1&" * 5000, b"\xff" * 200, b"--x\r\n\r\n\r\n--x--", b"--x")
KINDS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain")


async def test_broken_forms_are_refused_kindly(house, officer):
    house.lead(1)
    forms = ("/desk/people/1/state", "/desk/people", "/desk/classes/vi-du-1/poster", "/desk/sign-in", "/desk/sign-in/x")
    for at, body, kind in itertools.product(forms, BODIES, KINDS):
        answer = await officer.client.post(at, data=body, headers={"Content-Type": kind}, allow_redirects=False)
        assert answer.status in (303, 400, 403, 410, 413), (at, body[:20], kind)
        assert "Traceback" not in await answer.text()


async def test_odd_addresses_give_a_page_and_no_fault(house, officer):
    house.lead(1)
    odd = ["?page=0", "?page=-1", "?page=99999999999", "?page=x", "?q=" + "a" * 5000, "?state=%00", "?hamlet='--"]
    odd += [
        "?time=x",
        "?group=ethnic&trade=../..",
        "?said=<b>",
        "?said=state&n=<b>",
        "?q=%F0%9F%98%80",
        "?q=%",
        "?due=9",
    ]
    for query in odd:
        assert "<b>" not in await officer.page(f"/desk/people{query}")
    for at in ("/desk/people/99999999999", "/desk/people/x", "/desk/classes/..%2f", "/desk/static/../guard.py"):
        assert (await officer.get(at)).status in (400, 403, 404)
    assert (await officer.get("/desk/audit?before=x")).status == 200


async def test_a_lead_that_waits_for_the_persons_word_is_its_communes_alone(house, officer):
    lead = house.lead(1)
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE leads SET verification = 'waiting_person'")
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert (await coordinator.get(f"/desk/people/{lead}")).status == 404
    assert "chờ chính chủ" in await officer.page("/desk/people")
    await officer.send(f"/desk/people/{lead}/verify")
    assert (await coordinator.get(f"/desk/people/{lead}")).status == 200


async def test_a_coordinator_works_for_communes_not_served(house):
    lead = house.lead(1, NEAR)
    with house.store.engine.begin() as db:
        db.exec_driver_sql("UPDATE leads SET served = false")
    coordinator = await house.signed_in(house.hire(role="coordinator", places=(PROVINCE,)))
    assert (await coordinator.send(f"/desk/people/{lead}/state", state="contacted")).status == 303


def ticket(house, text="gọi cho tôi"):
    with house.store.transaction() as unit:
        contact = unit.lock(Contact("web", "", "x" * 32), house.clock[0])
        unit.apply(contact, OfficerAsked("asked", text, HERE, "0900000009"), house.clock[0])
