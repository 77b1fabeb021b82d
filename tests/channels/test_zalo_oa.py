"""The Official Account over real HTTP: events in, one message a turn out, nothing answered that asks nothing."""

import asyncio
from datetime import timedelta

import pytest_asyncio
from aiohttp import ClientSession
from channels.zalo_house import housed


@pytest_asyncio.fixture
async def house(understanding, catalogue, tmp_path):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3") as house:
        yield house


async def test_a_question_is_answered_once_with_buttons_and_a_numbered_list(house):
    assert (await house.peer.says("An", "còn lớp may không")).status == 200
    [sent] = await house.peer.wait_for(1, "An")
    assert 0 < len(sent.buttons) <= 5
    assert all(b.payload.startswith("#") for b in sent.buttons)
    assert sent.text.count("\n1. ") == 1
    assert sent.text == house.words("An")[0]
    assert await house.fates() == {"sent": 1}


async def test_a_tap_and_a_typed_number_mean_the_same(house):
    for who in ("An", "Bình"):
        await house.peer.says(who, "xin chào")
        await house.answers(who)
    await house.peer.taps("An", house.replies("An")[0].choices[0].label)
    await house.peer.says("Bình", "1")
    assert (await house.answers("An"))[1] == (await house.answers("Bình"))[1]
    tapped = [m.text for m in house.talk("An") if m.reply is None][1]
    assert tapped == house.replies("An")[0].choices[0].label


async def test_a_payload_that_was_not_offered_answers_no_question(house):
    for said in (
        "tôi muốn đăng ký học nghề",
        "#field:abc",
        "#act:erase_yes",
        "#field:abc",
        "#nothing",
        "#x:y",
        "# chào",
    ):
        assert (await house.peer.says("An", said)).status == 200
    assert len(await house.answers("An")) == 7
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 1


async def test_follow_is_greeted_once_and_unfollow_ends_announcements_silently(house):
    follow = (await house.peer.follow("An")).event
    [hello] = await house.answers("An")
    assert "trợ lý" in hello
    await house.peer.deliver(follow)
    house.later(minutes=5)
    assert (await house.peer.unfollow("An")).status == 200
    assert len(await house.answers("An")) == 1
    reach = house.reach("An")
    assert reach.stopped_at
    assert reach.unreachable_why == "unfollowed"
    house.later(minutes=5)
    await house.peer.follow("An")
    assert len(await house.answers("An")) == 2
    assert house.reach("An").unreachable_at is None


async def test_an_unfollow_that_comes_late_does_not_undo_a_newer_message(house):
    gone = house.peer.oa.follow(house.peer.person("An"), gone=True)
    house.later(minutes=10)
    await house.peer.says("An", "chào")
    assert (await house.peer.deliver(gone)).status == 200
    assert house.reach("An").stopped_at is None
    assert house.reach("An").unreachable_at is None


async def test_an_unfollow_delivered_again_does_not_undo_their_coming_back(house):
    await house.peer.says("An", "chào")
    gone = (await house.peer.unfollow("An")).event
    house.later(seconds=10)
    await house.peer.follow("An")
    assert (await house.peer.deliver(gone)).status == 200
    assert house.reach("An").unreachable_at is None


async def test_an_unfollow_is_believed_though_our_clock_ran_ahead_when_they_wrote_last(house):
    await house.peer.follow("An")
    said = house.peer.oa.text(house.peer.person("An"), "chào")
    house.later(hours=2)
    await house.peer.deliver(said)
    house.later(hours=-2, seconds=5)
    assert (await house.peer.unfollow("An")).status == 200
    assert house.reach("An").unreachable_why == "unfollowed"


async def test_a_message_delivered_again_brings_nobody_back(house):
    said = (await house.peer.says("An", "chào")).event
    await house.answers("An")
    seen = house.reach("An").seen_at
    house.later(minutes=5)
    await house.peer.unfollow("An")
    await house.peer.deliver(said)
    assert house.reach("An").unreachable_why == "unfollowed"
    assert house.reach("An").seen_at == seen


async def test_receipts_seen_marks_echoes_and_unknown_events_are_never_answered(house):
    await house.peer.says("An", "chào")
    await house.answers("An")
    an, oa = house.peer.person("An"), house.peer.oa
    silent = [
        oa.echo(an, "Dạ em nghe", "m1"), oa.received(an, "m1"), oa.seen(an, "m1", "m2"), oa.seen(an, "m1", old=True),
        oa.reacted(an, "m1"), oa.reacted(an, "m1", by_oa=True), oa.tagged("khách", an), oa.anonymous("chào"),
        oa.template_status("1", "ENABLE"), oa.daily_quota(500, 600), oa.chat_now(an), oa.other("user_grew_wings"),
        oa.other("user_send_group_text", group_id="g1", sender={"id": an.user_id}), oa.other("create_group"),
    ]  # fmt: skip
    for event in silent:
        assert (await house.peer.deliver(event)).status == 200
    assert len(await house.answers("An")) == 1
    assert house.reach("An").paused_until is None


