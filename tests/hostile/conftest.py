"""The application of the hostile tests; one for each file, for to build it takes longer than to attack it."""

import io
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from hostile.hostile_stage import Stage, copied, served
from store.factories import database

from bot import logs, posting, serving
from bot.channels.web import papers
from bot.channels.web.limits import Gate
from bot.desk import errands, guard, signing_in
from bot.leads.paper import content, docx, making, pdf

MAIL = "smtp://user:made-up@127.0.0.1:1?from=a@b.vn"


@pytest.fixture(scope="session")
def empty_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("hostile") / "empty.sqlite3"
    database(path).dispose()
    return path


async def paper(kind: str, known: Mapping[str, str], title: str) -> bytes:
    """As its own process makes it (`bot.leads.paper`), which takes a second to load; tests/leads looks at that."""
    pieces = content.lines(making.printable(known))
    return pdf.render(pieces, title) if kind == "pdf" else docx.render(pieces, title)


@contextmanager
def without_limits() -> Iterator[None]:
    """One address asks for everything, and nothing but what is asked changes a row."""
    most = 10**6
    signing_in._letters._left.clear()
    wide = partial(Gate, most, most, most, most, most, (), most, most, most, most, most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "PAGES_A_MINUTE", most)
        patch.setattr(guard, "SIGN_INS_AN_HOUR", most)
        patch.setattr(papers, "A_MINUTE", most)
        patch.setattr(making, "make", paper)
        patch.setattr(errands, "PATIENCE", 30.0)
        patch.setattr(posting, "EVERY", 3600.0)
        patch.setattr(serving, "Gate", lambda trusted_proxies=(): replace(wide(), trusted_proxies=trusted_proxies))
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(understanding, catalogue, empty_house, tmp_path_factory) -> AsyncIterator[Stage]:
    """The application without limits, for all tests of a file."""
    folder = tmp_path_factory.mktemp("house")
    with without_limits():
        async with served(understanding, catalogue, copied(empty_house, folder), folder, smtp_url=MAIL) as stage:
            yield stage


@pytest.fixture
def told():
    """The log as the program writes it."""
    lines, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure("plain", stream=lines)
    yield lines
    root.handlers[:], root.level = before
    logs.unhook()
    structlog.reset_defaults()
