"""100,000 leads in 300 communes: every page of the list within 200 ms at the 95th percentile, for every role."""

import asyncio
import statistics
import time
from pathlib import Path

import pytest
from desk.desk_stage import running
from soak.crowd import fill, people
from store.factories import database

from bot.desk import guard

pytestmark = pytest.mark.soak
LEADS, COMMUNES, LONGEST_MS, ROUNDS = 100_000, 300, 200, 6
QUERIES = (
    "", "page=2", "page=40", "state=new", "state=not_eligible", "trade=cooking", "trade=cooking&state=withdrawn",
    "group=ethnic", "time=7", "time=365&state=employed", "verification=waiting_person", "q=nguyen", "q=mau",
    "q=nguyen+thi+mau", "q=giang+a", "q=lo+van+son+hai", "q=0900012345", "q=123", "q=0900", "q=xyz", "q=HN-000123",
    "q=thi&state=new", "q=dong&trade=pig_raising", "due=1",
)  # fmt: skip
OFFICE = {"officer": ("/desk/workbook", "/desk/workbook?trade=cooking", "/desk/forwarding", "/desk/requests")}
OFFICE |= {"coordinator": OFFICE["officer"][:2], "admin": OFFICE["officer"]}


async def test_the_list_and_the_search_are_quick_with_a_hundred_thousand(
    understanding, catalogue, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(guard, "PAGES_A_MINUTE", 10**6)
    path = Path(tmp_path / "desk.sqlite3")
    database(path).dispose()
    async with running(understanding, catalogue, path) as house:
        book = understanding.book.communes
        provinces = ("01", "12", "20", "22", "79")
        communes = [c for c, (_n, p) in book.items() if p in provinces and c != "99001"][:COMMUNES]
        assert len(communes) == COMMUNES
        began = time.perf_counter()
        with house.store.transaction() as unit:
            for code in communes:
                unit.serve(code, house.clock[0])
        fill(house.store, LEADS, communes)
        told = [f"{LEADS} leads written in {time.perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:.0f} MB"]
        roles = {"officer": (communes[7],), "coordinator": provinces, "admin": ()}
        slow = []
        for role, places in roles.items():
            browser = await house.signed_in(house.hire(role=role, places=places))
            taken: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for at in ("/desk", "/desk/classes", *OFFICE[role], *(f"/desk/people?{q}" for q in QUERIES)):
                    start = time.perf_counter()
                    await browser.page(at)
                    taken.setdefault(at, []).append((time.perf_counter() - start) * 1000)
            every = [ms for one in taken.values() for ms in one]
            p95 = statistics.quantiles(every, n=20)[-1]
            worst = sorted(taken.items(), key=lambda pair: -statistics.median(pair[1]))[:4]
            named = ", ".join(f"{at} {statistics.median(ms):.0f}" for at, ms in worst)
            told.append(f"{role}: p50 {statistics.median(every):.0f} ms, p95 {p95:.0f} ms; slowest (median): {named}")
            slow += [(role, at, ms) for at, ms in taken.items() if statistics.median(ms) > LONGEST_MS]
            assert p95 <= LONGEST_MS, told
        told += await exporting(house, communes[7], slow)
        first = next(people(1, communes))
        found = await (await house.signed_in(3)).page("/desk/people?q=" + first.full_name.replace(" ", "+"))
        assert "HN-" not in found  # receipts are no part of the list
        with capsys.disabled():
            print("\n" + "\n".join(told))
        assert slow == []


async def file(browser):
    """The whole list, whether it comes at once or after a page of progress."""
    answer = await browser.send("/desk/workbook")
    if answer.status == 303:
        place = answer.headers["Location"]
        while not (await (await browser.get(f"{place}/pulse")).json())["finished"]:
            await asyncio.sleep(0.02)
        answer = await browser.get(f"{place}/file")
    assert answer.status == 200
    return await answer.read()


async def exporting(house, commune, slow):
    """One commune's file, as it is downloaded; then pages and turns while everybody's is written beside them."""
    officer = await house.signed_in(house.hire("Xuất", places=(commune,)))
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        assert len(await file(officer)) > 20_000
        taken.append((time.perf_counter() - start) * 1000)
    told = [
        f"one commune's file: p50 {statistics.median(taken):.0f} ms, p95 {statistics.quantiles(taken, n=20)[-1]:.0f} ms"
    ]
    admin = await house.signed_in(house.hire("Tất cả", role="admin", places=()))
    began = time.perf_counter()
    place = (await admin.send("/desk/workbook")).headers["Location"]
    pages, turns = [], []
    loop = asyncio.get_running_loop()
    while not (state := await (await admin.get(f"{place}/pulse")).json())["finished"]:
        start = time.perf_counter()
        await officer.page("/desk/people")
        pages.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        await loop.run_in_executor(house.desk._writer, house.says, "học phí bao nhiêu")
        turns.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.1)
    assert state["done"] == state["total"] == LEADS
    size = len(await (await admin.get(f"{place}/file")).read()) / 1e6
    p95 = {name: statistics.quantiles(ms, n=20)[-1] for name, ms in (("page", pages), ("turn", turns))}
    told.append(f"everybody's file: {time.perf_counter() - began:.0f} s, {size:.0f} MB; meanwhile p95 {p95}")
    slow += [(name, "while exporting", ms) for name, ms in p95.items() if ms > LONGEST_MS]
    return told
