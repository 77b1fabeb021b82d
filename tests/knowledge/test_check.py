"""The check of the knowledge: the real data has no fault, and every kind of fault is found, all in one run."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue
from knowledge.check import faults
from knowledge.dated import KnowledgeError, Where
from knowledge.reading import DATA

TODAY = date(2026, 11, 22)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(DATA, tmp_path / "vn")
    return tmp_path / "vn"


def change(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def found(root: Path, on: date = TODAY) -> list[str]:
    return [str(fault) for fault in faults(root, on=on)]


def test_the_knowledge_that_ships_has_no_fault() -> None:
    assert found(DATA) == []


def test_old_sources_are_warned_of_after_180_days() -> None:
    late = faults(on=date(2027, 6, 1))
    assert late
    assert all(fault.warning and "last checked on 2026-11-22" in fault.what for fault in late)


TRAINING = "parameters/training.toml"
TUITION = "answers/support_tuition.toml"
RURAL = "benefits/nd338_rural.toml"
FAULTS = [
    ("an unknown key", TRAINING, "description =", "discription =", "key 'discription' is not known"),
    ("a missing source", TRAINING, 'law = "tt152"\n', "", "law is missing: write law ="),
    ("an unknown law", TRAINING, 'law = "tt152"', 'law = "tt999"', "names no law 'tt999'"),
    ("an unknown unit", TRAINING, 'unit = "VND/course"', 'unit = "dong"', "unit = 'dong' is not known"),
    (
        "a quoted date",
        TRAINING,
        "since = 2025-01-01",
        'since = "2025-01-01"',
        "since = '2025-01-01' is of the wrong kind",
    ),
    ("a value that does not fit", TRAINING, "value = 4_000_000", 'value = "4tr"', "does not fit unit VND/course"),
    (
        "an overlap",
        TRAINING,
        "since = 2024-07-01",
        "since = 2024-07-01\nuntil = 2026-07-31",
        "overlaps the entry since",
    ),
    (
        "a gap",
        TRAINING,
        "since = 2024-07-01",
        "since = 2024-07-01\nuntil = 2026-05-31",
        "leaves a gap after 2026-05-31",
    ),
    ("a duplicate", TRAINING, 'id = "nd338.meals"', 'id = "nd338.tuition"', "'nd338.tuition' stands twice"),
    ("a number typed in", TUITION, "tiền đi lại nếu nhà xa", "tiền đi lại 200.000 đồng", "holds a number"),
    ("an unknown value", TUITION, "{nd338.meals}", "{nd338.meal}", "names {nd338.meal}, which is not known"),
    ("an unknown law in a text", "superseded.toml", "{law:nd61}", "{law:nd16}", "names {law:nd16}, which is not known"),
    ("a text that is too long", TUITION, "Dạ, người", "Dạ, " + "thưa anh/chị " * 9 + "người", "characters once filled"),
    ("a missing translation", "answers/cost.toml", "short.en", "# short.en", "short.en is missing"),
    ("a missing Vietnamese text", "answers/register.toml", "short.vi", "# short.vi", "short.vi is missing"),
    ("a text without a source", "answers/register.toml", "about_us = true\n", "", "has no source"),
    ("days without a text", TUITION, "until = 2025-12-31", "until = 2025-11-30", "none speaks from 2025-11-30"),
    ("two texts on one day", TUITION, "until = 2025-12-31", "until = 2026-01-31", "two texts speak on 2026-01-01"),
    ("a value not in force", TUITION, "since = 2026-01-01", "since = 2025-12-01", "cannot be told on 2025-12-01"),
    ("an unknown next step", TUITION, '"screen"', '"scren"', "'scren' is no topic and no act"),
    ("a value nobody uses", TRAINING, 'id = "nd338.procedure"', 'id = "nd338.code"', "is used by nothing"),
    ("an unknown fact", RURAL, 'fact = "area"', 'fact = "zone"', "asks for fact 'zone'"),
    ("an unknown value of a fact", RURAL, 'is = "xa"', 'is = "lang"', "area is never 'lang'"),
    ("a number in a rule", RURAL, 'at_least = "worker.age"', 'at_least = "fifteen"', "which is no parameter"),
    ("a rule of the wrong kind", RURAL, 'at_least = "worker.age"', 'is = "worker.age"', "does not fit age"),
    ("an amount of nothing", RURAL, 'parameter = "nd338.meals"', 'parameter = "nd338.food"', "names 'nd338.food'"),
    ("an amount before its time", RURAL, "since = 2026-01-01", "since = 2025-12-01", "has no value on the first day"),
    ("a benefit without a source", RURAL, "sources = [", "old_sources = [", "sources: is missing"),
    ("a phone that is none", "contacts.toml", 'phone = "phone.fire"', 'phone = "nd338.meals"', "is no phone parameter"),
    ("broken TOML", "trades.toml", "[[trade]]\nid", "[[trade]\nid", "is no TOML"),
]


@pytest.mark.parametrize(("what", "name", "old", "new", "message"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_the_check_finds(what: str, name: str, old: str, new: str, message: str, root: Path) -> None:
    change(root, name, old, new)
    lines = found(root)
    assert any(message in line and line.startswith(name) for line in lines), lines


def test_a_rule_whose_conditions_exclude_one_another_is_found(root: Path) -> None:
    change(root, RURAL, "[[rule.all]]\n", '[[rule.all]]\nfact = "area"\nis = "phuong"\n\n[[rule.all]]\n')
    change(root, RURAL, 'unsure = ["phuong", "dac_khu"]\n', "")
    assert any("can never be met" in line for line in found(root))


def test_a_benefit_that_no_question_leads_to_is_found(root: Path) -> None:
    path = root / "benefits" / "land_recovered.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            'fact = "age"\nat_least', 'fact = "age"\nless_than = "land.window"\n[[when.all]]\nfact = "age"\nat_least'
        ),
        encoding="utf-8",
    )
    assert any("no question leads to this benefit" in line for line in found(root))


def test_an_unchecked_value_may_not_be_shown(root: Path) -> None:
    change(root, TRAINING, 'article = "Điều 25 khoản 1 điểm b"\nconfidence = "V1"', 'article = "?"\nconfidence = "M"')
    lines = [line for line in found(root) if "nobody has checked (M)" in line]
    assert any(line.startswith(TUITION) for line in lines)
    assert any(line.startswith(RURAL) for line in lines)


def test_a_missing_topic_is_found(root: Path) -> None:
    (root / "answers" / "cost.toml").unlink()
    assert any(line.startswith("answers/cost.toml, file: is missing") for line in found(root))


def test_a_file_of_no_known_kind_is_found(root: Path) -> None:
    (root / "notes.toml").write_text("a = 1\n")
    assert any(line.startswith("notes.toml, file: is of no known kind") for line in found(root))


def test_every_fault_is_listed_not_only_the_first(root: Path) -> None:
    for _, name, old, new, _ in (FAULTS[1], FAULTS[5], FAULTS[9], FAULTS[13], FAULTS[21]):
        change(root, name, old, new)
    lines = found(root)
    for message in (FAULTS[1][4], FAULTS[5][4], FAULTS[9][4], FAULTS[13][4], FAULTS[21][4]):
        assert any(message in line for line in lines), message


def test_loading_broken_knowledge_lists_the_faults(root: Path) -> None:
    change(root, TRAINING, "description =", "discription =")
    with pytest.raises(KnowledgeError, match=r"2 faults of shape.*(\n.*){2}"):
        Catalogue.load(root)


def test_a_province_may_put_its_own_value_over_the_nations(root: Path, today: date) -> None:
    folder = root / "22-quang-ninh" / "parameters"
    folder.mkdir()
    (folder / "training.toml").write_text(
        """checked_on = 2026-11-22
[[parameter]]
id = "nd338.tuition"
unit = "VND/course"
description = "Học phí cao nhất ở tỉnh"
[[parameter.entry]]
value = 5_000_000
since = 2026-07-01
until = 2026-12-31
law = "nd338"
article = "Điều 25 khoản 2"
confidence = "V2"
""",
        encoding="utf-8",
    )
    catalogue = Catalogue.load(root)
    here = Where("22", "06999")
    assert catalogue.value("nd338.tuition", where=here, on=today).value == 5_000_000
    assert catalogue.value("nd338.tuition", where=here, on=date(2026, 6, 30)).value == 4_000_000
    assert catalogue.value("nd338.tuition", where=here, on=date(2027, 1, 1)).value == 4_000_000
    assert catalogue.value("nd338.tuition", where=Where("31"), on=today).value == 4_000_000
    assert found(root) == []
