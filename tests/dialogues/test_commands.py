"""Steering words, read as whole messages; a correction may bring its new value with it."""

import pytest

from intents import commands
from intents.commands import Command

READER = commands.load()


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("quay lại", Command("back")),
        ("Quay lại nhé", Command("back")),
        ("QUAY LAI", Command("back")),
        ("cho tôi gặp cán bộ", Command("human")),
        ("đăng ký", Command("register")),
        ("đa\u0306ng ky\u0301", Command("register")),
        ("sửa", Command("correct")),
        ("sửa tuổi", Command("correct", "birth_year")),
        ("sua nam sinh", Command("correct", "birth_year")),
        ("sửa tuổi 44", Command("correct", "birth_year", "44")),
        ("sửa tên thành Lò Thị Mẫu", Command("correct", "full_name", "Lò Thị Mẫu")),
        ("sửa lại họ và tên là Lò Thị Mẫu nhé", Command("correct", "full_name", "Lò Thị Mẫu")),
        ("đổi số điện thoại thành 0900 000 002", Command("correct", "phone", "0900 000 002")),
    ],
)
def test_a_whole_message_is_a_command(said, command):
    assert READER.read(said) == command


@pytest.mark.parametrize("said", ["", "tôi quay lại trường", "sửa xe máy", "sửa chữa", "thôn Đoài", "học lại", "😀"])
def test_a_story_is_no_command(said):
    assert READER.read(said) is None


@pytest.mark.parametrize(("said", "field"), [("tuổi", "birth_year"), ("Số điện thoại", "phone"), ("may", "")])
def test_a_field_is_found_by_its_everyday_names(said, field):
    assert READER.field(said) == field
