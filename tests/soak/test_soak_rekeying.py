"""A change of key killed at random moments, twenty times: every registration opens afterwards, with one key."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store.factories import COMMUNE, ME, happen, lead, own_database, person

from bot import wiring
from bot.settings import Settings
from bot.store import key_files
from bot.store.crypto import key_from

pytestmark = pytest.mark.soak
ROOT = Path(__file__).parent.parent.parent
PEOPLE, KILLS, WINDOW = 1_500, 20, 2.5  # seconds from the new key on the disk until all is over


def receipts(settings):
    store = wiring.open_store(settings)
    with store.transaction() as unit:
        found = {r.receipt for r in unit.leads(COMMUNE) if r.applicant.full_name}
    store.close()
    return found


def address(database):
    if database == "sqlite":
        return ""
    if "HOCNGHE_TEST_DATABASE" not in os.environ:
        pytest.skip("HOCNGHE_TEST_DATABASE names no PostgreSQL: make soak brings one")
    return own_database("killed while the key is changed")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_at_random_moments(tmp_path, monkeypatch, database):
    monkeypatch.delenv("HOCNGHE_SECRET_KEY", raising=False)
    url = address(database)
    settings, dice = Settings(_env_file=None, data_dir=tmp_path, database_url=url), random.Random(8)
    store = wiring.open_store(settings)
    happen(store, *(lead(f"HN-{n:06}", person(n)) for n in range(1, PEOPLE + 1)), contact=ME)
    store.close()
    everybody, keys = receipts(settings), {key_from(tmp_path)}
    assert len(everybody) == PEOPLE
    told = {**os.environ, "HOCNGHE_DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "HOCNGHE_DATABASE_URL": url}
    died = 0
    for _ in range(KILLS):
        command = [sys.executable, "-m", "bot", "db", "rotate-key", "--yes"]
        waiting, age = tmp_path / key_files.NEW_FILE, time.time()
        waiting.unlink(missing_ok=True)  # one left behind would be taken again
        with subprocess.Popen(command, env=told, cwd=tmp_path, stdout=subprocess.DEVNULL) as program:
            while not waiting.exists() and program.poll() is None and time.time() < age + 60:
                time.sleep(0.005)
            time.sleep(dice.uniform(0, WINDOW))
            program.kill()
        died += program.returncode == -signal.SIGKILL
        assert receipts(settings) == everybody
        keys.add(key_from(tmp_path))
    assert len(key_files.kept_files(tmp_path)) == len(keys) - 1
    assert 1 < len(keys) < KILLS, "kills fell on one side of the commit alone"
    assert died > KILLS // 3
