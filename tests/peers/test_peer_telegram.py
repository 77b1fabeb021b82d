"""The Telegram peer is as strict as the papers say: methods and refusals."""

import json

import pytest
from aiohttp import FormData

AN, BINH, GROUP, UPGRADED = 9000001, 9000002, -5001, -1_000_000_005_001
PNG = b"\x89PNG\r\n\x1a\n made up"


def inline(*labels, **more):
    return {"inline_keyboard": [[{"text": label, "callback_data": f"tap:{label}"} | more] for label in labels]}


async def test_only_the_right_token_and_known_methods(api):
    assert (await api("getMe"))[1]["result"]["is_bot"]
    assert (await api("getme"))[0] == 200
    assert await api("getMe", token="1:wrong") == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )
    assert (await api("sendEverything"))[0] == 404
    assert (await api("sendMessage", chat_id=AN, text="x", txet="y"))[1]["description"].startswith("Bad Request: unkn")


async def test_json_form_query_and_multipart_mean_the_same(peer, api):
    await peer.says(AN, "chào")
    url, keys = f"{peer.url}/bot{peer.token}/sendMessage", json.dumps(inline("Có"))
    args = {"chat_id": str(AN), "text": "Chào <b>bạn</b> &amp; nhà", "parse_mode": "HTML", "reply_markup": keys}
    form = FormData(args)
    form.add_field("unused", b"x", filename="x.bin")
    for sending in ({"data": args}, {"data": form}, {"json": {**args, "chat_id": AN, "reply_markup": inline("Có")}}):
        async with api.session.post(url, **sending) as response:
            assert response.status == 200
    async with api.session.get(url, params=args) as response:
        assert (await response.json())["result"]["reply_markup"] == inline("Có")
    assert {(s.text, s.labels, s.via, s.at) for s in peer.sent} == {
        ("Chào bạn & nhà", ("Có",), "api", peer.world.clock())
    }
    async with api.session.post(url, data="text=x", headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("", "", "message text is empty"),
        ("  \n", "", "text must be non-empty"),
        ("<b> </b>", "HTML", "text must be non-empty"),
        ("😀" * 2049, "", "message is too long"),
        ("a < b", "HTML", "can't parse entities: unsupported start tag"),
        ("An & Bình", "HTML", "can't parse entities: unescaped &"),
        ("<b>x</i>", "html", "can't parse entities: unmatched end tag"),
        ("<b>x", "HTML", "can't parse entities: can't find end tag"),
        ("x</b>", "HTML", "can't parse entities: unexpected end tag"),
        ("<p>x</p>", "HTML", 'can\'t parse entities: unsupported start tag "p" at byte offset 0'),
        ("<span>x</span>", "HTML", "can't parse entities: tag"),
        ("x", "BBCode", "unsupported parse_mode"),
    ],
)
async def test_texts_that_are_refused(peer, api, text, mode, why):
    await peer.starts(AN)
    status, told = await api("sendMessage", chat_id=AN, text=text, parse_mode=mode)
    assert (status, told["description"][: len(why) + 13]) == (400, f"Bad Request: {why}")
    assert not peer.sent


async def test_half_an_emoji_is_no_text(peer, api):
    await peer.starts(AN)
    status, told = await api(
        "sendMessage", chat_id=AN, text="😀".encode("utf-16-le")[:2].decode("utf-16-le", "surrogatepass")
    )
    assert (status, told["description"]) == (400, "Bad Request: strings must be encoded in UTF-8")
    with pytest.raises(ValueError, match="splits"):
        await peer.says(AN, "x" * 4097)


async def test_texts_that_pass(peer, api):
    await peer.starts(AN)
    for text in ("😀" * 2048, "<b>" + "ạ" * 4096 + "</b>", '<a href="https://example.org/?a=1&amp;b">đây</a> a > b'):
        assert (await api("sendMessage", chat_id=AN, text=text, parse_mode="HTML"))[0] == 200
    assert peer.sent[1].text == "ạ" * 4096
    assert peer.sent[2].text == "đây a > b"
    assert peer.sent[2].raw.startswith("<a")


