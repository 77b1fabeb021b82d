"""`hocnghe zalo login` as an operator types it: the first grant, and which secret was mixed up."""

import asyncio
import re

import pytest
import pytest_asyncio
from peers.zalo import ZaloPeer
from store.factories import sqlite_store
from test_cli import run

from bot.channels.zalo_oa.tokens import token_name

pytestmark = pytest.mark.process
KEY = "a key of the tests, long enough"


@pytest_asyncio.fixture
async def peer():
    async with ZaloPeer() as peer:
        yield peer


async def login(peer, folder, typed, *words, **changes):
    told = {**peer.environment(), "HOCNGHE_SECRET_KEY": KEY, "HOCNGHE_PUBLIC_URL": "https://a.vn", **changes}
    return await asyncio.to_thread(run, folder, "zalo", "login", *words, stdin=f"{typed}\n", **told)


async def test_a_login_keeps_the_pair_and_says_whose_account_it_is(peer, tmp_path):
    done = await login(peer, tmp_path, f"https://a.vn/?code={peer.tokens.code()}&oa_id=1")
    assert done.returncode == 0, done.stderr
    assert re.search(r"/v4/oa/permission\?app_id=\d+&redirect_uri=https%3A%2F%2Fa.vn&state=", done.stdout)
    assert "Trung tâm Ví Dụ" in done.stdout
    store = sqlite_store(tmp_path / "hocnghe.sqlite3")
    with store.channels() as unit:
        assert unit.token(token_name(peer.credentials.app_id)).access == peer.tokens.newest
    store.close()
    assert peer.tokens.newest not in done.stdout + done.stderr


async def test_a_spent_code_another_state_and_no_code_are_named(peer, tmp_path):
    for typed, told in (
        ("https://a.vn/?code=old", "ten minutes"),
        ("https://a.vn/?code=x&state=other", "another login"),
        ("https://a.vn/", "no code"),
    ):
        done = await login(peer, tmp_path, typed)
        assert done.returncode == 2
        assert told in done.stderr
        assert "Traceback" not in done.stderr


async def test_swapped_secrets_are_named(peer, tmp_path):
    mine = peer.credentials
    swapped = {"HOCNGHE_ZALO_OA_APP_SECRET": mine.webhook_key, "HOCNGHE_ZALO_OA_WEBHOOK_KEY": mine.app_secret}
    done = await login(peer, tmp_path, peer.tokens.code(), **swapped)
    assert "are swapped" in done.stderr
    same = await login(peer, tmp_path, peer.tokens.code(), HOCNGHE_ZALO_OA_WEBHOOK_KEY=mine.app_secret)
    assert "are the same" in same.stderr
    bot = await login(peer, tmp_path, peer.tokens.code(), HOCNGHE_ZALO_OA_APP_SECRET=mine.bot_token)
    assert "HOCNGHE_ZALO_BOT_TOKEN" in bot.stderr
    junk = await login(peer, tmp_path, peer.tokens.code(), HOCNGHE_ZALO_OA_APP_SECRET="junk")
    assert "HOCNGHE_ZALO_OA_APP_SECRET is not this app's secret key" in junk.stderr


async def test_what_is_missing_is_named_with_where_to_get_it(peer, tmp_path):
    done = await login(peer, tmp_path, "x", HOCNGHE_ZALO_OA_APP_SECRET="")
    assert "HOCNGHE_ZALO_OA_APP_SECRET: missing" in done.stderr
