"""Renewing the access token: ahead of time, once after a refusal, by one process at a time, kept before it is used."""

import asyncio

import pytest
import pytest_asyncio
from channels.zalo_house import housed
from channels.zalo_token_stage import staged

from bot.channels.zalo_oa import oauth, sending, tokens
from bot.channels.zalo_oa.tokens import NoToken


@pytest_asyncio.fixture
async def stage(tmp_path, monkeypatch):
    async with staged(tmp_path, monkeypatch) as made:
        yield made


async def test_the_first_token_comes_from_the_settings_and_is_kept_before_it_is_used(stage):
    access = await stage.process().access(stage.client)
    assert stage.kept().access == access == stage.peer.tokens.newest
    assert await stage.process(first="").access(stage.client) == access
    assert stage.renewals == 1


async def test_it_is_renewed_after_twenty_hours_and_not_before(stage):
    process = stage.process()
    first = await process.access(stage.client)
    stage.clock[0] += tokens.timedelta(hours=19, minutes=59)
    assert await process.access(stage.client) == first
    stage.clock[0] += tokens.timedelta(minutes=2)
    assert await process.access(stage.client) == first, "nobody waits for a renewal while the old token works"
    await process.idle()
    assert await process.access(stage.client) == stage.peer.tokens.newest != first
    assert stage.renewals == 2


async def test_an_answer_does_not_wait_for_a_renewal_or_for_a_lease_that_a_killed_process_left(stage):
    process = stage.process()
    old = await process.access(stage.client)
    with stage.store.channels() as unit:
        assert unit.lease(process.name, "killed", stage.clock[0], stage.clock[0] + tokens.timedelta(hours=30))
    stage.clock[0] += tokens.timedelta(hours=21)
    async with asyncio.timeout(0.1):
        assert await process.access(stage.client) == old
    with stage.store.channels() as unit:
        unit.give_up(process.name, "killed")
    await process.idle()
    assert await process.access(stage.client) == stage.peer.tokens.newest != old


async def test_one_process_renews_for_all(stage):
    processes = [stage.process() for _ in range(6)]
    got = await asyncio.gather(*(p.access(stage.client) for p in processes for _ in range(3)))
    assert len(set(got)) == 1
    for hours in (21, 26):  # ahead of time, and when nothing can be sent before
        stage.clock[0] += tokens.timedelta(hours=hours)
        stage.peer.faults.slow(0.3, "token")
        await asyncio.gather(*(p.access(stage.client) for p in processes for _ in range(3)))
        await asyncio.gather(*(p.idle() for p in processes))
        got = await asyncio.gather(*(p.access(stage.client) for p in processes for _ in range(3)))
        assert set(got) == {stage.peer.tokens.newest}
    assert stage.renewals == 3


async def test_the_lease_outlasts_all_requests_under_it():
    assert tokens.LEASE.total_seconds() > 4 * oauth.TIMEOUT


async def test_a_refused_token_is_renewed_once_and_another_process_takes_what_there_is(stage):
    one, other = stage.process(), stage.process()
    stale = await one.access(stage.client)
    assert await other.access(stage.client) == stale
    fresh = await one.access(stage.client, stale=stale)
    assert await other.access(stage.client, stale=stale) == fresh
    assert stage.renewals == 2


async def test_a_lost_answer_is_asked_for_once_more(stage):
    stage.peer.faults.cut_before("token")
    assert await stage.process().access(stage.client) == stage.peer.tokens.newest


async def test_when_the_answer_was_lost_after_the_token_was_spent_a_human_is_told(stage):
    process = stage.process()
    await process.access(stage.client)
    stage.clock[0] += tokens.timedelta(hours=26)
    stage.peer.faults.cut_after("token")
    with pytest.raises(NoToken, match="hocnghe zalo login") as told:
        await process.access(stage.client)
    assert told.value.broken
    assert stage.kept().broken == "-14014"
    asked = stage.renewals
    with pytest.raises(NoToken):
        await process.access(stage.client)
    assert stage.renewals == asked, "a broken chain is not asked again"


