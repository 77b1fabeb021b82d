import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.slots import Slots


@pytest.mark.parametrize(
    ("text", "household"),
    [
        ("nhà tôi hộ nghèo", "poor"),
        ("nha em can ngheo", "near_poor"),
        ("mới thoát nghèo năm ngoái", "escaped_poverty"),
        ("vừa ra khỏi hộ nghèo", "escaped_poverty"),
        ("hộ có thu nhập thấp", "low_income"),
        ("không phải hộ nghèo", ""),
        ("tôi không thuộc diện hộ nghèo mà cận nghèo", "near_poor"),
        ("chưa thoát nghèo", "poor"),
        ("nhà em nghèo lắm", ""),
    ],
)
def test_the_household_is_read_and_a_denied_one_is_not(reader, text, household):
    assert reader.read(text).household_type == household


@pytest.mark.parametrize(
    ("text", "trade"),
    [
        ("cho em đăng ký lớp may", "may-cong-nghiep"),
        ("hoc nghe han o dau", "han"),
        ("co day sua xe may khong", "sua-xe-may"),
        ("chúc em may mắn", ""),
        ("đi Hàn Quốc làm", ""),
        ("số điện thoại là gì", ""),
        ("ngày mai có lớp không", ""),
        ("trước em làm thợ may ở công ty", ""),
        ("lớp học máy tính", ""),
        ("năm ngoái em đã học may rồi", ""),
        ("có lớp sửa xe máy không", "sua-xe-may"),
        ("học nấu ăn mấy tháng", "nau-an"),
        ("duoc hoc nghe may lan", ""),
        ("ho tro dao tao may nam", ""),
        ("muon hoc nghe may", "may-cong-nghiep"),
        ("em mới học xong lớp may", ""),
        ("co lop nau ăn khong a", "nau-an"),
    ],
)
def test_the_trade_asked_about_is_read(reader, text, trade):
    assert reader.read(text).trade == trade


def test_everything_said_in_one_breath_is_kept(reader):
    said = reader.read("chị 45 tuổi ở xã Đầm Hà, hộ cận nghèo, muốn học may, số 0900 000 123")
    assert said == Slots(
        trade="may-cong-nghiep",
        trade_said="may",
        household_type="near_poor",
        age=45,
        commune="Đầm Hà",
        commune_code="06800",
        phone="0900000123",
    )


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("muốn đi Nhật làm", "Nhật Bản"),
        ("di han quoc can gi", "Hàn Quốc"),
        ("sang Đài Loan", "Đài Loan"),
        ("hàn xì", ""),
        ("nghề hàn", ""),
        ("cô Đức dạy lớp nào", ""),
    ],
)
def test_the_country_is_read(reader, text, country):
    assert reader.read(text).country == country


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("hỏi cho mẹ tôi", "mẹ"),
        ("con gái tôi muốn học", "con gái"),
        ("đăng ký hộ chồng em", "chồng"),
        ("tôi muốn học", ""),
    ],
)
def test_for_whom_somebody_asks_is_read(reader, text, relation):
    assert reader.read(text).relation == relation


@pytest.mark.parametrize(
    ("text", "age"),
    [("em 23 tuổi", 23), ("bốn lăm tuổi rồi", 45), ("qua 60 tuoi con cho hoc khong", 60), ("lớp 9", None)],
)
def test_the_age_is_read(reader, text, age):
    assert reader.read(text).age == age


def test_a_birth_year_is_read_where_it_is_called_so(reader):
    assert reader.read("tôi sinh năm 1981").birth_year == 1981
    assert reader.read("em sn 95").birth_year == 1995
    assert reader.read("năm 1995 tôi đi làm").birth_year is None


@settings(max_examples=60)
@given(text=st.text(max_size=60))
def test_reading_never_raises(reader, text):
    reader.read(text)
