"""Secrets: in no list of processes, no log, no fault's text; files are their owner's alone, or somebody is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from sqlalchemy import text

from bot import permissions, wiring
from bot.cli import app
from bot.model import BotError
from bot.settings import SECRETS, Settings
from bot.store.engines import connect

ROOT = Path(__file__).parent.parent.parent
TOLD = {name: f"made-up-{number}-of-the-tests" for number, name in enumerate(sorted(SECRETS))}
POSIX = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


def commands(group, path=()):
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_no_command_takes_a_secret():
    """Arguments stand in the list of processes and in the shell's history."""
    seen = 0
    for name, command in commands(typer.main.get_command(app)):
        for parameter in command.params:
            if getattr(parameter, "is_flag", False):
                continue  # it takes no value
            words = f"{parameter.name} {' '.join(parameter.opts)}".lower()
            assert not any(w in words for w in ("token", "secret", "password", "smtp", "key")), (name, words)
            seen += 1
    assert seen > 60


def test_settings_show_that_a_secret_is_set_and_not_what_it_is():
    known = TOLD | {"smtp_url": "smtp://user:made-up-word@127.0.0.1:25?from=a@b.vn&tls=none"}
    known |= {"database_url": "postgresql://user:made-up-word@127.0.0.1/x"}
    settings = Settings(_env_file=None, public_url="https://hocnghe.example", **known)
    for shown in (repr(settings), str(settings), f"{settings!r}", str([settings])):
        assert "made-up" not in shown
        assert "hocnghe.example" in shown
        assert shown.count("***") == len(SECRETS)
    names = {n for n in Settings.model_fields if any(w in n for w in ("token", "secret", "key", "smtp", "database"))}
    assert names - {"telegram_name"} <= SECRETS, "a new secret must be masked, too"


def test_a_fault_of_the_settings_names_them_and_shows_no_value(tmp_path):
    wrong = {
        "HOCNGHE_SMTP_URL": "smtp://user:made-up-word@:x",
        "HOCNGHE_SECRET_KEY": "short-made-up",
        "HOCNGHE_TIMEZONE": "X",
    }
    told = run(tmp_path, wrong, "place", "list")
    assert "HOCNGHE_SMTP_URL" in told
    assert "made-up" not in told


URLS = (
    "postgresql://user:made-up-word@127.0.0.1:port/x", "mysql://user:made-up-word@127.0.0.1/x", "user:made-up-word",
    "postgresql://user:made-up-word@[::1/x",
)  # fmt: skip


def test_a_database_that_is_away_or_misnamed_tells_no_password(tmp_path):
    told = run(tmp_path, {"HOCNGHE_DATABASE_URL": "postgresql://user:made-up-word@127.0.0.1:1/x"}, "place", "list")
    assert told
    assert "made-up-word" not in told
    for url in URLS:
        with pytest.raises(BotError, match="HOCNGHE_DATABASE_URL") as fault:
            connect(url)
        assert "made-up" not in str(fault.value)


def run(folder, environment, *words):
    known = {"PATH": os.environ["PATH"], "HOCNGHE_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run([sys.executable, "-m", "bot", *words], capture_output=True, text=True, env=known, cwd=folder)
    return done.stdout + done.stderr


def test_a_fault_of_the_database_shows_no_value(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with pytest.raises(Exception, match="no such table") as fault, engine.begin() as db:
        db.execute(text("INSERT INTO nowhere VALUES (:phone)"), {"phone": "0900000001"})
    assert "0900000001" not in str(fault.value)
    engine.dispose()


@POSIX
def test_what_we_make_is_its_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        wiring.open_store(Settings(_env_file=None, data_dir=tmp_path / "data")).close()
    finally:
        os.umask(before)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "data").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name


@POSIX
def test_who_else_may_read_is_told_with_the_command_that_ends_it(tmp_path):
    data, environment = tmp_path / "data", tmp_path / ".env"
    data.mkdir(mode=0o700)
    for path in (data / "secret.key", environment):
        path.write_text("x")
        path.chmod(0o600)
    assert list(permissions.faults(data, environment)) == []
    for path, mode in ((data, "700"), (data / "secret.key", "600"), (environment, "600")):
        path.chmod(0o755)
        (told,) = permissions.faults(data, environment)
        assert f"chmod {mode} {path}" in told
        path.chmod(int(mode, 8))
