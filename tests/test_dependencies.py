"""Every dependency was looked at before it was let in, and the bill of materials tells what the program consists of."""

import importlib.util
import json
import re
import tomllib
from datetime import date
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
REVIEW = tomllib.loads((ROOT / "docs" / "dependencies.toml").read_text(encoding="utf-8"))
REVIEWED = {name: told for name, told in REVIEW.items() if isinstance(told, dict)}
# Free to use, to change and to pass on beside MIT; LGPL as a library of its own, unchanged.
FREE = re.compile(r"MIT|BSD|Apache|PSF|Python Software Foundation|ISC|MPL|Mozilla|LGPL|0BSD|Zlib|CC0", re.IGNORECASE)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {normal(line.split("==")[0]): line.split("==")[1] for line in lines if not line.startswith("#")}


@pytest.fixture(scope="module")
def sbom():
    """The script of `make sbom`."""
    spec = importlib.util.spec_from_file_location("sbom", ROOT / "docs" / "sbom.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_pinned_that_was_not_reviewed_and_nothing_reviewed_is_gone():
    """A new version is another program: look at what changed, then change its version and day in dependencies.toml."""
    assert {name: told["version"] for name, told in REVIEWED.items()} == pinned()


def test_each_review_says_why_under_which_licence_and_when():
    for name, told in REVIEWED.items():
        assert set(told) == {"version", "licence", "why", "runs", "reviewed", "known"}, name
        assert len(told["why"]) > 3, name
        assert FREE.search(told["licence"]) or (told["licence"] == "none told" and told["known"]), name
        assert "GPL" not in told["licence"].replace("LGPL", ""), name
        assert isinstance(told["reviewed"], date), name


def test_every_requirement_of_ours_is_pinned_and_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {normal(Requirement(said).name) for said in project["dependencies"]}
    assert asked <= set(pinned())
    paths = [path for folder in ("bot", "intents", "knowledge") for path in (ROOT / folder).rglob("*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    words = set(re.findall(r"\w+", sources))
    provided = {normal(p) for m, packages in metadata.packages_distributions().items() if m in words for p in packages}
    assert asked - provided == set(), "a requirement that nothing imports"


def test_the_bill_names_what_runs_and_no_machine(sbom):
    made = sbom.bill()
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    named = {part["name"]: part["version"] for part in made["components"]}
    assert named == {name: told["version"] for name, told in REVIEWED.items() if told["runs"]}
    refs = {part["bom-ref"] for part in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    assert {d["ref"] for d in made["dependencies"]} == refs
    assert {to for d in made["dependencies"] for to in d["dependsOn"]} <= refs
    text = json.dumps(made)
    assert not re.search(r"https?://|file:|/home|/root|/tmp|\.venv|timestamp", text)
    assert sbom.bill() == made
