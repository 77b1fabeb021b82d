"""The recogniser that ships, and a small book of trades and places."""

import tomllib
from pathlib import Path

import pytest

from intents import catalogue
from intents.places import PlaceBook
from intents.slots import SlotReader
from intents.vocabulary import Vocabulary

CASES = Path(__file__).parent.parent / "cases" / "intents"
STYLES = ("toned", "toneless", "slang", "typo", "dialect")

BOOK = PlaceBook(
    provinces={"22": "Tỉnh Quảng Ninh", "12": "Tỉnh Lai Châu", "20": "Tỉnh Lạng Sơn", "31": "Thành phố Hải Phòng"},
    communes={
        "06799": ("Xã Quảng Tân", "22"),
        "06800": ("Xã Đầm Hà", "22"),
        "06900": ("Phường Bãi Cháy", "22"),
        "03100": ("Xã Mường Tè", "12"),
        "03101": ("Xã Tân Phong", "12"),
        "05100": ("Xã Tân Phong", "20"),
        "05101": ("Xã Thất Khê", "20"),
        "11300": ("Phường Hồng Bàng", "31"),
        "11301": ("Xã Thống Nhất", "31"),
    },
    old=(
        ("Xã Tân Bình", "Huyện Đầm Hà", "Tỉnh Quảng Ninh", ("06800",)),
        ("Xã Tân Lập", "Huyện Đầm Hà", "Tỉnh Quảng Ninh", ("06799",)),
        ("Thị trấn Đầm Hà", "Huyện Đầm Hà", "Tỉnh Quảng Ninh", ("06800",)),
        ("Xã Ka Lăng", "Huyện Mường Tè", "Tỉnh Lai Châu", ("03100",)),
    ),
    served=frozenset({"06800"}),
)
TRADES = {
    "may-cong-nghiep": ("May công nghiệp", "may", "cắt may", "thợ may", "may mặc"),
    "han": ("Hàn", "thợ hàn", "hàn xì", "hàn điện"),
    "sua-xe-may": ("Sửa chữa xe máy", "sửa xe", "sửa xe máy"),
    "dien-dan-dung": ("Điện dân dụng", "điện", "thợ điện"),
    "nau-an": ("Kỹ thuật chế biến món ăn", "nấu ăn", "đầu bếp"),
    "nuoi-ga": ("Chăn nuôi gà", "nuôi gà"),
}


def cases() -> list[object]:
    """One parameter a sentence of the case files: label, other fair labels, sentence."""
    found = []
    for path in sorted(CASES.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        failures = data.get("known_failure", {})
        for style in STYLES:
            for number, text in enumerate(data.get(style, [])):
                marks = [pytest.mark.xfail(reason=failures[text], strict=True)] if text in failures else []
                accept = frozenset(data.get("accept", {}).get(text, []))
                found.append(pytest.param(path.stem, accept, text, id=f"{path.stem}::{style}-{number}", marks=marks))
    return found


@pytest.fixture(scope="session")
def recogniser():
    return catalogue.build(catalogue.load())


@pytest.fixture(scope="session")
def reader():
    return SlotReader(Vocabulary(TRADES, BOOK))
