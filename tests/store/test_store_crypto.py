"""Sealing, the key's file, and names and phones as they may be shown."""

import stat
from pathlib import Path

import pytest

from bot.store.crypto import Cipher, KeyFault, key_from, masked_name, masked_phone

KEY = "a key of the tests, long enough"
CIPHER = Cipher(KEY)


SAID = ["a", "Nguyễn Thị Mẫu", "🙂\x00\u202e", "e\u0302\u0301", "half \ud83d", "x" * 100_000]


@pytest.mark.parametrize("said", SAID, ids=lambda text: ascii(text[:9]))
def test_what_was_sealed_opens_in_its_place(said):
    assert CIPHER.open(CIPHER.seal(said, "message.body"), "message.body") == said


def test_the_same_text_sealed_twice_differs():
    assert CIPHER.seal("Nguyễn Thị Mẫu", "person.full_name") != CIPHER.seal("Nguyễn Thị Mẫu", "person.full_name")


def test_the_empty_text_stays_empty():
    assert CIPHER.seal("", "person.phone") == b""
    assert CIPHER.open(b"", "person.phone") == ""


def test_another_key_opens_nothing_and_the_error_says_what_to_do():
    sealed = Cipher("another key, long enough as well").seal("0900000001", "person.phone")
    with pytest.raises(KeyFault, match=r"^person\.phone: cannot be opened with this key: put back the secret\.key"):
        CIPHER.open(sealed, "person.phone")


SEALED = CIPHER.seal("0900000001", "person.phone")


@pytest.mark.parametrize(
    ("sealed", "label"),
    [
        pytest.param(SEALED, "person.hamlet", id="another place"),
        pytest.param(SEALED[:-1], "person.phone", id="its end is missing"),
        pytest.param(SEALED[:20], "person.phone", id="most is missing"),
        pytest.param(SEALED[:5], "person.phone", id="all but a few bytes are missing"),
        pytest.param(b"\x01", "person.phone", id="one byte"),
        pytest.param(b"\x02" + SEALED[1:], "person.phone", id="a kind of sealing not known here"),
        pytest.param(SEALED[:-1] + bytes([SEALED[-1] ^ 1]), "person.phone", id="one bit of the tag"),
        pytest.param(SEALED[:15] + bytes([SEALED[15] ^ 1]) + SEALED[16:], "person.phone", id="one bit of the text"),
        pytest.param(b"0900000001", "person.phone", id="never sealed"),
    ],
)
def test_what_was_moved_or_damaged_does_not_open(sealed, label):
    with pytest.raises(KeyFault, match=label):
        CIPHER.open(sealed, label)


@pytest.mark.parametrize("secret", ["", "short", "x" * 15])
def test_a_key_that_is_too_short_is_refused_with_what_to_do(secret):
    with pytest.raises(KeyFault, match=r"HOCNGHE_SECRET_KEY: too short: give 16 characters or more"):
        Cipher(secret)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    folder = tmp_path / "data" / "deep"
    made = key_from(folder)
    file = folder / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(made) >= 43
    assert (key_from(folder), file.read_text()) == (made, made)
    assert [f.name for f in folder.iterdir()] == ["secret.key"]
    assert key_from(tmp_path) != made


def test_a_key_that_was_put_there_is_taken_as_it_is(tmp_path):
    (tmp_path / "secret.key").write_text("a key brought from elsewhere\n")
    assert key_from(tmp_path) == "a key brought from elsewhere"


def test_a_start_that_died_while_it_made_the_key_hinders_no_later_one(tmp_path, monkeypatch):
    def died(_source, _target):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("os.link", died)
        broken.setattr(Path, "unlink", lambda _self: None)
        with pytest.raises(KeyboardInterrupt):
            key_from(tmp_path)
    (left,) = tmp_path.iterdir()
    assert left.name != "secret.key"
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    assert key_from(tmp_path) == key_from(tmp_path) != left.read_text()


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("0900000001", "0900***001"),
        ("+84900000001", "+849***001"),
        ("090000000", "0900***000"),
        ("09000000", "***"),
        ("115", "***"),
        ("", ""),
    ],
)
def test_a_masked_phone_can_be_recognised_but_not_called(phone, shown):
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Mẫu", "N. T. Mẫu"),
        ("  Nguyễn   Mẫu ", "N. Mẫu"),
        ("Mẫu", "Mẫu"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_masked_name_is_initials_and_the_given_name(name, shown):
    assert masked_name(name) == shown


def test_fingerprints_differ_with_the_key_and_with_what_they_are_of():
    mine = Cipher(KEY).digest("0900000001", "phone")
    assert mine == Cipher(KEY).digest("0900000001", "phone")
    assert mine != Cipher(KEY).digest("0900000001", "likeness")
    assert mine != Cipher("another key, long enough as well").digest("0900000001", "phone")
