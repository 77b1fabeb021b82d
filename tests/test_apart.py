"""Work in a process of its own: what it answers, how it fails, that it ends, and that nothing heavy stays here."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import apart

# What the other process runs in these tests stands in this file: `tests` is where it is found.
HERE = "test_apart"


def shouted(words, *, times=1):
    return (words * times).encode()


def counted(source, name):
    return f"{name}: {sum(apart.lines(source))}".encode()


def failed(kind):
    if kind == "disk":
        raise OSError(errno.ENOSPC, "a name that is nobody's business")
    if kind == "row":
        raise ValueError("Lò Thị Mẫu, 0900000001")
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def settings():
    return json.dumps([name for name in os.environ if name.startswith("HOCNGHE_")]).encode()


def slow(path):
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)
    return b""


@pytest.fixture(autouse=True)
def found_there(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def gone(pid):
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_it_answers_with_the_bytes_that_the_function_makes():
    assert apart.call(f"{HERE}:shouted", "Xã Mẫu") == "Xã Mẫu".encode()


def test_it_gets_no_setting_and_no_key(monkeypatch):
    monkeypatch.setenv("HOCNGHE_SECRET_KEY", "a key, long enough for nobody")
    assert json.loads(apart.call(f"{HERE}:settings")) == []


def test_it_is_fed_as_much_as_there_is():
    with apart.work(f"{HERE}:counted", "sum", fed=True) as started:
        for number in range(100_000):
            started.feed(apart.line(number))
        assert started.made() == b"sum: 4999950000"


def test_a_full_disk_is_told_as_here():
    with pytest.raises(OSError, match="No space left") as fault:
        apart.call(f"{HERE}:failed", "disk")
    assert fault.value.errno == errno.ENOSPC


@pytest.mark.parametrize(("kind", "told"), [("row", r"3 \(ValueError, test_apart.py:\d+\)"), ("killed", "-9")])
def test_a_fault_is_told_by_its_kind_and_without_what_it_was_about(kind, told):
    with pytest.raises(apart.ApartFault, match=f"test_apart:failed: its process ended with {told}") as fault:
        apart.call(f"{HERE}:failed", kind)
    assert "Mẫu" not in str(fault.value)
    assert "0900" not in str(fault.value)


def test_one_that_ended_while_it_was_fed_is_a_fault():
    with apart.work(f"{HERE}:failed", "row") as started, pytest.raises((apart.ApartFault, BrokenPipeError)):
        started.feed(b"x" * 1_000_000)


def test_what_takes_too_long_is_given_up_and_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(apart, "PATIENCE", 2.0)
    with pytest.raises(apart.ApartFault, match="not done after 2 s"):
        apart.call(f"{HERE}:slow", str(tmp_path / "pid"))
    assert gone(int((tmp_path / "pid").read_text()))


def test_it_ends_when_whoever_asked_is_killed_while_feeding(tmp_path):
    asking = (
        "import sys, time\n"
        "from bot import apart\n"
        f"with apart.work('{HERE}:counted', 'x', fed=True) as started:\n"
        "    started.feed(apart.line(1)); print(started._process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", asking], stdout=subprocess.PIPE) as asked:
        pid = int(asked.stdout.readline())
        asked.kill()
    assert gone(pid)


def test_no_heavy_library_stays_in_the_process_that_serves(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTHONPATH")
    asking = f"""
import sys
from datetime import date
from pathlib import Path
import bot.desk.routes, bot.serving
from bot import apart
from bot.i18n import language
from bot.leads import listing, reading, report_files, workbook
from bot.leads.report import Report
from bot.leads.tables import Table

table = Table("a", ("b", "c"), (("d", 1),))
report = Report(*"abcdefg", (table,), "h", ("i",), "j", "k")
path = Path({str(tmp_path)!r}) / "list.xlsx"
workbook.stream(path, listing.of([]), workbook.Head({{"": "Xã Mẫu"}}, date(2026, 11, 22), language()))
assert reading.read_apart(path.read_bytes(), language()).rows
assert apart.call("bot.leads.tables_book:write", (table,), ("d",))
assert apart.call("bot.leads.call_book:write", "a", ["b"], [("c",)], (9,))
assert report_files.drawn(report, "docx", "vi").startswith(b"PK")
print([name for name in ("openpyxl", "docx", "lxml", "PIL", "alembic") if name in sys.modules])
"""
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "[]", told.stderr


def test_the_program_loads_no_highlighters(monkeypatch):
    """Structlog would, where rich is installed: 5 MB in each process."""
    monkeypatch.delenv("PYTHONPATH")
    asking = "import sys, bot.cli, bot.serving; print('structlog' in sys.modules, 'pygments' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True, check=False)
    assert told.stdout.split() == ["True", "False"], told.stderr
