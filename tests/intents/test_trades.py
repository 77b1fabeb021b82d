import pytest

from intents.trades import TradeMatcher
from tests.intents.conftest import TRADES

MATCHER = TradeMatcher(TRADES)


@pytest.mark.parametrize(
    ("text", "trade"),
    [
        ("may", "may-cong-nghiep"),
        ("em muốn học nghề hàn ạ", "han"),
        ("dien", "dien-dan-dung"),
        ("sua xe", "sua-xe-may"),
        ("nghề nấu ăn", "nau-an"),
        ("may công nghiêp", "may-cong-nghiep"),
        ("chan nuoi ga", "nuoi-ga"),
    ],
)
def test_an_answer_names_a_trade(text, trade):
    assert MATCHER.find(text)[0] == trade


def test_an_answer_that_names_none_finds_none():
    assert MATCHER.find("không biết nữa") == ()
    assert MATCHER.find("") == ()


def test_at_most_four_trades_are_offered():
    assert len(MATCHER.find("nghề điện hàn may sửa xe")) <= 4


def test_the_canonical_name_of_a_trade_is_given():
    assert MATCHER.name("han") == "Hàn"
    assert MATCHER.name("khong-co") == ""
