"""What officers taught, exported as files, is read back by the same readers as the program's own data."""

import shutil
import tomllib
from dataclasses import fields, replace
from datetime import date

import pytest
from typer.testing import CliRunner

import intents.catalogue
from bot import wiring
from bot.commands import common, local
from bot.demo import CODE
from bot.local import Office
from bot.local_files import Answer, Card, files
from bot.model import Course
from bot.store.desk_port import Scope
from bot.store.learning_port import NEW, Lesson
from bot.store.sql_desk_work import Doer
from intents.catalogue import DATA as INTENTS
from knowledge.catalogue import Catalogue
from knowledge.dated import Where
from knowledge.reading import DATA as KNOWLEDGE
from tests.store.factories import COURSE, NOW

SINCE, TODAY = date(2026, 11, 28), date(2026, 12, 1)
NASTY = 'câu "có" dấu \\ và\nxuống dòng'
HERE = Where("12", CODE)
ANSWERS = [
    Answer(1, "Có rồi, bà con vào bắt wifi.", "", SINCE),
    Answer(2, "Hai trăm nghìn đồng một tháng.", "https://example.org/thong-bao-12", SINCE),
    Answer(3, NASTY, "Thông báo số 12 của UBND xã", SINCE),
]
LESSONS = [
    Lesson(1, "cost", ("ủng mua ở đâu thì rẻ", NASTY), (CODE,), 1, NOW),
    Lesson(2, "local:1", ("nhà văn hóa có sóng wifi chưa",), (CODE, "03595"), 1, NOW),
    Lesson(3, "local:2", ("xe buýt lên huyện mấy tiền",), (CODE,), 1, NOW),
    Lesson(4, "local:3", ("chợ phiên họp ngày nào",), ("",), 1, NOW),
    Lesson(5, "schedule", ("taken back",), (), 1, NOW),
]
OFFICE = Office("Phòng Văn hóa – Xã hội", "0900 000 009", "thôn Ví Dụ", "7 giờ đến 17 giờ")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The program's data with the export laid over it, as its README says."""
    made = files(LESSONS, ANSWERS, [Card(CODE, OFFICE, SINCE)], [replace(COURSE, commune=CODE)], wiring.pack_folder)
    root = tmp_path_factory.mktemp("export")
    shutil.copytree(INTENTS, root / "intents" / "data")
    shutil.copytree(KNOWLEDGE, root / "knowledge" / "data" / "vn")
    for name, text in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
        assert not before or "intents" in name, f"{name} would write over a file of the program"
        path.write_text(before + text, encoding="utf-8")
    return root


def test_phrasings_are_read_back(exported):
    data = intents.catalogue.load(exported / "intents" / "data")
    said = {(topic, p.text, p.writer) for topic, p in data.phrases()}
    assert ("cost", "ủng mua ở đâu thì rẻ", f"can-bo-{CODE}") in said
    assert ("cost", NASTY, f"can-bo-{CODE}") in said
    assert ("local_1", "nhà văn hóa có sóng wifi chưa", "can-bo-03595") in said
    assert ("local_3", "chợ phiên họp ngày nào", "can-bo") in said
    assert "taken back" not in {text for _, text, _ in said}


def test_answers_are_read_back_with_what_they_rest_on(exported):
    known = Catalogue.load(exported / "knowledge" / "data" / "vn")
    for answer in ANSWERS:
        found = known.answer(f"local_{answer.number}", where=HERE, on=TODAY)
        assert found.short["vi"] == answer.text
        assert [known.law(s.law).title for s in found.sources] == ([answer.source] if answer.source else [])
        assert all(known.law(s.law).confidence == "M" for s in found.sources), "no maintainer has looked at it"
    assert known.answer("local_1", where=Where("22", "06862"), on=TODAY) is None
    assert known.answer("local_1", where=Where("12", "03595"), on=TODAY) is not None
    assert known.answer("local_3", where=Where("22", "06862"), on=TODAY) is not None


def test_offices_are_read_back(exported):
    known = Catalogue.load(exported / "knowledge" / "data" / "vn")
    (office,) = [c for c in known.contacts(where=HERE, topic="contact_officer") if c.id.startswith("office_")]
    assert office.name["vi"] == OFFICE.name
    assert office.what["vi"] == f"{OFFICE.address}; {OFFICE.hours}"
    assert known.value(office.phone, where=HERE, on=TODAY).value == OFFICE.phone


def test_classes_are_read_back(exported):
    tables = tomllib.loads((exported / "classes" / f"{CODE}.toml").read_text(encoding="utf-8"))["class"]
    blank = {f.name: None for f in fields(Course)}
    found = [Course(**{**blank, **t, "target_groups": tuple(t["target_groups"])}) for t in tables]
    assert found == [replace(COURSE, commune=CODE)]


def test_the_same_things_give_the_same_files():
    once, again = (files(LESSONS, ANSWERS, [], [], wiring.pack_folder) for _ in range(2))
    assert once == again


def test_packs_that_are_there_keep_their_folders():
    assert wiring.pack_folder("") == ""
    assert wiring.pack_folder("12") == "12-lai-chau"
    assert wiring.pack_folder("03595") == "12-lai-chau/03595-xa-than-uyen"
    assert wiring.pack_folder("01") == "01-thanh-pho-ha-noi"


def test_the_command_writes_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HOCNGHE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    with common.store() as store:
        with store.transaction() as unit:
            unit.serve("03595", NOW)
        with store.desk() as desk:
            doer = Doer(1, Scope(None), NOW)
            number = desk.wordings.write(doer, "03595", "Có rồi.", "")
            desk.lessons.teach(doer, f"local:{number}", ["nhà văn hóa có sóng wifi chưa"], ["03595"])
            desk.wordings.save_office(doer, "03595", NEW, OFFICE)
    done = CliRunner().invoke(local.app, ["local", "export", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    written = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.toml")}
    pack = "knowledge/data/vn/12-lai-chau/03595-xa-than-uyen"
    expected = {
        f"{pack}/{name}.toml" for name in ("answers/local_1", "laws/local", "contacts/local", "parameters/local")
    }
    assert written == {"intents/data/vi/local_1.toml", *expected}
