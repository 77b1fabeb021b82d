"""How often one browser and one address may come."""

import pytest
from channels.web_stage import new_id, running
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.channels.web import Gate
from bot.channels.web.limits import Buckets
from bot.channels.web.visitors import Door


def test_a_bucket_gives_its_count_and_then_says_how_long_to_wait():
    bucket = Buckets(30, 60)
    assert [bucket.take("me", 0) for _ in range(30)] == [0] * 30
    assert bucket.take("me", 0) == 2
    assert bucket.take("you", 0) == 0
    assert bucket.take("me", 2) == 0
    assert bucket.take("me", 2) == 2
    assert [bucket.take("me", 3600) for _ in range(31)][-2:] == [0, 2]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=60))
def test_nobody_gets_more_than_the_count_and_what_was_refilled(visits):
    bucket, now, taken = Buckets(5, 10), 0.0, dict.fromkeys("abc", 0)
    for who, pause in visits:
        now += pause
        taken[who] += bucket.take(who, now) == 0
    assert all(count <= 5 + now / 2 + 0.001 for count in taken.values())


def test_the_number_of_buckets_is_bounded():
    bucket = Buckets(1, 60, most=10)
    for key in range(1000):
        bucket.take(str(key), 0)
    assert len(bucket) == 10


async def test_one_browser_that_is_too_fast_is_asked_to_wait(understanding, catalogue):
    async with running(understanding, catalogue, gate=Gate(messages_a_minute=3)) as house, house.browser() as browser:
        answers = [await browser.post({"id": new_id(), "text": "xin chào"}) for _ in range(4)]
        assert [a.status for a in answers] == [202, 202, 202, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 20
        assert "giây" in (await answers[-1].json())["message"]
        async with house.browser() as neighbour:
            await neighbour.say("xin chào")


async def test_one_address_that_is_too_fast_is_asked_to_wait(understanding, catalogue):
    async with running(understanding, catalogue, gate=Gate(address_messages_a_minute=2)) as house:
        statuses = []
        for _ in range(3):
            async with house.browser() as browser:
                statuses.append((await browser.post({"id": new_id(), "text": "xin chào"})).status)
        assert statuses == [202, 202, 429]


async def test_one_address_gets_only_so_many_new_cookies(understanding, catalogue):
    async with running(understanding, catalogue, gate=Gate(address_cookies_an_hour=2)) as house:
        for status in (200, 200, 429):
            async with house.browser() as browser:
                response = await browser.client.get("/")
                assert response.status == status
                last = await response.text()
                assert (await browser.client.get("/chat/history")).status == status
        assert "chờ" in last


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "address"),
    [
        ((), "10.0.0.1", "1.2.3.4", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (("10.0.0.0/8",), "10.0.0.1", "6.6.6.6 | 1.2.3.4", "1.2.3.4"),  # the proxy's own line after the visitor's
        (("10.0.0.0/8",), "10.0.0.1", "", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "no address", "10.0.0.1"),
        (("10.0.0.0/8",), "8.8.8.8", "1.2.3.4", "8.8.8.8"),
        ((), "2001:db8::1:2:3:4", "", "2001:db8::/64"),
    ],
)
def test_a_forwarded_address_counts_only_behind_our_proxy(trusted, remote, forwarded, address):
    assert Door(trusted, secure_cookies=False).address(Asked(remote, forwarded)) == address


class Asked:
    """The two things of a request that tell an address."""

    def __init__(self, remote: str, forwarded: str) -> None:
        self.remote = remote
        lines = forwarded.split(" | ") if forwarded else []
        self.headers = CIMultiDict(("X-Forwarded-For", line) for line in lines)
