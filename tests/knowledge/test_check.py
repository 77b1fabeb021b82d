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
HOUSEHOLDS = "parameters/households.toml"
RURAL = "benefits/nd338_rural.toml"
ODD = "contradictions.toml"
CITY = "31-hai-phong/answers/support_tuition.toml"
TEMPLATE = "00-mau/00000-xa-mau"
FAULTS = [
    ("an unknown key", TRAINING, "description =", "discription =", "key 'discription' is not known"),
    ("a missing source", TRAINING, 'law = "tt152"\n', "", "law is missing: write law ="),
    ("an unknown law", TRAINING, 'law = "tt152"', 'law = "tt999"', "names no law 'tt999'"),
    (
        "an unknown family of trades",
        "trades.toml",
        'group = "forestry"',
        'group = "woods"',
        "group = 'woods' is not known",
    ),
    ("an unknown unit", TRAINING, 'unit = "VND/course"', 'unit = "dong"', "unit = 'dong' is not known"),
    ("a quoted date", TRAINING, "since = 2025-01-01", 'since = "2025-01-01"', "'2025-01-01' is of the wrong kind"),
    ("a value that does not fit", TRAINING, "value = 4_000_000", 'value = "4tr"', "does not fit unit VND/course"),
    ("an overlap", HOUSEHOLDS, "until = 2026-12-31", "until = 2027-07-31", "overlaps the entry since"),
    ("a gap", HOUSEHOLDS, "until = 2026-12-31", "until = 2026-05-31", "leaves a gap after 2026-05-31"),
    ("a duplicate", TRAINING, 'id = "nd338.meals"', 'id = "nd338.tuition"', "'nd338.tuition' stands twice"),
    ("a value nobody uses", TRAINING, 'id = "nd338.procedure"', 'id = "nd338.code"', "is used by nothing"),
    ("a number typed in", TUITION, "tiền đi lại nếu nhà xa", "tiền đi lại 200.000 đồng", "holds a number"),
    ("a number in words", "answers/schedule.toml", "Bận mùa vụ", "hai trăm đồng", "holds the number 'hai' in words"),
    (
        "a time in words",
        "answers/location.toml",
        "Nhà xa chỗ học",
        "đúng một lần",
        "holds the number 'một lần' in words",
    ),
    (
        "an English number",
        "answers/register.toml",
        "It is free",
        "It costs twelve dong",
        "holds the number 'twelve' in words",
    ),
    (
        "the name of a place",
        "answers/certificate.toml",
        "Mất giấy",
        "Mất giấy ở Lai Châu",
        "names the place 'Lai Châu'",
    ),
    ("an unknown value", TUITION, "{nd338.meals}", "{nd338.meal}", "names {nd338.meal}, which is not known"),
    ("a text that is too long", TUITION, "Dạ, người", "Dạ, " + "thưa anh/chị " * 9 + "người", "characters once filled"),
    ("days without a text", TUITION, "until = 2025-12-31", "until = 2025-11-30", "none speaks from 2025-11-30"),
    ("two texts on one day", TUITION, "until = 2025-12-31", "until = 2026-01-31", "two texts speak on 2026-01-01"),
    ("a value not in force", TUITION, "since = 2026-01-01", "since = 2025-12-01", "cannot be told on 2025-12-01"),
    ("an unknown next step", TUITION, '"screen"', '"scren"', "'scren' is no topic and no act"),
    ("an addition to nothing", TUITION, "more.vi", "also.vi", "adds to nothing"),
    (
        "a longer text too long",
        "answers/cost.toml",
        'more.vi = "',
        'more.vi = "' + "Dạ vâng. " * 130,
        "shorten it to 1200",
    ),
    ("an unknown law in a text", "superseded.toml", "{law:nd61}", "{law:nd16}", "names {law:nd16}, which is not known"),
    ("a missing translation", "answers/cost.toml", "short.en", "# short.en", "text 1.short.en: is missing"),
    ("a missing Vietnamese text", "answers/register.toml", "short.vi", "# short.vi", "short.vi is missing"),
    ("a text without a source", "answers/register.toml", "about_us = true\n", "", "has no source"),
    ("an unknown fact", RURAL, 'fact = "area"', 'fact = "zone"', "asks for fact 'zone'"),
    ("an unknown value of a fact", RURAL, 'is = "xa"', 'is = "lang"', "area is never 'lang'"),
    ("a number in a rule", RURAL, 'at_least = "worker.age"', 'at_least = "fifteen"', "which is no parameter"),
    ("a rule of the wrong kind", RURAL, 'at_least = "worker.age"', 'is = "worker.age"', "does not fit age"),
    ("an amount of nothing", RURAL, 'parameter = "nd338.meals"', 'parameter = "nd338.food"', "names 'nd338.food'"),
    ("an amount before its time", RURAL, "since = 2026-01-01", "since = 2025-12-01", "has no value on the first day"),
    ("a benefit without a source", RURAL, "sources = [", "old_sources = [", "sources: is missing"),
    ("a reason untranslated", RURAL, ', en = "you live in a rural area" }', " }", "nd338_rural.en: is missing"),
    (
        "a percentage that is no share",
        "benefits/loan_abroad.toml",
        '"share"',
        '"cap"',
        'a percentage is of kind = "share"',
    ),
    ("a request from nowhere", "benefits/loan_worker.toml", '["loan_jobcreation"]', '["loans"]', "'loans' is no topic"),
    ("a question too long", "questions.toml", "Anh/chị năm nay", "Thưa anh/chị " * 30 + "năm nay", "shorten it to 300"),
    ("a question that changes nothing", "benefits/loan_study.toml", '"study_kind"', '"schooling"', "is never 'school'"),
    ("a contradiction of nothing", ODD, 'fact = "age"', 'fact = "aged"', "asks for fact 'aged'"),
    ("a contradiction asking another", ODD, 'ask = "age"', 'ask = "area"', "asks area again, which it does not judge"),
    ("a contradiction naming nothing", ODD, "nói {fact:age}", "nói {fact:agee}", "names fact:agee, which is not known"),
    ("a phone that is none", "contacts.toml", 'phone = "phone.fire"', 'phone = "nd338.meals"', "is no phone parameter"),
    ("an old name without source", "superseded.toml", "sources =", "# sources =", "has no source"),
    ("an old name of one word", "superseded.toml", '"UBND huyện"', '"huyện"', "is one word, which may mean something"),
    ("broken TOML", "trades.toml", "[[trade]]\nid", "[[trade]\nid", "is no TOML"),
    ("a number in a place", CITY, "Lớp ngắn vẫn theo", "Được 50% học phí. Lớp ngắn vẫn theo", "holds a number"),
    (
        "a word in a place",
        CITY,
        "Lớp ngắn vẫn theo",
        "Mười triệu. Lớp ngắn vẫn theo",
        "holds the number 'Mười' in words",
    ),
    (
        "a unit of its own",
        "31-hai-phong/parameters/training.toml",
        '"hp.teacher_course"',
        '"nd338.meals"',
        "the nation's has",
    ),
    ("a topic left out", "12-lai-chau/inherited.toml", '  "cost",\n', "", "nobody has considered cost"),
    ("a topic said twice", "20-lang-son/inherited.toml", '"cost"', '"location"', "location has an answer of its own"),
    ("a topic of nobody", "22-quang-ninh/inherited.toml", '"job_fair"', '"job_fairs"', "'job_fairs' is no topic"),
    (
        "a law of two places",
        "22-quang-ninh/laws.toml",
        '"nq35_2021_qn"',
        '"kh51_2010_ls"',
        "kh51_2010_ls: stands twice",
    ),
    (
        "an old commune elsewhere",
        "22-quang-ninh/merged_communes.toml",
        '"06652"',
        '"99999"',
        "is not a commune of today",
    ),
    (
        "a misnamed commune",
        "12-lai-chau/merged_communes.toml",
        '\nname = "',
        '\nname = "X',
        "correct the code or the name",
    ),
    (
        "a list of unknown keys",
        "20-lang-son/merged_communes.toml",
        "\ndistrict =",
        "\ndistict =",
        "'distict' is not known",
    ),
    ("a code of nothing", "commune_codes.toml", '= "06004"', '= "99999"', "'99999' is the code of no commune"),
    ("a number in the template", f"{TEMPLATE}/answers/job_fair.toml", "ngày nào", "ngày 5", "holds a number"),
    ("an unknown key in the template", f"{TEMPLATE}/laws.toml", "title =", "tittle =", "key 'tittle' is not known"),
]
SAID = [fault[0] for fault in FAULTS]


