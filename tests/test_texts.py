"""Every text that the program says exists, every text that exists is said, and both languages fill the same gaps."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.i18n import LANGUAGES, SOURCE, catalogue, placeholders

SAYING = {"say": 0, "reply": 0, "choice": 1}  # methods, and which argument is the key
# Tables read whole, not key by key: the web page's texts, and the word for what a name may be counted in.
WHOLE_TABLES = ("web.",)
NUMBERS = ("_one",)  # unit.month_one beside unit.month
FOR_HELPERS = "_helper"  # registration.ask_name_helper beside registration.ask_name


@cache
def trees():
    root = Path(bot.__file__).parent
    return {path.relative_to(root): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))}


def said_literally():
    """(file, line, key) of every call that names its text outright."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SAYING):
                continue
            at = SAYING[node.func.attr]
            if len(node.args) > at and isinstance(node.args[at], ast.Constant) and "." in str(node.args[at].value):
                yield path, node.lineno, node.args[at].value


@cache
def templates():
    """(file, string) of every string in the desk's templates that looks like a key: "desk.x", or "desk.x." ~ more."""
    pages = sorted(Path(bot.__file__).parent.rglob("templates/*.html"))
    found = re.compile(r"""["']((?:desk|group|verification|paper|announce|health)\.[\w.]+)["']""")
    return [(p.name, key) for p in pages for key in found.findall(p.read_text(encoding="utf-8"))]


def constants():
    """Every string in the program: keys are also handed on in tables and conditional expressions."""
    in_code = {
        n.value for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.Constant) and str(n.value)
    }
    return in_code | {key for _name, key in templates()}


def beginnings():
    """What stands before the first gap of every f-string: "state." of f"state.{lead.state}"."""
    firsts = (
        n.values[0] for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) and n.values
    )
    in_code = tuple(f.value for f in firsts if isinstance(f, ast.Constant) and "." in f.value)
    return in_code + tuple(key for _name, key in templates() if key.endswith("."))


def test_every_text_that_is_named_exists():
    known = catalogue(SOURCE)
    missing = [f"bot/{path}:{line}: {key}" for path, line, key in said_literally() if key not in known]
    missing += [f"{name}: {key}" for name, key in templates() if not any(k.startswith(key) for k in known)]
    missing += [f"{name}: {key}" for name, key in templates() if not key.endswith(".") and key not in known]
    assert not missing, "\n".join(missing)


def test_every_text_is_said_somewhere():
    named, begun = constants(), (*beginnings(), *WHOLE_TABLES)
    unused = [
        key
        for key in catalogue(SOURCE)
        if key.removesuffix(FOR_HELPERS) not in named and key not in named and not key.startswith(begun)
    ]
    assert not unused, f"said nowhere in bot/: {unused}: delete them"


@pytest.mark.parametrize("code", LANGUAGES)
def test_other_languages_have_the_same_texts_with_the_same_gaps(code):
    source, texts = catalogue(SOURCE), catalogue(code)
    assert {k for k in source if k not in texts} == set(), f"locales/{code} lacks texts"
    assert {k for k in texts if k not in source and not k.endswith(NUMBERS)} == set(), f"only in locales/{code}"
    differing = [k for k in source if placeholders(source[k]) != placeholders(texts[k])]
    assert not differing, f"locales/{code}: other gaps than in Vietnamese: {differing}"


def test_no_text_is_longer_than_a_phone_shows_at_once():
    assert [k for k, text in catalogue(SOURCE).items() if len(text) > 500] == []