@pytest.mark.parametrize(
    "markup",
    [
        [],
        "{",
        {"inline_keyboard": [[{"text": "x"}]]},
        {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]},
        {"inline_keyboard": [[{"text": "x", "callback_data": ""}]]},
        {"inline_keyboard": [[{"text": "x", "callback_data": "ạ" * 22}]]},
        {"inline_keyboard": [[{"text": "x", "callback_data": "y", "url": "https://example.org"}]]},
        {"inline_keyboard": [[{"text": "x", "url": "javascript:x"}]]},
        {"inline_keyboard": [[{"text": "x", "request_contact": True}]]},
        {"inline_keyboard": [[{"text": "x", "callback_data": "y"}] * 9]},
        {"inline_keyboard": [[{"text": "x", "callback_data": "y"}]] * 101},
        {"inline_keyboard": [], "keyboard": [["x"]]},
        {"keyboard": []},
        {"keyboard": [["x"]], "resize_keybord": True},
        {"keyboard": [["x"]], "is_persistent": "yes"},
        {"keyboard": [["x"]], "input_field_placeholder": "x" * 65},
        {"keyboard": [[{"text": "x", "request_contact": True, "request_location": True}]]},
        {"keyboard": [[{"text": "x", "callback_data": "y"}]]},
        {"remove_keyboard": False},
    ],
    ids=str,
)
async def test_keyboards_that_are_refused(peer, api, markup):
    await peer.starts(AN)
    status, told = await api("sendMessage", chat_id=AN, text="x", reply_markup=markup)
    assert status == 400, told
    assert not peer.sent


async def test_a_keyboard_stays_until_it_is_removed_and_sends_its_text(peer, api):
    await peer.starts(AN, "lop-may")
    keys = [["Đăng ký", {"text": "Gửi số của tôi", "request_contact": True}]]
    markup = {"keyboard": keys, "is_persistent": True, "resize_keyboard": True, "input_field_placeholder": "Gõ ở đây"}
    await api("sendMessage", chat_id=AN, text="Chọn", reply_markup=markup)
    await api("sendMessage", chat_id=AN, text="Xem thêm", reply_markup=inline("Có", "Không"))
    keyboard = peer.sent[0].keyboard
    assert (keyboard.kind, keyboard.persistent, keyboard.resized, keyboard.placeholder) == (
        "reply",
        True,
        True,
        "Gõ ở đây",
    )
    assert peer.screen(AN).labels == ("Có", "Không", "Đăng ký", "Gửi số của tôi")
    await peer.taps(AN, "Đăng ký")
    await peer.taps(AN, "Gửi số của tôi")
    await peer.shares_contact(AN, own=False)
    await peer.taps(AN, "Không")
    start, text, own, other, tap = [u.get("message", u.get("callback_query")) for u in await api.taken()]
    assert (start["text"], start["entities"]) == (
        "/start lop-may",
        [{"type": "bot_command", "offset": 0, "length": 6}],
    )
    assert text["text"] == "Đăng ký"
    assert own["contact"]["user_id"] == own["from"]["id"] == AN
    assert own["contact"]["phone_number"].startswith("84900000")
    assert other["contact"]["user_id"] != AN
    assert (tap["data"], tap["message"]["text"], tap["from"]["id"]) == ("tap:Không", "Xem thêm", AN)
    await api("sendMessage", chat_id=AN, text="Xong", reply_markup={"remove_keyboard": True})
    with pytest.raises(LookupError, match="Có"):
        await peer.taps(AN, "Đăng ký")


async def test_taps_want_an_answer_in_time(peer, api, clock):
    await peer.starts(AN)
    await api("sendMessage", chat_id=AN, text="Chọn", reply_markup=inline("Có"))
    await peer.taps(AN, "Có")
    (tap,) = peer.unanswered
    assert (await api("answerCallbackQuery", callback_query_id=tap.query_id, text="x" * 201))[0] == 400
    assert (await api("answerCallbackQuery", callback_query_id=tap.query_id, text="Rồi"))[0] == 200
    assert ([a.text for a in tap.answers], peer.unanswered) == (["Rồi"], ())
    await peer.taps(AN, "Có")
    clock.forward(16)
    status, told = await api("answerCallbackQuery", callback_query_id=peer.unanswered[0].query_id)
    assert (status, "query is too old" in told["description"]) == (400, True)


