"""The wheel holds every file of data, and runs from an empty folder in an environment that has nothing else."""

import contextlib
import http.cookiejar
import os
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bot import __version__

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKED = PROJECT["tool"]["setuptools"]["package-data"]
BESIDE = PROJECT["tool"]["setuptools"]["data-files"]
PORT = 18_431
LEFT_OUT = {"Dockerfile", ".env"}  # an image is built from the source


def _files(folder: str) -> list[Path]:
    return [p for p in sorted((ROOT / folder).rglob("*")) if p.is_file() and "__pycache__" not in p.parts]


@pytest.mark.parametrize("package", sorted(PACKED))
def test_every_file_of_data_goes_into_the_wheel(package):
    room = ROOT / package
    packed = {path for pattern in PACKED[package] for path in room.glob(pattern)}
    assert [str(p) for p in _files(package) if p.suffix != ".py" and p not in packed] == []


def test_every_file_for_operators_goes_into_the_wheel():
    packed = {path for patterns in BESIDE.values() for pattern in patterns for path in ROOT.glob(pattern)}
    wanted = {p for p in _files("deploy") if p.name not in LEFT_OUT} | set((ROOT / "docs").glob("*.md"))
    assert wanted <= packed


def test_the_changelog_knows_this_version():
    assert f"\n## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.soak
def test_the_wheel_runs_from_an_empty_folder(tmp_path):
    subprocess.run(["make", "dist"], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (ROOT / "dist").glob("*.whl")
    there, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(["python3", "-m", "venv", there], check=True)
    pip = [
        there / "bin" / "pip",
        "install",
        "--quiet",
        "--only-binary",
        ":all:",
        "-c",
        ROOT / "dist" / "constraints.txt",
    ]
    subprocess.run([*pip, f"{wheel}[bench]"], check=True)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HOCNGHE_", "PYTHON"))}

    def runs(*words: str) -> str:
        command = [there / "bin" / "hocnghe", *words]
        done = subprocess.run(command, cwd=empty, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert __version__ in runs("--version")
    assert "0 faults" in runs("check")
    assert "schema" in runs("db", "upgrade")
    assert "Nhà nước hỗ trợ" in runs("ask", "chi muon hoc may co duoc ho tro k")
    assert "p50_ms" in runs("bench", "understand", "--json")
    assert (there / "share" / "hocnghe" / "deploy" / "one" / "hocnghe.service").is_file()
    serve = subprocess.Popen(
        [there / "bin" / "hocnghe", "serve", "--demo", "--port", str(PORT)],
        cwd=empty, env={**clean, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        link = next(word for line in serve.stdout for word in line.split() if "/desk/sign-in/" in word)
        _look_around(link)
        runs("leads", "export", "--demo", "--commune", "99001", "--out", "list.xlsx")
        assert (empty / "list.xlsx").read_bytes()[:2] == b"PK"
    finally:
        serve.terminate()
        serve.wait(30)
        serve.stdout.close()


def _look_around(link: str) -> None:
    """The chat, its style and script, the desk behind its link, the request form as PDF."""
    base = link.partition("/desk")[0]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def opened(address: str, data: bytes | None = None) -> tuple[int, bytes]:
        asked = urllib.request.Request(address, data, {"Origin": base})
        with browser.open(asked, timeout=20) as answer:
            return answer.status, answer.read()

    for _ in range(50):  # the link is printed just before the door opens
        with contextlib.suppress(urllib.error.URLError):
            opened(base + "/")
            break
        time.sleep(0.1)
    assert b"Xin ch" in opened(base + "/")[1] or b"<title>" in opened(base + "/")[1]
    assert opened(link, b"own=1")[0] == 200
    for page in ("/desk", "/desk/classes", "/desk/figures"):
        assert b"</html>" in opened(base + page)[1], page
    assert opened(base + "/papers/mau-01.pdf")[1][:4] == b"%PDF"
