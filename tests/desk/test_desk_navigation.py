"""The head offers what one may open, says where one is, and the audit speaks in words."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.desk.navigation import DAILY, MORE, navigation
from bot.desk.routes import ROUTES

ROOT = Path(__file__).parent.parent.parent
CALL = re.compile(r"audit\(([^()]*(?:\([^()]*\)[^()]*)*)\)")


@pytest.mark.parametrize("role", ["officer", "coordinator", "admin"])
def test_the_head_offers_what_this_role_may_open_and_nothing_else(role):
    open_to = {r.path for r in ROUTES if r.method == "GET" and role in r.roles}
    shown = navigation("/desk", role)
    offered = {link.href for link in (*shown.daily, *shown.more)}
    assert offered == {page.href for page in (*DAILY, *MORE)} & open_to


@pytest.mark.parametrize(
    ("path", "key", "here"),
    [
        ("/desk", "today", "page"),
        ("/desk/", "today", "page"),
        ("/desk/people/12", "people", "true"),
        ("/desk/import/abc", "people", "true"),
        ("/desk/replies", "waiting", "true"),
        ("/desk/answers/1", "questions", "true"),
        ("/desk/report", "report", "page"),
        ("/desk/identity", "officers", "true"),
    ],
)
def test_one_page_of_the_head_is_the_open_one(path, key, here):
    shown = navigation(path, "admin")
    assert [(link.key, link.here) for link in (*shown.daily, *shown.more) if link.here] == [(key, here)]
    assert shown.within == any(page.key == key for page in MORE)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_act_and_subject_of_the_audit_has_words(language):
    known = {"act": set(), "subject": set()}
    for path in (ROOT / "locales" / language).glob("*.toml"):
        desk = tomllib.loads(path.read_text(encoding="utf-8")).get("desk", {})
        for kind, names in known.items():
            names.update(desk.get(kind, {}))
    calls = [m[1] for p in (ROOT / "bot").rglob("*.py") for m in CALL.finditer(p.read_text(encoding="utf-8"))]
    acts = {act for call in calls for act in re.findall(r'(?<!f)"([a-z_]+[a-z])"', call)}
    subjects = {subject for call in calls for subject in re.findall(r'f"([a-z_]+):', call)}
    assert len(acts) > 30, "the calls are found"
    assert acts - known["act"] == set()
    assert subjects - known["subject"] == set()