async def test_edits(peer, api):
    await peer.starts(AN)
    _, told = await api("sendMessage", chat_id=AN, text="Một", reply_markup=inline("Có"))
    at = {"chat_id": AN, "message_id": told["result"]["message_id"]}
    same = await api("editMessageText", **at, text="Một", reply_markup=inline("Có"))
    assert (same[0], "message is not modified" in same[1]["description"]) == (400, True)
    assert (await api("editMessageText", **at, text="Hai", reply_markup={"keyboard": [["x"]]}))[0] == 400
    assert (await api("editMessageText", **at, text="Hai"))[0] == 200
    assert [m.text for m in peer.screen(AN).messages] == ["Hai"]
    assert peer.screen(AN).labels == ()
    assert (await api("editMessageReplyMarkup", **at, reply_markup=inline("Không")))[0] == 200
    assert (await api("editMessageReplyMarkup", **at, reply_markup=inline("Không")))[0] == 400
    missing = await api("editMessageText", chat_id=AN, message_id=7, text="x")
    assert missing[1]["description"] == "Bad Request: message to edit not found"
    _, keys = await api("sendMessage", chat_id=AN, text="Ba", reply_markup={"keyboard": [["x"]]})
    fixed = await api("editMessageText", chat_id=AN, message_id=keys["result"]["message_id"], text="x")
    assert fixed[1]["description"] == "Bad Request: message can't be edited"
    assert [s.method for s in peer.sent] == [
        "sendMessage",
        "editMessageText",
        "editMessageReplyMarkup",
        "sendMessage",
    ]


async def test_chats_that_cannot_be_reached(peer, api):
    await peer.says(GROUP, "/start@hocnghe_thu_bot", by=BINH)
    await peer.starts(AN)
    said = {}

    async def tell(chat):
        status, told = await api("sendMessage", chat_id=chat, text="x")
        return status, told.get("description", ""), told.get("parameters")

    said["never"] = await tell(9000099)
    said["group"] = await tell(BINH)
    await peer.blocks(AN)
    said["blocked"] = await tell(AN)
    with pytest.raises(ValueError, match="blocked"):
        await peer.says(AN, "x")
    await peer.unblocks(AN)
    assert await tell(AN) == (200, "", None)
    await peer.deactivates(AN)
    said["gone"] = await tell(AN)
    await peer.upgrades(GROUP, UPGRADED, by=BINH)
    said["upgraded"] = await tell(GROUP)
    assert await tell(UPGRADED) == (200, "", None)
    assert (await api("leaveChat", chat_id=UPGRADED))[0] == 200
    said["left"] = await tell(UPGRADED)
    assert said == {
        "never": (400, "Bad Request: chat not found", None),
        "group": (403, "Forbidden: bot can't initiate conversation with a user", None),
        "blocked": (403, "Forbidden: bot was blocked by the user", None),
        "gone": (403, "Forbidden: user is deactivated", None),
        "upgraded": (
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": UPGRADED},
        ),
        "left": (403, "Forbidden: bot is not a member of the supergroup chat", None),
    }
    updates = await api.taken()
    assert [u["my_chat_member"]["new_chat_member"]["status"] for u in updates if "my_chat_member" in u] == [
        "kicked",
        "member",
        "left",
    ]
    assert [u["update_id"] for u in updates] == sorted({u["update_id"] for u in updates})


async def test_photos_files_and_actions(peer, api):
    await peer.sends(AN, "voice", b"OggS", caption="nghe nhé")
    url = f"{peer.url}/bot{peer.token}/sendPhoto"
    outcomes = []
    for body, caption in ((PNG, "Bản <i>đồ</i>"), (b"", ""), (b"%PDF", ""), (PNG, "x" * 1025)):
        form = FormData({"chat_id": str(AN), "caption": caption, "parse_mode": "HTML"})
        form.add_field("photo", body, filename="a.png")
        async with api.session.post(url, data=form) as response:
            outcomes.append(response.status)
    assert outcomes == [200, 400, 400, 400]
    assert (await api("sendPhoto", chat_id=AN, photo="https://example.org/a.png"))[0] == 200
    assert [(s.text, s.photo) for s in peer.sent] == [("Bản đồ", PNG), ("", "https://example.org/a.png")]
    assert (await api("sendChatAction", chat_id=AN, action="typing"))[0] == 200
    assert (await api("sendChatAction", chat_id=AN, action="dancing"))[0] == 400
    assert peer.world.actions == [(AN, "typing")]
    ((update,),) = [await api.taken()]
    _, told = await api("getFile", file_id=update["message"]["voice"]["file_id"])
    async with api.session.get(f"{peer.url}/file/bot{peer.token}/{told['result']['file_path']}") as response:
        assert await response.read() == b"OggS"
    await peer.sends(AN, "video", size=21 * 1024 * 1024)
    (big,) = await api.taken()
    assert (await api("getFile", file_id=big["message"]["video"]["file_id"]))[1]["description"].endswith("too big")
    assert (await api("getFile", file_id="x"))[0] == 400