async def test_a_renewal_that_fails_ahead_of_time_does_not_stop_the_old_token(stage):
    process = stage.process()
    old = await process.access(stage.client)
    stage.clock[0] += tokens.timedelta(hours=21)
    stage.peer.faults.status(503, "token", times=None)
    assert await process.access(stage.client) == old
    await process.idle()
    assert process.trouble
    asked = stage.renewals
    assert await process.access(stage.client) == old
    await process.idle()
    assert stage.renewals == asked, "not at every message"
    stage.peer.faults.clear()
    stage.clock[0] += tokens.timedelta(minutes=6)
    await process.access(stage.client)
    await process.idle()
    assert await process.access(stage.client) != old
    assert process.trouble == ""


async def test_after_a_login_by_hand_the_running_process_goes_on(stage):
    process = stage.process()
    await process.access(stage.client)
    stage.peer.tokens.revoke()
    refused = stage.peer.tokens.newest
    with pytest.raises(NoToken):
        await process.access(stage.client, stale=refused)
    made = stage.peer.tokens.issue()
    stage.logged_in(process, made)
    assert await process.access(stage.client, stale=refused) == made["access_token"]
    assert process.trouble == ""


async def test_a_new_refresh_token_in_the_settings_mends_a_broken_chain(stage):
    await stage.process().access(stage.client)
    stage.peer.tokens.revoke()
    fresh = stage.peer.tokens.issue()["refresh_token"]
    process = stage.process(first=fresh)
    assert await process.access(stage.client, stale=stage.kept().access) == stage.peer.tokens.newest
    assert stage.kept().broken == ""


async def test_a_wrong_app_secret_breaks_no_chain_and_is_named(stage):
    with pytest.raises(NoToken, match="HOCNGHE_ZALO_OA_APP_SECRET") as told:
        await stage.process(secret="junk").access(stage.client)
    assert not told.value.broken
    assert await stage.process().access(stage.client)


async def test_without_any_token_the_operator_is_told_what_to_do(stage):
    with pytest.raises(NoToken, match="hocnghe zalo login"):
        await stage.process(first="").access(stage.client)


async def test_a_short_life_does_not_mean_a_renewal_a_message(stage):
    stage.peer.rules.access_seconds = 3600
    process = stage.process()
    first = await process.access(stage.client)
    assert await process.access(stage.client) == first
    assert stage.renewals == 1


async def test_tokens_are_sealed_at_rest(stage, tmp_path):
    access = await stage.process().access(stage.client)
    refresh = stage.kept().refresh
    stage.store.close()
    data = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert access.encode() not in data
    assert refresh.encode() not in data


@pytest.mark.parametrize("code", [-216, -220])
async def test_a_message_refused_for_its_token_goes_out_with_the_next_one(understanding, catalogue, tmp_path, code):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        house.peer.rules.expired_code = code
        await house.peer.says("An", "chào")
        await house.channel.outbox.idle()
        house.peer.tokens.expire()
        await house.peer.says("An", "còn lớp may không")
        assert len(await house.answers("An")) == 2
        assert await house.fates() == {"sent": 2}


async def test_while_the_chain_is_broken_everything_waits_and_then_goes_out(
    understanding, catalogue, tmp_path, monkeypatch
):
    monkeypatch.setattr(sending, "HOLD_TOKEN", 0.05)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        await house.peer.says("An", "chào")
        await house.channel.outbox.idle()
        house.peer.tokens.revoke()
        for who in ("An", "Bình", "Chi"):
            assert (await house.peer.says(who, "còn lớp may không")).status == 200
        await asyncio.sleep(0.6)  # longer than the tries an outbox gives a message that may be refused
        assert not house.channel.health()["ok"]
        assert "hocnghe zalo login" in house.channel.health()["trouble"]
        assert len(house.peer.sent) == 1
        made = house.peer.tokens.issue()
        with house.store.channels() as unit:
            granted = oauth.Pair(made["access_token"], made["refresh_token"], 90000)
            unit.save_token(house.channel.tokens.name, tokens.pair(granted, house.clock[0]))
        assert [len(await house.answers(w)) for w in ("An", "Bình", "Chi")] == [2, 1, 1]
        assert house.channel.health()["ok"]
