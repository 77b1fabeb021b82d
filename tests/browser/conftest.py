"""The real program as a process, and a small phone's browser that speaks to it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = os.environ.get("HOCNGHE_SHOTS", "")  # a folder: then the tests leave pictures there
PHONE = {
    "viewport": {"width": 360, "height": 640},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2 if SHOTS else 1,
}
PATIENCE_MS = 8_000


@dataclass
class Program:
    """`hocnghe serve --demo` on a port of loopback, with its own data folder."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command("serve", "--demo", "--port", str(self.port)),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        for _ in range(900):
            if self.process.poll() is not None or self._answers():
                break
            time.sleep(0.05)
        if not self._answers():
            self.stop(signal.SIGKILL)
            pytest.fail("The program did not start:\n" + (self.folder / "log").read_text())

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "healthz", timeout=1) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(10)
            self.process = None

    def run(self, *words: str) -> str:
        """Another command of the program on the same data."""
        done = subprocess.run(
            self.command(*words), cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bot", *words]

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")}
        return {**kept, "HOCNGHE_DATA_DIR": str(self.folder / "data"), "PYTHONPATH": str(ROOT)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program for all browser tests; every test is another person to it."""
    program = Program(tmp_path_factory.mktemp("program"), _free_port())
    program.start()
    yield program
    program.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Debian's Chromium. Ends with the module: its event loop would be in the way of other tests."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Chromium: run tests/browser.sh, or apt-get install chromium.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium, program) -> Iterator[Callable[..., object]]:
    """Opens the chat on a phone of 360×640; each call is another person's phone. `before` is done to the empty page."""
    contexts = []

    def open_chat(path: str = "", before: Callable[..., object] = lambda page: None, **options: object):
        context = chromium.new_context(**{**PHONE, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        before(page)
        page.goto(program.url + path)
        return page

    yield open_chat
    faults = [fault for context in contexts for page in context.pages for fault in getattr(page, "faults", [])]
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def picture(request) -> Callable[..., None]:
    """Takes a picture for a human to look at, when a folder for them is named in HOCNGHE_SHOTS."""

    def take(page, name: str) -> None:
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{request.node.originalname}-{name}.png")

    return take
