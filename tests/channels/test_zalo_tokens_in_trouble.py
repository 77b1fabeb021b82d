"""A token renewed while the database takes nothing is not lost: a refresh token works once, then a human is needed."""

import asyncio

import pytest
import pytest_asyncio
from channels.zalo_house import housed
from channels.zalo_token_stage import Troubled, staged

from bot.channels.zalo_oa import sending, tokens
from bot.channels.zalo_oa.tokens import NoToken


@pytest_asyncio.fixture
async def stage(tmp_path, monkeypatch):
    async with staged(tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("trouble", ["full", "gone"])
@pytest.mark.parametrize("first", [True, False], ids=["the first", "a later one"])
async def test_a_pair_that_could_not_be_written_is_used_and_written_later(stage, first, trouble):
    process = stage.process()
    if not first:
        await process.access(stage.client)
        stage.clock[0] += tokens.timedelta(hours=26)
    before = stage.kept()
    stage.peer.faults.slow(0.2, "token")
    asked = asyncio.create_task(process.access(stage.client))
    await stage.until_asked()
    stage.store.trouble = trouble
    access = await asked
    assert access == stage.peer.tokens.newest
    assert process.trouble == tokens.UNWRITTEN
    assert await process.access(stage.client) == access
    await process.idle()
    renewals = stage.renewals
    stage.store.trouble = ""
    assert stage.kept() == before
    assert await process.access(stage.client) == access
    await process.idle()
    assert stage.kept().access == access
    assert process.trouble == ""
    assert stage.renewals == renewals


async def test_a_pair_that_could_not_be_written_is_written_at_the_end(stage):
    process, stage.store.trouble = stage.process(), "full"
    access = await process.access(stage.client)
    ending = asyncio.create_task(process.close())
    await asyncio.sleep(0.05)
    assert not ending.done()
    stage.store.trouble = ""
    await ending
    assert stage.kept().access == access


async def test_a_login_by_hand_is_not_overwritten_by_a_pair_that_came_before(stage):
    process = stage.process()
    await stage.unwritten(process)
    stage.store.trouble = ""
    made = stage.peer.tokens.issue()
    stage.logged_in(process, made)
    await process.access(stage.client)
    await process.idle()
    assert await process.access(stage.client) == made["access_token"]
    assert stage.kept().access == made["access_token"]


async def test_what_others_made_of_the_spent_token_is_mended_by_the_pair(stage):
    one, other = stage.process(), stage.process(first="")
    access = await stage.unwritten(one)
    stage.store.trouble = ""
    with pytest.raises(NoToken):
        await other.access(stage.client)
    assert stage.kept().broken
    await one.access(stage.client)
    await one.idle()
    assert await other.access(stage.client) == access
    assert not stage.kept().broken


async def test_a_pair_written_while_another_process_shows_the_spent_token_is_not_marked_broken(stage):
    one, other = stage.process(), stage.process(first="")
    access = await stage.unwritten(one)
    stage.peer.faults.slow(0.2, "token")
    asked = asyncio.create_task(other.access(stage.client))
    await stage.until_asked()
    stage.store.trouble = ""
    await one.close()
    assert await asked == access
    assert not stage.kept().broken


async def test_who_goes_away_does_not_cut_off_a_renewal(stage):
    """A program that stops while its keeper renews: the refresh token is spent by then."""
    process = stage.process()
    stage.peer.faults.slow(0.2, "token")
    asked = asyncio.create_task(process.access(stage.client))
    await stage.until_asked()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await process.close()
    assert stage.kept().access == stage.peer.tokens.newest


async def test_while_the_database_is_away_the_old_token_goes_on_and_without_one_all_waits(stage):
    process = stage.process()
    stage.store.trouble = "gone"
    with pytest.raises(NoToken) as told:
        await process.access(stage.client)
    assert told.value.soon
    assert not stage.renewals
    stage.store.trouble = ""
    old = await process.access(stage.client)
    stage.clock[0] += tokens.timedelta(hours=21)
    stage.store.trouble = "gone"
    for _ in range(2):
        assert await process.access(stage.client) == old
        await process.idle()
    assert process.trouble == "", "it is the database's, and passes with it"


async def test_an_answer_waits_while_the_database_takes_no_part_in_finding_the_token(
    understanding, catalogue, tmp_path, monkeypatch
):
    """The message was claimed before; nothing of it has left, so it is no unknown fate."""
    monkeypatch.setattr(sending, "HOLD_DATABASE", 0.05)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        await house.peer.says("An", "chào")
        await house.channel.outbox.idle()
        store = Troubled(house.store)
        monkeypatch.setattr(house.channel.tokens, "_store", store)
        house.later(hours=26)
        store.trouble = "gone"
        assert (await house.peer.says("Bình", "chào")).status == 200
        await asyncio.sleep(0.5)
        assert not house.peer.sent_to("Bình")
        store.trouble = ""
        assert len(await house.answers("Bình")) == 1
        assert await house.fates() == {"sent": 2}
