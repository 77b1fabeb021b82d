import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.places import PlaceMatcher
from tests.intents.conftest import BOOK

PLACES = PlaceMatcher(BOOK)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Đầm Hà", "06800"),
        ("dam ha", "06800"),
        ("xã Đầm Hà", "06800"),
        ("tôi ở xã đầm hà ạ", "06800"),
        ("xa dam ha tinh quang ninh", "06800"),
        ("Mường Tè", "03100"),
        ("muong te", "03100"),
        ("mường tè, lai châu", "03100"),
        ("that khe", "05101"),
        ("phường Bãi Cháy", "06900"),
        ("bai chay", "06900"),
        ("bãi chái", "06900"),
        ("thất khê lạng sơn", "05101"),
    ],
)
def test_a_commune_is_found_however_it_is_typed(text, code):
    assert PLACES.find(text)[0].code == code


@pytest.mark.parametrize(
    ("text", "code", "via"),
    [
        ("Tân Bình", "06800", "Xã Tân Bình, Huyện Đầm Hà"),
        ("tan lap huyen dam ha", "06799", "Xã Tân Lập, Huyện Đầm Hà"),
        ("ka lang", "03100", "Xã Ka Lăng, Huyện Mường Tè"),
    ],
)
def test_a_name_from_before_the_mergers_tells_by_which_name_it_was_found(text, code, via):
    best = PLACES.find(text)[0]
    assert (best.code, best.via) == (code, via)


def test_a_name_shared_by_two_communes_is_a_tie():
    first, second = PLACES.find("xã Tân Phong")[:2]
    assert {first.code, second.code} == {"03101", "05100"}
    assert first.score == second.score


def test_the_province_said_decides_between_namesakes():
    assert PLACES.find("Tân Phong, Lạng Sơn")[0].code == "05100"
    assert PLACES.find("tan phong", province="12")[0].code == "03101"


def test_an_unknown_name_finds_nothing():
    assert PLACES.find("Xyzabc") == ()
    assert PLACES.find("") == ()


def test_a_province_is_found_by_name():
    assert PLACES.find_province("quang ninh")[0].code == "22"
    assert PLACES.find_province("tỉnh Lai Châu")[0].code == "12"
    assert PLACES.find_province("hai phong")[0].code == "31"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("em ở bản Nà Pàn muốn học may", "bản Nà Pàn"),
        ("hỏi lớp ở xã Khăm Đeng", "Khăm Đeng"),
        ("cho hỏi có lớp nào không", None),
        ("xã có mở lớp không", None),
        ("bao giờ xã mình mở lớp", None),
        ("thống nhất vậy nhé", None),
        ("học ở đâu", None),
    ],
)
def test_a_place_in_a_sentence_is_given_as_said(text, said):
    assert PLACES.mentioned(text) == said


def test_a_known_commune_in_a_sentence_is_resolved():
    hit = PLACES.mentioned("nhà em ở Đầm Hà, học may được không")
    assert hit is not None
    assert not isinstance(hit, str)
    assert hit.code == "06800"


@settings(max_examples=60)
@given(st.text(max_size=50))
def test_finding_never_raises(text):
    PLACES.find(text)
    PLACES.find_province(text)
    PLACES.mentioned(text)