def batches() -> list[list[tuple[str, str, str, str, str]]]:
    """The first fault of each file together, then the second of each, … : all of a batch must be found in one run."""
    found: list[list[tuple[str, str, str, str, str]]] = []
    for fault in FAULTS:
        batch = next((b for b in found if all(other[1] != fault[1] for other in b)), None)
        if batch is None:
            found.append(batch := [])
        batch.append(fault)
    return found


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The lines of the check for every fault, from as few runs as there are faults in one file."""
    lines: dict[str, list[str]] = {}
    for number, batch in enumerate(batches()):
        root = tmp_path_factory.mktemp(f"batch{number}") / "vn"
        shutil.copytree(DATA, root)
        for _, name, old, new, _ in batch:
            change(root, name, old, new)
        lines.update(dict.fromkeys((fault[0] for fault in batch), found(root)))
    return lines


@pytest.mark.parametrize(("what", "name", "old", "new", "message"), FAULTS, ids=SAID)
def test_the_check_finds(what: str, name: str, old: str, new: str, message: str, broken: dict[str, list[str]]) -> None:
    where = "questions.toml" if what == "a question that changes nothing" else name
    of_file = [line for line in broken[what] if line.startswith((where, name))]
    assert any(message in line for line in of_file), of_file


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


def test_loading_broken_knowledge_lists_the_faults(root: Path) -> None:
    change(root, TRAINING, "description =", "discription =")
    with pytest.raises(KnowledgeError, match=r"2 faults of shape.*(\n.*){2}"):
        Catalogue.load(root)


def test_a_province_may_put_its_own_value_over_the_nations(root: Path, today: date) -> None:
    folder = root / "22-quang-ninh" / "parameters"
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
