"""Everything that a channel needs elsewhere in the house stands there: a new one cannot be forgotten halfway."""

import importlib
import pkgutil
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp import web
from hostile.hostile_stage import settings
from hostile.hostile_walk import TABLE

from bot import channels as room
from bot.announcements import rates
from bot.app import App
from bot.channels.port import Base
from bot.channels.sending import WithOutbox
from bot.connecting import channels
from bot.i18n import LANGUAGES
from bot.i18n import catalogue as texts
from bot.settings import CHANNEL_SECRETS
from bot.store.memory import MemoryStore

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def found():
    """Name -> its class: whatever sends by an outbox, in any module of `bot.channels`."""
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        importlib.import_module(module.name)
    return {c.name: c for c in WithOutbox.__subclasses__() if c.__module__.startswith(f"{room.__name__}.")}


NAMES = sorted(found())


@pytest.fixture
async def connected(understanding, catalogue, tmp_path):
    """All that the settings of tests/hostile connect, by name; none of it is started."""
    now, store = (lambda: datetime.now(UTC)), MemoryStore()
    base = Base(App(store, understanding, catalogue, now), store, None, now)
    return {c.name: c for c in channels(settings(tmp_path, "http://127.0.0.1:1"), base)}


def test_there_are_channels():
    assert {"telegram", "zalo_bot", "zalo_oa"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_name_in_every_language(name):
    missing = [
        f"locales/{code}: {key}"
        for code in LANGUAGES
        for key in (f"desk.channel.{name}", f"health.channel.{name}")
        if key not in texts(code)
    ]
    assert not missing, "pages that name the channel end in a missing text"


@pytest.mark.parametrize("name", NAMES)
async def test_it_is_connected_where_every_route_is_attacked_and_its_routes_stand_in_the_table(name, connected):
    assert name in connected, f"bot/connecting.py, and settings() of tests/hostile/hostile_stage.py: {name}"
    site = web.Application()
    connected[name].setup(site)
    table = [tuple(line.split(" | ")[0].split()) for line in TABLE.read_text(encoding="utf-8").splitlines()]
    routes = [(r.method, r.resource.canonical) for r in site.router.routes() if r.method != "HEAD"]
    assert [r for r in routes if r not in table] == [], f"{TABLE.name} lacks these"


@pytest.mark.parametrize("name", NAMES)
def test_its_account_is_known_to_announcements_and_reminders(name, tmp_path):
    assert name in {channel for channel, _account in settings(tmp_path, "").lines()}, "Settings.lines()"
    known = tomllib.loads((files(rates.__package__) / "channels.toml").read_text(encoding="utf-8"))
    assert name in known, "bot/announcements/channels.toml: its rate, with a source"


@pytest.mark.parametrize("name", NAMES)
def test_the_demonstration_refuses_to_start_beside_it(name):
    assert any(secret.startswith(name) for secret in CHANNEL_SECRETS), "bot/settings.py: CHANNEL_SECRETS"


@pytest.mark.parametrize("name", NAMES)
def test_it_knows_nothing_of_the_others(name):
    contracts = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    apart = next(c["modules"] for c in contracts if c["name"] == "Channels know nothing of one another")
    module = found()[name].__module__
    assert any(f"{module}.".startswith(f"{one}.") for one in apart), f"pyproject.toml: {module}"