async def test_an_officer_who_writes_pauses_the_assistant_for_that_person(house):
    await house.peer.says("An", "chào")
    await house.answers("An")
    written = await house.peer.officer_says("An", "Chị ơi, em là Lan ở xã")
    assert (await house.peer.says("An", "dạ chị")).status == 200
    await house.peer.says("Bình", "chào")
    assert [len(await house.answers(who)) for who in ("An", "Bình")] == [1, 1]
    house.later(minutes=90)
    await house.peer.officer_says("An", "Chị còn đó không?")
    await house.peer.deliver(written.event)  # the first echo once more: it shortens nothing
    house.later(minutes=90)
    await house.peer.says("An", "còn ạ")
    assert len(await house.answers("An")) == 1
    house.later(minutes=31)
    await house.peer.says("An", "còn lớp may không")
    assert len(await house.answers("An")) == 2


async def test_forged_unsigned_and_foreign_events_change_nothing(house):
    event = house.peer.oa.text(house.peer.person("An"), "xin chào")
    answers = [(await house.peer.deliver(event, signing=s)).status for s in ("wrong", "missing", "hmac")]
    assert answers == [401, 401, 401]
    with house.store.transaction() as unit:
        assert unit.counts()["contacts"] == 0
    assert house.channel.health()["events"]["forged"] == 3


async def test_an_operator_hears_which_secret_was_mixed_up_and_nothing_is_accepted(house, capsys):
    key = house.peer.credentials.webhook_key
    object.__setattr__(house.peer.credentials, "webhook_key", house.peer.credentials.app_secret)
    assert (await house.peer.says("An", "chào")).status == 401
    assert "signed with the app secret" in capsys.readouterr().out
    object.__setattr__(house.peer.credentials, "webhook_key", key)
    object.__setattr__(house.peer.credentials, "app_id", "77")
    assert (await house.peer.says("An", "chào")).status == 401
    assert "HOCNGHE_ZALO_OA_APP_ID" in capsys.readouterr().out


async def test_probes_get_200_and_broken_bodies_are_no_fault_of_ours(house):
    assert (await house.peer.probe()).status == 200
    async with ClientSession() as client:
        for body, status in (
            (b"", 200),
            (b"{}", 200),
            (b"\xff{", 400),
            (b"[" * 50_000, 400),
            (b"[1]", 400),
            (b"1", 400),
        ):
            async with client.post(f"{house.url}/webhooks/zalo-oa", data=body) as response:
                assert response.status == status, body[:10]
        async with client.get(f"{house.url}/webhooks/zalo-oa") as response:
            assert response.status == 200
        async with client.get(f"{house.url}/webhooks/zalo-oa/card.png") as response:
            assert response.content_type == "image/png"
            assert (await response.read()).startswith(b"\x89PNG")


async def test_a_second_delivery_with_its_old_timestamp_is_answered_once(house):
    first = await house.peer.says("An", "còn lớp may không")
    house.later(hours=1)
    assert (await house.peer.mail.deliver(first.event, tries=2)).status == 200
    assert len(await house.answers("An")) == 1


async def test_pictures_voices_and_the_like_are_met_with_a_word(house):
    kinds = ("image", "gif", "sticker", "link", "audio", "video", "file", "location", "business_card")
    for kind in kinds:
        await house.peer.sends("An", kind)
    assert len(await house.answers("An")) == len(kinds)


async def test_the_program_goes_away_while_an_event_is_on_its_way_and_answers_it_when_it_comes_again(
    house, monkeypatch
):
    def broken(*_args):
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(house.app, "handle", broken)
        assert (await house.peer.says("An", "chào")).status == 503
    assert await house.peer.silent(0.05)
    assert [d.status for d in await house.peer.mail.again()] == [200]
    assert len(await house.answers("An")) == 1


async def test_one_persons_messages_at_the_same_moment_are_answered_in_order(house):
    an = house.peer.person("An")
    events = [house.peer.oa.text(an, f"câu {n}") for n in range(8)]
    delivered = await asyncio.gather(*(house.peer.deliver(e) for e in events))
    assert {d.status for d in delivered} == {200}
    await house.channel.outbox.idle()
    assert [s.text for s in house.peer.sent_to("An")] == list(house.words("An"))
    assert house.reach("An").seen_at - house.clock[0] < timedelta(seconds=1)
