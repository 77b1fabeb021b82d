"""The file of settings: one of one's own, from any editor, with no name that nobody reads."""

import pytest

from bot import settings


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.ENV_FILE, str(tmp_path / "hocnghe.env"))
    return tmp_path / "hocnghe.env"


def test_it_is_read_also_with_the_marks_of_other_editors(file):
    file.write_bytes("\ufeffHOCNGHE_TELEGRAM_NAME=hocnghe_bot\r\n# lời\r\nOTHER=1\r\n".encode())
    assert settings.read().telegram_name == "hocnghe_bot"


def test_the_environment_goes_before_it(file, monkeypatch):
    file.write_text("HOCNGHE_TELEGRAM_NAME=from_file\n", encoding="utf-8")
    monkeypatch.setenv("HOCNGHE_TELEGRAM_NAME", "from_environment")
    assert settings.read().telegram_name == "from_environment"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HOCNGHE_TELEGRAM_TOKEM=secret-1\n", "did you mean HOCNGHE_TELEGRAM_TOKEN"),
        ("HOCNGHE_XYZZY_QUUX=secret-1\n", "take the line out"),
        ("HOCNGHE_TELEGRAM_NAME=\xff".encode("latin-1"), "UTF-8"),
        (None, "does not exist"),
    ],
)
def test_what_is_wrong_with_it_is_told_without_its_values(file, text, told):
    if text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(settings.SettingsFault, match=told) as fault:
        settings.read()
    assert "secret-1" not in str(fault.value)
