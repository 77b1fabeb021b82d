"""After a leak, from the shell: every way in is closed, the record and whom it concerns are taken out."""

import os
from datetime import timedelta

import pytest
from desk.desk_stage import FAR, KEY
from openpyxl import load_workbook
from typer.testing import CliRunner

from bot.cli import app
from bot.model import Contact


@pytest.fixture
def shell(house, tmp_path, monkeypatch):
    """A command over the house's own database."""
    monkeypatch.setenv("HOCNGHE_DATABASE_URL", str(house.store.engine.url))
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", KEY)
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words):
        done = CliRunner().invoke(app, ["incident", *words])
        assert done.exit_code == 0, done.output or done.exception
        return done.output

    return run


def rows(path):
    return [tuple(cell.value for cell in row) for row in load_workbook(path).active.iter_rows()]


async def test_every_way_in_is_closed_at_once(house, officer, shell):
    other = house.hire("Cán bộ hai")
    second, link = await house.signed_in(other, own=True), house.token(other)
    chat = Contact("zalo_oa", "oa", "officer")
    house.says("xin chào", chat)
    with house.store.desk() as desk:
        desk.officers.link_chat(other, 1, house.clock[0], None)
    told = shell("close")
    assert "sessions: 2" in told
    assert "links: " in told
    assert "chats: 1" in told
    for browser in (officer, second):
        assert (await browser.get("/desk")).status == 303
    assert (await house.browser().post(f"/desk/sign-in/{link}")).status == 410
    with house.store.reading() as desk:
        assert desk.officers.of_chat(1, house.clock[0]) is None
    assert (None, "closed", "everybody") in house.audited()
    again = await house.signed_in(other)
    assert (await again.get("/desk")).status == 200, "a new link lets in"
    assert "đóng mọi phiên" in await (await house.signed_in(house.hire("Q", "admin", ()))).page("/desk/audit")


async def test_one_officers_alone(house, officer, shell):
    other = house.hire("Cán bộ hai")
    second = await house.signed_in(other)
    assert "sessions: 1" in shell("close", "--officer", str(other))
    assert (await second.get("/desk")).status == 303
    assert (await officer.get("/desk")).status == 200
    assert "there is none" in str(CliRunner().invoke(app, ["incident", "close", "--officer", "99"]).exception)


async def test_a_link_to_a_forwarded_list_ends_at_once(house, officer, shell):
    house.lead(1)
    await officer.send("/desk/forwarding/new", name="Nơi", address="a@b.vn", every="asked", gets="link", purpose="x")
    await officer.send("/desk/forwarding/1/send")
    until = house.clock[0].replace(year=2999)  # the command goes by the machine's clock
    with house.store.people() as unit:
        unit.forwarding.holds(1, (1,), until)
        token = unit.forwarding.token(1, until)
        assert unit.forwarding.linked(token, house.clock[0]) is not None
    assert "file links: 1" in shell("close")
    with house.store.people() as unit:
        assert unit.forwarding.linked(token, until - timedelta(days=9)) is None


async def test_the_record_is_taken_out_in_order(house, officer, shell, tmp_path):
    lead = house.lead(1)
    await officer.send(f"/desk/people/{lead}/open")
    assert "→ a.xlsx" in shell("audit", "--out", "a.xlsx")
    head, *lines = rows(tmp_path / "a.xlsx")
    assert head == ("Lúc", "Ai", "Việc", "Với")
    assert [line[2] for line in lines][-1] == "opened"
    assert lines[-1][3] == f"lead:{lead}"
    assert "0900" not in str(lines)
    assert os.name != "posix" or (tmp_path / "a.xlsx").stat().st_mode & 0o077 == 0
    shell("audit", "--out", "b.xlsx", "--since", "2026-11-24")
    assert len(rows(tmp_path / "b.xlsx")) == 1


async def test_whom_it_concerns(house, officer, shell, tmp_path):
    house.lead(1)
    house.later(days=10)
    house.lead(2, FAR, full_name="=Lò Thị Mẫu", hamlet="Bản Xa")
    assert "2 người" in shell("people", "--out", "p.xlsx")
    _head, first, second = rows(tmp_path / "p.xlsx")
    assert first[1:3] == ("Lò Thị Mẫu Hai", "0900000001")
    assert second[1] == "=Lò Thị Mẫu"
    assert first[6] == "gọi điện, đến nhà"
    assert "1 người" in shell("people", "--out", "p.xlsx", "--commune", FAR)
    assert "1 người" in shell("people", "--out", "p.xlsx", "--since", "2026-12-01")
    assert "1 người" in shell("people", "--out", "p.xlsx", "--until", "2026-11-23")
    assert any(act == "exported" and subject.startswith("incident:") for _o, act, subject in house.audited())
