"""What the guides name exists: commands, options, targets, files, settings; each block says who tries it."""

import re
from pathlib import Path

import pytest
import typer
from ops.blocks import blocks

from bot.cli import app
from bot.settings import ENV_FILE, PREFIX, Settings

ROOT = Path(__file__).parents[2]
GUIDES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").glob("*.md")])
GUIDES = [page for page in GUIDES if page.name != "CHANGELOG.md"]
DEPLOY = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file() and path.suffix != ".md")
COMMANDS = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
OURS = {f"{PREFIX}{name}" for name in ("TEST_DATABASE", "TEST_ON", "TEST_MACHINE")}  # of the tests
SETTINGS = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {ENV_FILE} | OURS
CALLED = r"(?:^\s*|/bin/|&& |\| |sudo |exec \w+ )"  # hocnghe is also an account, a folder, a service
ROOMS = "bot|intents|knowledge|locales|tests|docs|deploy"


def _code(page: Path) -> list[str]:
    """Every line of a fenced block, and every `span` outside of them."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".md":
        return [line.partition(" #")[0] for line in text.splitlines()]
    fenced = re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    return [line.partition(" #")[0] for block in fenced for line in block.splitlines()] + spans


def _misnamed(line: str) -> list[str]:
    """The commands and options behind each `hocnghe` of a line that do not exist."""
    faults = []
    for said in re.findall(rf"{CALLED}hocnghe((?: +[^\s|;&>)]+)+)", line.replace("\\|", "/")):
        command, words = COMMANDS, said.split()
        while words and (children := getattr(command, "commands", None)):
            named = [name for name in words[0].split("/") if re.fullmatch(r"[a-z][a-z-]*", name)]
            if not named:
                break
            faults += [f"hocnghe {name}" for name in named if name not in children]
            command, words = children.get(named[0], command), words[1:]
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        faults += [o for word in words for o in re.findall(r"--[a-z][a-z-]*", word) if o not in known]
    return faults


@pytest.mark.parametrize("page", [*GUIDES, *DEPLOY], ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_guide_names_exists(page):
    text = page.read_text(encoding="utf-8")
    faults = [fault for line in _code(page) for fault in _misnamed(line)]
    targets = [name for line in _code(page) for name in re.findall(r"(?:^\s*|&& )make ([a-z-]+)", line)]
    faults += [f"make {name}" for name in targets if name not in TARGETS]
    faults += [name for name in re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", text) if name not in SETTINGS]
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not link.startswith("http") and not (page.parent / link).exists():
            faults.append(link)
    if page.suffix == ".md":
        for path in re.findall(rf"`((?:{ROOMS})/[\w./-]+)`", text):
            if not path.endswith(".env") and not (ROOT / path).exists():
                faults.append(path)
    assert not faults


@pytest.mark.parametrize("wrong", ["hocnghe servo", "hocnghe serve --prot 1", "hocnghe officer remove 3"])
def test_what_does_not_exist_is_found(wrong):
    assert _misnamed(wrong)


def test_every_block_of_the_guide_says_who_tries_it():
    found = blocks(ROOT / "docs" / "van-hanh.md")
    assert [f"line {b.line}" for b in found if not b.marked] == []
    assert {b.machine for b in found} == {"vm", "pc", ""}
    assert all(b.seen for b in found if "gõ vào cửa sổ 2" in b.how)
