"""What goes to Zalo and what becomes of it: error numbers with HTTP 200, pictures, the contact form, quotas."""

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port
from channels.zalo_house import housed
from peers.zalo import Rules

from bot.channels.zalo_oa import sending
from bot.channels.zalo_oa.content import contact_form, text
from bot.channels.zalo_oa.errors import classed, classed_template
from bot.model import Choice, Reply


@pytest_asyncio.fixture
async def house(understanding, catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(sending, "HOLD_ACCOUNT", 0.05)
    path, public = tmp_path / "db.sqlite3", {"public_url": "https://hocnghe.example"}
    async with housed(understanding, catalogue, path, settings=public) as house:
        yield house


async def queued(house, who, *replies):
    """Replies of ours as if a turn had made them."""
    await house.peer.says(who, "chào")
    await house.channel.outbox.idle()
    before = len(house.peer.sent_to(who))
    put(house, who, *replies)
    await house.channel.outbox.idle()
    return house.peer.sent_to(who)[before:]


def put(house, who, *replies):
    with house.store.transaction() as unit:
        number = unit.lock(house.contact(who), house.clock[0])
        messages = unit.queue(number, "made", replies, house.clock[0])
    house.channel.outbox.put(messages)


async def test_a_whole_registration_is_one_message_a_turn_and_the_form_gives_the_phone(house):
    peer, who = house.peer, "An"
    said = ["tôi muốn đăng ký học may", "Đồng ý cả ba (a, b, c)", "nà pàn", "bản Mẫu", "Nguyễn Thị An", "1999"]
    for words in said:
        await peer.says(who, words)
        await house.channel.outbox.idle()
    form = peer.sent_to(who)[-1]
    assert form.kind == "request_user_info"
    [element] = form.body["message"]["attachment"]["payload"]["elements"]
    assert "1. Không có điện thoại" in element["subtitle"]
    assert element["image_url"] == "https://hocnghe.example/webhooks/zalo-oa/card.png"
    await peer.submits(who, phone=84900000123)
    summary = (await house.answers(who))[-1]
    assert "0900000123" in summary
    await peer.taps(who, "Đúng, gửi đăng ký")
    assert "Số biên nhận" in (await house.answers(who))[-1]
    assert len(peer.sent_to(who)) == len(said) + 2


@pytest.mark.parametrize("legacy", [False, True])
async def test_details_shared_outside_any_form_are_offered_and_never_taken(house, legacy):
    await house.peer.submits("An", legacy=legacy, name="Nguyễn Thị An", phone="84900000123")
    said = ["tôi muốn đăng ký học may", "Đồng ý cả ba (a, b, c)", "nà pàn", "bản Mẫu"]
    for words in said:
        await house.peer.says("An", words)
        await house.channel.outbox.idle()
    assert "1. Nguyễn Thị An" in house.peer.sent_to("An")[-1].text
    await house.peer.taps("An", "Nguyễn Thị An")
    await house.channel.outbox.idle()
    if legacy:
        await house.peer.says("An", "1999")
    else:
        await house.peer.taps("An", "30/10/1999")
    await house.channel.outbox.idle()
    assert "1. 0900000123" in house.words("An")[-1]
    await house.peer.says("An", "1")
    assert "0900000123" in (await house.answers("An"))[-1]


async def test_details_shared_at_another_question_do_not_answer_it(house):
    await house.peer.says("An", "tôi muốn đăng ký học may")
    await house.peer.submits("An")
    told = (await house.answers("An"))[-1]
    assert "Em đã nhận thông tin liên hệ" in told
    assert "đồng ý từng việc" in told


async def test_where_the_form_is_refused_the_question_is_asked_in_words(house):
    await house.peer.says("An", "chào")
    await house.channel.outbox.idle()
    house.peer.faults.code(-233, "cs")
    put(house, "An", Reply("Số nào?", (Choice("field:none", "Không có"),), asks="phone"))
    await house.channel.outbox.idle()
    sent = house.peer.sent_to("An")[-1]
    assert (sent.kind, sent.text, len(sent.buttons)) == ("text", "Số nào?\n1. Không có", 1)


async def test_a_picture_is_uploaded_once_and_again_when_it_has_run_out(house):
    image = f"{house.url}/webhooks/zalo-oa/card.png"
    for _ in range(2):
        await queued(house, "An", Reply("Lớp may", (Choice("menu:", "Hỏi"),), image))
    assert [c.method for c in house.peer.calls].count("upload/image") == 1
    assert [s.kind for s in house.peer.sent_to("An")].count("image") == 2
    await house.peer.says("Bình", "chào")
    await house.channel.outbox.idle()
    house.peer.faults.code(-100, "cs")
    put(house, "Bình", Reply("Lớp may", (), image))
    await house.channel.outbox.idle()
    assert house.peer.sent_to("Bình")[-1].kind == "image"
    assert [c.method for c in house.peer.calls].count("upload/image") == 2
    house.later(days=6, hours=1)
    await queued(house, "Chi", Reply("Lớp may", (), image))
    assert [c.method for c in house.peer.calls].count("upload/image") == 3


async def test_a_picture_that_cannot_be_fetched_goes_as_its_address(house):
    image = f"http://127.0.0.1:{unused_port()}/none.png"
    [sent] = await queued(house, "An", Reply("Lớp may", (), image))
    assert sent.body["message"]["attachment"]["payload"]["elements"] == [{"media_type": "image", "url": image}]


@pytest.mark.parametrize(
    ("code", "fate", "reason"),
    [(-230, "unreachable", "template -230"), (-213, "unreachable", "person -213"), (-211, "refused", "tomorrow -211"),
     (-201, "refused", "refused -201"), (-248, "refused", "human -248"), (-9999, "refused", "refused -9999")],
)  # fmt: skip
async def test_what_is_not_taken_is_settled_with_its_reason(house, code, fate, reason):
    house.peer.faults.code(code, "cs")
    await house.peer.says("An", "chào")
    assert await house.fates() == {fate: 1}
    reach = house.reach("An")
    assert reach.unreachable_why == (reason if fate == "unreachable" else "")
    await house.peer.says("An", "còn lớp may không")
    assert len(await house.answers("An")) == 1


@pytest.mark.parametrize("code", [-32, -200])
async def test_what_may_be_taken_later_is_sent_again(house, code):
    house.peer.faults.code(code, "cs", times=2)
    await house.peer.says("An", "chào")
    assert len(await house.answers("An")) == 1


async def test_a_send_that_keeps_failing_is_given_up(house):
    house.peer.faults.code(-200, "cs", times=None)
    await house.peer.says("An", "chào")
    assert await house.fates() == {"refused": 1}


async def test_while_the_account_is_blocked_everything_waits_and_health_says_what_to_do(house):
    house.peer.faults.code(-221, "cs", times=2)
    await house.peer.says("An", "chào")
    await house.peer.wait_for(0)
    while "must be verified" not in str(house.channel.health().get("trouble")):
        await house.peer.silent(0.01)
    assert not house.channel.health()["ok"]
    assert len(await house.answers("An")) == 1
    assert house.channel.health()["ok"]


async def test_a_lost_answer_is_an_unknown_fate_and_nothing_goes_twice(house):
    for order in (house.peer.faults.cut_after, house.peer.faults.garbage):
        order("cs")
        await house.peer.says("An", "chào")
        await house.channel.outbox.idle()
    assert await house.fates() == {"unknown": 2}
    assert len(house.peer.sent_to("An")) == 2


async def test_a_gateway_that_passes_nothing_on_is_asked_again(house):
    house.peer.faults.status(502, "cs", times=2)
    await house.peer.says("An", "chào")
    assert len(await house.answers("An")) == 1


async def test_the_free_replies_left_are_read_from_the_answers(understanding, catalogue, tmp_path):
    rules = Rules(free_replies=2, package=5)
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", rules=rules) as house:
        await house.peer.says("An", "chào")
        await house.channel.outbox.idle()
        assert (house.reach("An").quota.left, house.reach("An").quota.total) == (1, 2)
        await queued(house, "An", Reply("một"), Reply("hai"))
        assert house.reach("An").quota.left == 0


async def test_nothing_secret_or_personal_is_logged(house, capfd):
    mine = house.peer.credentials
    house.peer.faults.code(-221, "cs", times=1)
    house.peer.faults.cut_after("cs", times=1)
    house.peer.tokens.expire()
    await house.peer.says("An", "mật khẩu của tôi 0900000123")
    await house.peer.submits("An", phone="84900000123")
    await house.peer.deliver(house.peer.oa.text(house.peer.person("An"), "lén"), signing="wrong")
    await house.answers("An")
    told = "".join(capfd.readouterr())
    for secret in (
        mine.app_secret,
        mine.webhook_key,
        mine.refresh_token,
        "AT-",
        "RT-",
        "0900000123",
        "mật khẩu",
        "lén",
    ):
        assert secret not in told
    assert house.peer.person("An").user_id not in told


def test_error_numbers_are_classed_as_the_table_says():
    assert [classed(c) for c in (-216, -220, -124, -118)] == ["refresh", "refresh", "refused", "refused"]
    assert [classed_template(c) for c in (-124, -118, -133, -144, -139, -32)] == [
        "refresh", "person", "morning", "tomorrow", "person", "retry"
    ]  # fmt: skip


def test_titles_are_cut_and_a_question_that_does_not_fit_the_form_is_not_put_into_it():
    made = text(Reply("Chọn", tuple(Choice(f"field:{n}", "x" * 150) for n in range(9))))
    buttons = made["attachment"]["payload"]["buttons"]
    assert [len(b["title"]) for b in buttons] == [100] * 5
    assert contact_form(Reply("x" * 501), "Số", "https://a.vn/b.png") is None
