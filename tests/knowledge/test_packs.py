"""What each place adds to the nation's knowledge, and the folder to copy from."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from knowledge.answers import TOPICS
from knowledge.catalogue import Catalogue
from knowledge.check import faults
from knowledge.check_words import plain
from knowledge.dated import Where
from knowledge.reading import DATA, TEMPLATE, read_places

PACKS = {pack.code: pack for pack in read_places(DATA)[0]}
SERVED = ["31", "22", "12", "20"]


@pytest.mark.parametrize("code", [*SERVED, "00000"])
def test_every_topic_was_considered_for_every_place(code: str) -> None:
    pack = PACKS[code]
    assert pack.inherited is not None
    assert {*pack.answers, *pack.inherited} == set(TOPICS)
    assert len(pack.answers) >= 9


@pytest.mark.parametrize("code", SERVED)
def test_a_place_never_says_less_than_the_nation(code: str, catalogue: Catalogue, today: date) -> None:
    for topic in TOPICS:
        nation, place = catalogue.answer(topic, on=today), catalogue.answer(topic, where=Where(code), on=today)
        assert nation is not None
        assert place is not None
        assert set(place.sources) >= set(nation.sources) or place.short != nation.short
        assert place.next == nation.next
        assert set(place.short) == {"vi", "en"}


def told(catalogue: Catalogue, topic: str, code: str, on: date) -> str:
    where = Where(code)
    answer = catalogue.answer(topic, where=where, on=on)
    assert answer is not None
    return catalogue.fill(f"{answer.short['vi']}\n{answer.more.get('vi', '')}", plain, where=where, on=on)


@pytest.mark.parametrize(
    ("code", "topic", "words"),
    [
        ("31", "support_tuition", "50% học phí"),
        ("31", "student_after_THCS", "900,000 đồng/tháng"),
        ("31", "student_after_THCS", "31/12/2030"),
        ("31", "course_list", "9 nghề"),
        ("31", "eligibility_general", "4 nhóm"),
        ("31", "contact_officer", "đặc khu"),
        ("22", "eligibility_general", "11 nhóm"),
        ("22", "eligibility_general", "100%"),
        ("22", "eligibility_disability", "mà tỉnh đặt mục tiêu hỗ trợ"),
        ("22", "support_tuition", "không ghi số tiền"),
        ("22", "loan_study", "Kế hoạch của tỉnh có giao"),
        ("22", "student_after_THCS", "đã hết giai đoạn"),
        ("12", "eligibility_already_trained", "chưa tìm thấy văn bản nào"),
        ("12", "work_abroad", "Nhật Bản"),
        ("12", "contact_officer", "đã giải thể"),
        ("20", "support_tuition", "đã là chuyện cũ"),
        ("20", "loan_study", "không tìm thấy căn cứ"),
        ("20", "contact_officer", "trung tâm dạy nghề huyện"),
    ],
)
def test_a_place_says_what_only_it_can_say(
    code: str, topic: str, words: str, catalogue: Catalogue, today: date
) -> None:
    assert words in told(catalogue, topic, code, today)
    assert words not in told(catalogue, topic, "01", today)


def test_waiting_some_years_between_courses_is_nowhere_stated_as_a_rule(catalogue: Catalogue, today: date) -> None:
    answer = catalogue.answer("eligibility_already_trained", where=Where("12"), on=today)
    assert answer is not None
    assert answer.officer
    for code in ("", *SERVED):
        for topic in TOPICS:
            assert "5 năm" not in told(catalogue, topic, code, today) or topic == "land_recovered"


def test_the_citys_policy_is_told_until_its_last_day(catalogue: Catalogue) -> None:
    assert "50%" in told(catalogue, "support_tuition", "31", date(2030, 12, 31))
    after = told(catalogue, "support_tuition", "31", date(2031, 1, 1))
    assert "50%" not in after
    assert "4,000,000 đồng/khóa" in after


def test_the_provinces_student_policy_ended_with_2025(catalogue: Catalogue) -> None:
    assert "hỏi trường" in told(catalogue, "student_after_THCS", "22", date(2025, 12, 31))
    assert "đã hết giai đoạn" in told(catalogue, "student_after_THCS", "22", date(2026, 1, 1))


def test_the_nations_target_is_told_while_the_programme_runs(catalogue: Catalogue) -> None:
    assert "85%" not in told(catalogue, "job_referral", "01", date(2026, 2, 23))
    assert "85%" in told(catalogue, "job_referral", "01", date(2026, 2, 24))
    assert "85%" not in told(catalogue, "job_referral", "01", date(2031, 1, 1))


def test_the_template_is_checked_and_never_served(catalogue: Catalogue, today: date) -> None:
    assert TEMPLATE in PACKS
    assert not {TEMPLATE, "00000"} & set(catalogue.packs)
    nation = catalogue.answer("job_referral", on=today)
    assert catalogue.answer("job_referral", where=Where(TEMPLATE, "00000"), on=today) == nation
    assert not catalogue.knows_law("kh_2025_mau")


def test_a_copy_of_the_template_is_a_place_once_its_ids_are_its_own(tmp_path: Path, today: date) -> None:
    root = tmp_path / "vn"
    shutil.copytree(DATA, root)
    copy = root / "22-quang-ninh" / "06862-tien-yen"
    shutil.copytree(root / "00-mau" / "00000-xa-mau", copy)
    assert any("kh_2025_mau: stands twice" in str(fault) for fault in faults(root, on=today))
    for path in copy.rglob("*.toml"):
        words = path.read_text(encoding="utf-8")
        path.write_text(words.replace("kh_2025_mau", "kh_2025_ty").replace("mau.connected", "ty.connected"), "utf-8")
    assert [str(fault) for fault in faults(root, on=today)] == []
    catalogue = Catalogue.load(root)
    here = Where("22", "06862")
    answer = catalogue.answer("support_tuition", where=here, on=today)
    assert answer is not None
    more = catalogue.fill(answer.more["vi"], plain, where=here, on=today)
    assert "Tỉnh có mức cao hơn cả nước" in more  # the province's words stay under the commune's
    assert more.endswith("mức theo quy định của cả nước và của tỉnh.")
    referral = catalogue.answer("job_referral", where=here, on=today)
    assert referral is not None
    assert "ty.connected" in referral.parameters
