"""A background task ends when its owner does."""

import asyncio

import pytest

from bot.background import BackgroundTask


async def test_when_cancel_returns_the_work_has_ended():
    ended, task = asyncio.Event(), BackgroundTask()

    async def work():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)  # an end that takes its time
            ended.set()

    task.begin(work())
    await asyncio.sleep(0)
    await task.cancel()
    assert ended.is_set()


async def test_what_never_began_ends_at_once_and_ending_twice_is_no_fault():
    task = BackgroundTask()
    await task.cancel()
    task.begin(asyncio.sleep(60))
    await task.cancel()
    await task.cancel()


async def test_what_the_work_died_of_is_told():
    task = BackgroundTask()

    async def work():
        raise OSError("no disk")

    task.begin(work())
    await asyncio.sleep(0)
    with pytest.raises(OSError, match="no disk"):
        await task.cancel()
