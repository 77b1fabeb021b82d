"""The Zalo peer's tokens are as touchy as the papers say, and what a test orders goes wrong, no more and no less."""

import asyncio

import pytest
import pytest_asyncio
from aiohttp import ClientError

from peers.zalo_oauth import challenge_of
from peers.zalo_stage import staged


@pytest_asyncio.fixture
async def zalo():
    async with staged() as stage:
        yield stage


# --- OAuth ------------------------------------------------------------------------------------------------------


async def test_refresh_tokens_work_once(zalo):
    first = zalo.peer.credentials.refresh_token
    assert (await zalo.refresh(first, secret="junk"))["error"] == -14004
    assert (await zalo.refresh(first, app_id="1"))["error"] == -14002
    assert (await zalo.oauth(grant_type="password"))["error"] == -118
    pair = await zalo.refresh(first)
    assert pair["expires_in"] == "90000"
    used = await zalo.refresh(first)
    assert (used["error"], used["error_name"], "access_token" in used) == (-14014, "Invalid refresh token", False)
    zalo.later(days=91)
    assert (await zalo.refresh(pair["refresh_token"]))["error"] == -14014


async def test_codes_work_once_and_pkce_is_optional(zalo):
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    plain, proven = zalo.peer.tokens.code(), zalo.peer.tokens.code(challenge_of(verifier))
    ask = {"grant_type": "authorization_code"}
    assert "access_token" in await zalo.oauth(**ask, code=plain)
    assert (await zalo.oauth(**ask, code=plain))["error"] == -118
    assert (await zalo.oauth(**ask, code=proven))["error"] == -14003
    assert "access_token" in await zalo.oauth(**ask, code=proven, code_verifier=verifier)
    late = zalo.peer.tokens.code()
    zalo.later(minutes=11)
    assert (await zalo.oauth(**ask, code=late))["error"] == -118


# --- Faults -----------------------------------------------------------------------------------------------------


async def test_faults_by_method_person_and_count(zalo):
    for name in ("An", "Bình"):
        await zalo.peer.says(name, "alo")
    zalo.peer.faults.code(-32, "cs", zalo.peer.person("An").user_id, times=2)
    assert [(await zalo.cs(name))["error"] for name in ("An", "Bình", "An", "An")] == [-32, 0, -32, 0]
    with pytest.raises(ValueError, match="no method 'sc'"):
        zalo.peer.faults.cut_after("sc")


async def test_cut_connections_deliver_or_do_not(zalo):
    await zalo.peer.says("An", "alo")
    zalo.peer.faults.cut_after("cs")
    with pytest.raises(ClientError):
        await zalo.cs("An", "đã đi")
    zalo.peer.faults.cut_before("cs")
    with pytest.raises(ClientError):
        await zalo.cs("An", "chưa đi")
    assert [s.text for s in zalo.peer.sent_to("An")] == ["đã đi"]
    zalo.peer.faults.cut_after("token")
    first = zalo.peer.credentials.refresh_token
    with pytest.raises(ClientError):
        await zalo.refresh(first)
    assert (await zalo.refresh(first))["error"] == -14014


async def test_slow_broken_and_failing_answers(zalo):
    await zalo.peer.says("An", "alo")
    zalo.peer.faults.slow(5, "cs")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(zalo.cs("An", "chậm"), 0.1)
    zalo.peer.faults.garbage("cs")
    with pytest.raises(ValueError, match="Unterminated"):
        await zalo.cs("An", "hỏng")
    zalo.peer.faults.status(500, "cs")
    with pytest.raises(AssertionError):
        await zalo.cs("An", "lỗi")
    assert [s.text for s in await zalo.peer.wait_for(2, "An")] == ["chậm", "hỏng"]
    assert [c.code for c in zalo.peer.calls] == [0, 0, 500]
    with pytest.raises(AssertionError, match="2 of 3 messages"):
        await zalo.peer.wait_for(3, "An", seconds=0.01)
