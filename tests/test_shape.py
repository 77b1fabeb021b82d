"""The house keeps its shape: short files, short functions, no paths or hosts of one machine, settings documented."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
SOURCES = [p for folder in ("bot", "intents", "knowledge", "tests") for p in sorted((ROOT / folder).rglob("*.py"))]
MOST_LINES, MOST_IN_A_FUNCTION = 300, 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES, "is there more than one noun inside?"
    if "migrations" in path.parts:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_IN_A_FUNCTION, f"{node.name} has {length} lines"


def test_every_setting_is_documented():
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [n for n in Settings.model_fields if f"`{PREFIX}{n.upper()}`" not in told]
    assert not missing


def test_constraints_name_no_index():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and not re.fullmatch(r"[\w.\-]+==[\w.+]+", line)] == []


def test_nothing_committed_names_a_place_on_one_machine():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    own = Path(__file__).name
    folders = "|".join(("work", "root", "home"))
    pattern = re.compile(rf"(^|[\s\"'=(])/({folders})/|{'index' + '-url'}|{'extra' + '-index'}")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.name != own and path.suffix in {".py", ".toml", ".md", ".txt", ".sh", ".js", ".css", ".html", ""}:
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            assert not pattern.search(text), name
