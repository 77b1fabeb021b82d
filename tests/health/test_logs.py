"""What a log line may hold, and how many there are."""

import io
import json
import logging

import pytest
import structlog

from bot import logs

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRETS = ("kept-secret-9", TOKEN)


@pytest.fixture
def lines():
    """The program's own logs, into memory; put back as it was."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    levels = root.level, logging.getLogger("bot").level
    config, out = structlog.get_config(), io.StringIO()
    logs.configure("json", SECRETS, stream=out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(levels[0])
    logging.getLogger("bot").setLevel(levels[1])
    logging.captureWarnings(capture=False)
    structlog.configure(**config)
    logs.unhook()


@pytest.mark.parametrize(
    "said",
    [
        f"https://api.telegram.org/bot{TOKEN}/sendMessage?chat_id=5",
        f"bot{TOKEN}",
        "0900 000 123",
        "+84900000123",
        "0900.000.123",
        "postgresql://user:kept-secret-9@db.example/hocnghe",
        "http://127.0.0.1:8080/desk/sign-in/qZ3LjDqFM1fq-721wNL8aoXF1_8_FcQ0DuSsfsJFRuQ",
        "GET /desk/sign-in/qZ3LjDqFM1fq-721wNL8 HTTP/1.1",
        "an.nguyen@example.vn",
    ],
)
def test_what_never_stands_in_a_line(lines, said):
    log = structlog.get_logger()
    log.info("something", about=said)
    log.warning(f"of {said}")
    logging.getLogger("aiohttp.server").error("of %s", said)
    logging.getLogger("asyncio").error(
        "Task exception was never retrieved\nfuture: <Task exception=ValueError(%r)>", said
    )
    try:
        raise ValueError(said)
    except ValueError:
        log.exception("it failed")
        logging.getLogger("aiohttp.server").exception("Error handling request")
    told = json.dumps(lines(), ensure_ascii=False)
    for part in (
        TOKEN,
        TOKEN.partition(":")[2],
        "kept-secret-9",
        "000 123",
        "00000123",
        "000.123",
        "qZ3LjDq",
        "an.nguyen",
    ):
        assert part not in told
    assert len(lines()) == 6
    trace = next(line for line in lines() if line["event"] == "it failed")
    assert trace["fault"] == "ValueError"
    assert "test_logs.py" in trace["trace"]


def test_ids_stay(lines):
    structlog.get_logger().info("sent", update="u17", contact=12, message=345678901, channel="zalo_oa")
    (line,) = lines()
    assert line["message"] == 345678901
    assert line["update"] == "u17"
    assert line["level"] == "info"


def test_one_kind_of_fault_is_told_once_a_minute_and_counted(monkeypatch):
    now, out = [0.0], []
    repeats = logs.Repeats(lambda: now[0])
    for second in range(130):
        now[0] = float(second)
        for kind in ("A", "B"):
            line = {"level": "error", "event": "failed", "fault": kind}
            try:
                out.append(repeats(None, "", line))
            except structlog.DropEvent:
                continue
    assert [(line["fault"], line.get("repeated")) for line in out] == [
        ("A", None), ("B", None), ("A", 59), ("B", 59), ("A", 59), ("B", 59),
    ]  # fmt: skip


def test_journald_gets_its_levels(monkeypatch):
    renderer = logs._Renderer("json", journal=True)
    assert renderer(None, "", {"level": "error", "event": "x"}).startswith('<3>{"level"')
    assert renderer(None, "", {"level": "info", "event": "x"}).startswith("<6>")
    assert not logs.to_journal(io.StringIO(), "8:1")
