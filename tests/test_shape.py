"""The house keeps its shape: short files, short functions, no paths or hosts of one machine, settings documented."""

import ast
import importlib
import re
import subprocess
from pathlib import Path
from typing import get_args

import pytest

from bot.effects import Effect
from bot.model import Decision
from bot.settings import PREFIX, Settings
from bot.store.tables import metadata
from intents import recogniser
from knowledge import eligibility

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


def test_every_noun_of_the_house_is_in_the_glossary():
    """Tables, effects, decisions, packages: what a newcomer meets first."""
    for path in (ROOT / "bot" / "store").glob("*_tables.py"):
        importlib.import_module(f"bot.store.{path.stem}")
    told = set(re.findall(r"`([^`]+)`", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))
    nouns = {*metadata.tables, *(effect.__name__ for effect in get_args(Effect))}
    nouns |= {word for kind in (Decision, recogniser.Decision, eligibility.Result) for word in get_args(kind) if word}
    nouns |= {f"bot/{path.parent.name}" for path in (ROOT / "bot").glob("*/__init__.py")} | {"intents", "knowledge"}
    assert sorted(nouns - told) == []
    gone = [path for path in told if path.endswith((".py", ".toml")) and "*" not in path and not found(path)]
    assert gone == [], "named, and not there"


def test_every_module_has_its_room_in_the_glossary():
    """Once in the table "Rooms", so that it stays the complete one."""
    rooms = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition("\n## Rooms\n")[2]
    names = [f"`bot/{path.name}`" for path in sorted((ROOT / "bot").glob("*.py")) if not path.name.startswith("__")]
    assert [name for name in names if rooms.count(name) != 1] == []


def found(path):
    return (ROOT / path).is_file() or any(ROOT.glob(f"knowledge/data/**/{path}"))


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
