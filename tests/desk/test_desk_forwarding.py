"""Forwarding from the desk: recipients, keys shown once, a test letter over real SMTP, sending, what failed."""

import re

from desk.desk_stage import FAR, HERE, NEAR
from leads.mailbox import office, receiver, run, smtp
from store.factories import NOW as THEN

from bot.leads import mail, webhook
from bot.leads.forwarding import Forwarder, NetWire
from bot.store.people_port import Recipient

LETTER = {"name": "Trường nghề Mẫu", "address": "nhan@truong.example", "every": "month", "gets": "link"}
HOOK = LETTER | {"address": "https://may.example/in", "gets": "figures"}


def recipients(house, commune=""):
    with house.store.people() as unit:
        return unit.forwarding.recipients(commune)


def deliveries(house):
    with house.store.people() as unit:
        return unit.forwarding.deliveries()


def acts(house):
    return [(a, s) for _o, a, s in house.audited()]


async def add(browser, **fields):
    answer = await browser.send("/desk/forwarding/new", **{**LETTER, "purpose": "mở lớp", **fields})
    return answer.status, await answer.text()


async def tick(house, server=None):
    forwarder = Forwarder(house.store, run, NetWire(server, ("127.0.0.0/8",)), office, house.desk.clock)
    await forwarder.tick()
    await forwarder.stop()


async def test_a_recipient_is_added_changed_and_ended(house, officer):
    assert (await add(officer))[0] == 303
    (kept,) = recipients(house)
    assert (kept.commune, kept.address, kept.kind, kept.consent, kept.attach) == (
        HERE, "nhan@truong.example", "provider", "forward", False,
    )  # fmt: skip
    page = await officer.page("/desk/forwarding")
    assert "Trường nghề Mẫu" in page
    assert "mỗi tháng" in page
    await officer.send("/desk/forwarding/1/edit", **LETTER | {"gets": "figures", "every": "asked"})
    (kept,) = recipients(house)
    assert (kept.kind, kept.consent, kept.next_at) == ("office", "", None), "an office gets nobody's name"
    await officer.send("/desk/forwarding/1/stop")
    assert recipients(house) == ()
    assert (await officer.send("/desk/forwarding/1/send")).status == 404
    assert acts(house)[:3][::-1] == [
        ("recipient_added", "recipient:1"), ("recipient_saved", "recipient:1"), ("recipient_ended", "recipient:1"),
    ]  # fmt: skip


async def test_what_is_wrong_is_told_at_its_field(house, officer):
    for fields, said in (
        ({"address": "không có"}, "Địa chỉ e-mail chưa đúng"),
        ({"address": "http://elsewhere.example/in"}, "phải bắt đầu bằng https"),
        ({"name": ""}, "Ghi tên nơi nhận"),
        ({"every": "hour"}, "Chọn bao lâu"),
        ({"gets": "everything"}, "Chọn nhận gì"),
    ):
        status, text = await add(officer, **fields)
        assert (status, said in text) == (400, True), fields
    assert recipients(house) == ()


async def test_todays_offices_are_offered_without_an_address_until_they_are_entered(house, officer):
    page = await officer.page("/desk/forwarding")
    offered = re.findall(r"/desk/forwarding/new\?offer=\d", page)
    assert len(offered) == 3
    form = await officer.page(offered[1])
    assert 'value="Sở Giáo dục và Đào tạo"' in form
    assert re.search(r'id="address"[^>]*value=""', form)
    assert re.search(r'value="figures" selected', form)
    await add(officer, name="Sở Giáo dục và Đào tạo", gets="figures")
    assert len(re.findall(r"new\?offer=\d", await officer.page("/desk/forwarding"))) == 2


async def test_a_webhooks_key_is_shown_once_and_changed_when_asked(house, officer):
    status, text = await add(officer, **HOOK)
    key = recipients(house)[0].secret
    assert (status, key in text) == (200, True)
    assert key not in await officer.page("/desk/forwarding")
    await officer.send("/desk/forwarding/1/edit", **HOOK | {"name": "Tên khác"})
    assert recipients(house)[0].secret == key, "another name is no other program"
    answer = await (await officer.send("/desk/forwarding/1/key")).text()
    assert recipients(house)[0].secret != key
    assert recipients(house)[0].secret in answer
    assert not any(recipients(house)[0].secret in str(line) for line in house.audited())


