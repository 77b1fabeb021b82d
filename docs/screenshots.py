"""Takes the pictures of the guides from the real program: `python docs/screenshots.py [NAME …]`.

Starts `hocnghe serve --demo` on a data folder of its own, opens each page of PAGES in Debian's Chromium and writes
`docs/anh/NAME.png`. A new picture is one line: its name, the page's address, the size, and what is done there first.
"""

import argparse
import io
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


def judged(page: Any) -> None:
    """An answer, and the buttons that judge it."""
    say("tiền ăn được hỗ trợ bao nhiêu")(page)
    page.locator(".choices").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.choices button:last-child').scrollIntoView(false)")


REGISTERED = ("đăng ký", "abc", "may công nghiệp", "nà pàn", "bản Mẫu", "Lò Thị Mẫu", "1981", "0900 000 001", "đúng")
TICKET = "Nhà tôi mới thoát nghèo, có được học lớp nấu ăn không?"
OLD_LIST = (
    ("Họ và tên", "Năm sinh", "Nghề đăng ký", "SĐT"),
    ("Lò Thị Làm Thử", 1981, "May công nghiệp", "0900000061"),
    ("Vàng Thị Ví Dụ", 1800, "Nấu ăn", "0900000063"),
    ("Hoàng Văn Thử", 1990, "Nấu ăn", "12345"),
)


def nothing(_page: Any) -> None:
    """The page as it comes."""


def open_first(page: Any) -> None:
    """A registration, opened."""
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name="Xem đủ").click()
    page.locator("a[href^=tel]").wait_for()


def looked_at(page: Any) -> None:
    """An old list, read and not yet taken in."""
    from openpyxl import Workbook

    book, packed = Workbook(), io.BytesIO()
    for row in OLD_LIST:
        book.active.append(row)
    book.save(packed)
    file = {"name": "cu.xlsx", "mimeType": "application/octet-stream", "buffer": packed.getvalue()}
    page.locator("#file").set_input_files([file])
    page.get_by_role("button", name="Xem trước").click()
    page.locator(".numbers").wait_for()


def asked(page: Any) -> None:
    """Somebody's request about their data."""
    page.locator("#kind").select_option("erase")
    page.locator("#who").fill("Bà Lò Thị Mẫu")
    page.get_by_role("button", name="Ghi yêu cầu").click()
    page.locator("article").first.wait_for()


def entered(page: Any) -> None:
    """A recipient, and a list asked for."""
    page.locator("#address").fill("nhan@truong-nghe.example")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("button", name="Gửi ngay").first.click()
    page.locator(".told").wait_for()


def in_talk(page: Any) -> None:
    """Somebody in the chat who asks for an officer; taken at the desk, and answered."""
    chat = page.context.browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="vi-VN").new_page()
    chat.goto(page.url.split("/desk")[0])
    say("nhà tôi mới thoát nghèo có được học không", "gặp cán bộ", "1", TICKET, "0900 000 009")(chat)
    page.reload()
    page.get_by_role("link", name="Xem và trả lời").first.click()
    page.get_by_role("button", name="Nhận trả lời").click()
    page.fill("#text", "Chị được học. Lớp nấu ăn mở ở nhà văn hóa xã.")
    page.get_by_role("button", name="Gửi", exact=True).click()
    page.locator(".said.officer", has_text="đã gửi").wait_for()
    chat.context.close()
    page.evaluate("document.getElementById('thread-title').scrollIntoView()")


def looked_over(page: Any) -> None:
    """An announcement, looked over and not yet sent."""
    page.locator("#interest").select_option("all")
    page.get_by_role("button", name="Xem trước").click()
    page.locator("#who-title").wait_for()


def called_instead(page: Any) -> None:
    """Those whom no message reaches, by hamlet."""
    looked_over(page)
    page.get_by_role("button", name="Lập danh sách gọi điện").click()
    page.get_by_role("link", name="Danh sách gọi điện").click()
    page.get_by_role("heading", level=1, name="Danh sách gọi điện").wait_for()


def more(page: Any) -> None:
    """The pages under "Thêm"."""
    page.locator("header summary").click()


