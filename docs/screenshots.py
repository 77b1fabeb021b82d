"""Takes the pictures of the guides from the real program: `python docs/screenshots.py [NAME …]`.

Starts `hocnghe serve --demo` on a data folder of its own, opens each page of PAGES in Debian's Chromium and writes
`docs/anh/NAME.png`. A new picture is one line: its name, the page's address, the size, and what is done there first.
"""

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "anh"
PHONE, OFFICE = (360, 640), (1366, 768)
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PATIENCE = 60.0  # seconds for the program to start


@dataclass(frozen=True)
class Shot:
    """A picture: `path` after the program's address, the size of the window, `before` it is taken."""

    name: str
    path: str
    size: tuple[int, int]
    before: Callable[[Any], None]


def hello(page: Any) -> None:
    """The chat has greeted."""
    page.locator(".choices button").first.wait_for()


def say(*texts: str) -> Callable[[Any], None]:
    """Type these into the chat, one after another, each answered."""

    def talk(page: Any) -> None:
        hello(page)
        for text in texts:
            before = page.locator(".bot").count()
            page.fill("#say", text)
            page.locator("#composer button").click()
            page.locator(".bot").nth(before).wait_for()
            page.locator("#typing").wait_for(state="hidden")

    return talk


REGISTERED = ("đăng ký", "abc", "may công nghiệp", "nà pàn", "bản Mẫu", "Lò Thị Mẫu", "1981", "0900 000 001", "đúng")
PAGES = (
    Shot("chat-chao", "/", PHONE, hello),
    Shot("chat-hoi", "/", PHONE, say("tiền ăn được hỗ trợ bao nhiêu")),
    Shot("chat-dang-ky", "/", PHONE, say(*REGISTERED)),
    Shot("chat-thong-tin", "/", PHONE, say(*REGISTERED, "xem thông tin của tôi")),
    Shot("chat-may-tinh", "/", OFFICE, hello),
)


@contextmanager
def program() -> Iterator[str]:
    """The demonstration's address while it runs."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="hocnghe-anh-") as folder:
        kept = {k: v for k, v in environ.items() if not k.startswith("HOCNGHE_")}
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(port)]
        known = {**kept, "HOCNGHE_DATA_DIR": folder, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=folder, env=known, stdout=subprocess.DEVNULL) as process:  # noqa: S603
            try:
                url = f"http://127.0.0.1:{port}"
                _wait(url, process)
                yield url
            finally:
                process.terminate()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(int(PATIENCE * 10)):
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit("The program did not start: run `hocnghe serve --demo` to see why.")


def main() -> None:
    """Take the pictures named, or all."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", help=", ".join(shot.name for shot in PAGES))
    names = asked.parse_args().names
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Chromium is missing: sh tests/browser.sh installs Debian's.")
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    with program() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot in PAGES:
            if names and shot.name not in names:
                continue
            width, height = shot.size
            context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
            page = context.new_page()
            page.goto(url + shot.path)
            shot.before(page)
            page.wait_for_timeout(400)  # what slides in has come to rest
            page.screenshot(path=PICTURES / f"{shot.name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