async def test_another_communes_recipients_and_deliveries_are_not_there(house, officer):
    with house.store.people() as unit:
        unit.forwarding.save(Recipient(FAR, "Nơi xa", "xa@noi.example"), THEN)
        unit.forwarding.ask(unit.forwarding.recipient(1), "officer", THEN)
        assert unit.forwarding.claim(1, THEN)
        unit.forwarding.settle(1, "failed", THEN, "550")
    before = house.audited()
    for act in ("edit", "send", "test", "key", "stop"):
        assert (await officer.send(f"/desk/forwarding/1/{act}", **LETTER)).status == 404, act
    assert (await officer.get("/desk/forwarding/1/edit")).status == 404
    assert (await officer.send("/desk/deliveries/1/again")).status == 404
    assert "Nơi xa" not in await officer.page("/desk/forwarding") + await officer.page("/desk")
    assert (await add(officer, commune=FAR))[0] == 303, "one commune: the form's own word for it counts for nothing"
    assert [r.commune for r in recipients(house)] == [FAR, HERE]
    assert house.audited()[1:] == before
    both = await house.signed_in(house.hire(places=(HERE, NEAR)))
    assert (await add(both, commune=FAR))[0] == 400


async def test_the_list_is_sent_and_what_failed_is_seen_and_sent_again(house, officer):
    house.lead(1)
    await add(officer, gets="figures")
    await officer.send("/desk/forwarding/1/send")
    async with smtp() as box:
        box.refused_rcpt = "550 no such mailbox"
        await tick(house, box.server())
        page = await officer.page("/desk/forwarding")
        assert "không gửi được" in page
        assert "Nơi nhận từ chối" in page
        assert "/desk/deliveries/1/again" in page
        today = await officer.page("/desk")
        assert "Trường nghề Mẫu: không gửi được" in today
        box.refused_rcpt = ""
        await officer.send("/desk/deliveries/1/again")
        await tick(house, box.server())
        assert [d.state for d in deliveries(house)] == ["sent"]
        (letter,) = box.letters
        assert "Lò Thị" not in str(letter)
    assert "Trường nghề Mẫu: " not in await officer.page("/desk")
    assert (await officer.send("/desk/deliveries/1/again")).headers["Location"].endswith("nothing_chosen"), (
        "sent already"
    )
    assert {"send_asked", "send_again"} <= {a for a, _s in acts(house)}


async def test_a_test_letter_goes_through_a_real_server_and_holds_nobodys_data(house, officer):
    house.lead(1)
    await add(officer)
    async with smtp() as box:

        async def post(to, subject, text):
            await mail.send(box.server(), mail.Mail(to, subject, text, "x1"))

        object.__setattr__(house.desk.settings, "post", post)
        assert "Đã gửi thử" in await (await officer.send("/desk/forwarding/1/test")).text()
        (letter,) = box.letters
        assert letter["To"] == "nhan@truong.example"
        assert "thư thử" in letter.get_content()
        assert "0900000001" not in str(letter)
        box.refused_rcpt = "550 no"
        assert "chưa được" in await (await officer.send("/desk/forwarding/1/test")).text()
    object.__setattr__(house.desk.settings, "post", None)
    assert "SMTP_URL" in await (await officer.send("/desk/forwarding/1/test")).text()
    assert deliveries(house) == ()


async def test_a_test_to_another_program_is_signed(house, officer):
    async with receiver() as hooks:
        await add(officer, **HOOK | {"address": hooks.url})
        object.__setattr__(house.desk.settings, "hook", webhook.trial(house.desk.clock, ("127.0.0.0/8",)))
        assert "Đã gửi thử" in await (await officer.send("/desk/forwarding/1/test")).text()
        (headers, body) = hooks.got[0]
        signed = webhook.signature(recipients(house)[0].secret, int(headers["X-HocNghe-Timestamp"]), body)
        assert headers["X-HocNghe-Signature"] == f"sha256={signed}"
        assert body == b'{"event":"test"}'
        hooks.statuses = [403]
        assert "http_403" in await (await officer.send("/desk/forwarding/1/test")).text()


async def test_only_officers_and_admins_send(house):
    coordinator = await house.signed_in(house.hire(role="coordinator", places=("12",)))
    assert (await coordinator.get("/desk/forwarding")).status == 403
    assert "Gửi đi" not in await coordinator.page("/desk")