def to_answer(page: Any) -> None:
    """A question that is answered for the first time."""
    page.locator("article", has_text="wifi").get_by_role("link").click()
    page.get_by_label("Câu trả lời", exact=True).wait_for()
    page.get_by_label("Câu trả lời", exact=True).fill("Có rồi, bà con vào bắt wifi ở nhà văn hóa, không mất tiền.")


DESK = (
    Shot("ban-hom-nay", "/desk", OFFICE, nothing),
    Shot("ban-hom-nay-dien-thoai", "/desk", PHONE, nothing),
    Shot("ban-them-dien-thoai", "/desk", PHONE, more),
    Shot("ban-danh-sach", "/desk/people", OFFICE, nothing),
    Shot("ban-mot-nguoi", "/desk/people", OFFICE, open_first),
    Shot("ban-excel", "/desk/workbook", OFFICE, nothing),
    Shot("ban-nhap", "/desk/import", OFFICE, looked_at),
    Shot("ban-lop", "/desk/classes/vi-du-1", OFFICE, nothing),
    Shot("ban-to-in", "/desk/classes/vi-du-1/sheet", OFFICE, nothing),
    Shot("ban-gui-di", "/desk/forwarding/new?offer=0", OFFICE, entered),
    Shot("ban-yeu-cau", "/desk/requests", OFFICE, asked),
    Shot("ban-tra-loi", "/desk/waiting", OFFICE, in_talk),
    Shot("ban-thong-bao", "/desk/announcements/new?course=vi-du-2", OFFICE, looked_over),
    Shot("ban-goi-dien", "/desk/announcements/new?course=vi-du-4", OFFICE, called_instead),
    Shot("ban-cau-chua-dap", "/desk/questions", OFFICE, nothing),
    Shot("ban-day-cau", "/desk/questions", OFFICE, to_answer),
    Shot("ban-so-lieu", "/desk/figures", OFFICE, nothing),
    Shot("ban-bao-cao", "/desk/report", OFFICE, nothing),
)
CHAT = (
    Shot("chat-chao", "/", PHONE, hello),
    Shot("chat-hoi", "/", PHONE, say("tiền ăn được hỗ trợ bao nhiêu")),
    Shot("chat-khong-dau", "/", PHONE, say("chi muon hoc may co duoc ho tro k")),
    Shot("chat-co-ich", "/", PHONE, judged),
    Shot("chat-dang-ky", "/", PHONE, say(*REGISTERED)),
    Shot("chat-thong-tin", "/", PHONE, say(*REGISTERED, "xem thông tin của tôi")),
    Shot("chat-may-tinh", "/", OFFICE, hello),
)
PAGES = (*CHAT, *DESK)


@contextmanager
def program() -> Iterator[tuple[str, Callable[[], str]]]:
    """The demonstration's address while it runs, and what gives a link to its desk."""
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
                add = [sys.executable, "-m", "bot", "officer", "add", "Cán bộ ví dụ", "--demo", "--url", url]

                def link() -> str:
                    said = [*add, "--commune", "99001"]
                    done = subprocess.run(said, cwd=folder, env=known, capture_output=True, text=True, check=True)  # noqa: S603
                    return done.stdout.strip().splitlines()[-1]

                yield url, link
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


def sign_in(browser: Any, link: str) -> Any:
    """The desk's cookie."""
    context = browser.new_context(locale="vi-VN")
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Vào bàn làm việc").click()
    page.locator("#today").wait_for()
    state = context.storage_state()
    context.close()
    return state


def keep(picture: bytes, path: Path) -> None:
    """In 64 colours: a third of the size, and the pages have few."""
    from PIL import Image

    Image.open(io.BytesIO(picture)).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


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
    with program() as (url, link), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        signed_in: Any = None
        for shot in (s for s in PAGES if not names or s.name in names):
            width, height = shot.size
            if shot in DESK:
                signed_in = signed_in or sign_in(browser, link())
            known = {"storage_state": signed_in} if shot in DESK else {}
            context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN", **known)
            page = context.new_page()
            page.goto(url + shot.path)
            shot.before(page)
            page.wait_for_timeout(400)  # what slides in has come to rest
            keep(page.screenshot(), PICTURES / f"{shot.name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
