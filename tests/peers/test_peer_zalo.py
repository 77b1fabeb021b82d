"""The Official Account of the Zalo peer is as strict as the papers: header, windows, limits, nights."""

import pytest_asyncio

from peers.zalo import Button
from peers.zalo_stage import INFO, staged


@pytest_asyncio.fixture
async def zalo():
    async with staged() as stage:
        yield stage


def tap(title="May", kind="oa.query.hide", payload="#class:1"):
    return {"title": title, "type": kind, "payload": payload}


# --- Official Account -------------------------------------------------------------------------------------------


async def test_oa_token_goes_in_its_own_header_and_expires(zalo):
    await zalo.peer.says("An", "alo")
    body = {"recipient": {"user_id": zalo.peer.person("An").user_id}, "message": {"text": "x"}}
    path = "/v3.0/oa/message/cs"
    assert (await zalo.post(path, body, Authorization=f"Bearer {zalo.token}"))["error"] == -216
    assert (await zalo.post(path, body, access_token="junk"))["error"] == -216
    zalo.peer.rules.proof_needed = True
    assert (await zalo.post(path, body))["error"] == -242
    proof = zalo.peer.tokens.proof(zalo.token)
    assert (await zalo.post(path, body, access_token=zalo.token, appsecret_proof=proof))["error"] == 0
    old = zalo.token
    zalo.later(hours=25)
    assert (await zalo.post(path, body, access_token=old))["error"] == -216
    zalo.peer.rules.proof_needed = False
    assert (await zalo.post(path, body))["error"] == 0
    zalo.peer.tokens.expire()
    assert (await zalo.post(path, body))["error"] == -216
    zalo.token = zalo.peer.tokens.issue()["access_token"]
    zalo.peer.tokens.revoke()
    assert (await zalo.post(path, body))["error"] == -220


async def test_oa_window_free_replies_and_package(zalo):
    zalo.peer.rules.package = 1
    assert (await zalo.cs("An"))["error"] == -230
    await zalo.peer.follow("An")
    first = (await zalo.cs("An"))["data"]
    assert (first["quota"]["quota_type"], first["quota"]["remain"], first["quota"]["total"]) == ("reply", "7", "8")
    assert [(await zalo.cs("An"))["error"] for _ in range(7)] == [0] * 7
    assert (await zalo.cs("An"))["data"]["quota"]["quota_type"] == "sub_quota"
    assert (await zalo.cs("An"))["error"] == -211
    await zalo.peer.deliver(zalo.peer.oa.seen(zalo.peer.person("An"), first["message_id"]))
    assert (await zalo.cs("An"))["error"] == -211
    zalo.later(minutes=1)
    await zalo.peer.says("An", "còn ai không")
    assert (await zalo.cs("An"))["error"] == 0
    zalo.later(hours=49)
    assert (await zalo.cs("An"))["error"] == -211
    zalo.later(days=6)
    assert (await zalo.cs("An"))["error"] == -230


async def test_oa_may_ask_for_a_follow_and_people_may_refuse(zalo):
    zalo.peer.rules.follow_needed = True
    await zalo.peer.says("An", "alo")
    assert (await zalo.cs("An"))["error"] == -213
    await zalo.peer.follow("An")
    assert (await zalo.cs("An"))["error"] == 0
    await zalo.peer.unfollow("An")
    assert (await zalo.cs("An"))["error"] == -213
    zalo.peer.refuses("Bình", -244)
    await zalo.peer.follow("Bình")
    assert [(await zalo.cs("Bình"))["error"] for _ in range(2)] == [-244, -244]


async def test_oa_reads_bodies_strictly(zalo):
    await zalo.peer.says("An", "alo")
    user = zalo.peer.person("An").user_id
    path, message = "/v3.0/oa/message/cs", {"text": "x"}
    for body in (
        [],
        {"recipient": {"user_id": int(user)}, "message": message},
        {"recipient": {"user_id": user, "tag": "a"}, "message": message},
        {"recipient": {"user_id": user}, "message": message, "extra": 1},
        {"user_id": user, "message": message},
        {"recipient": {"user_id": "1"}, "message": message},
    ):
        assert (await zalo.post(path, body))["error"] == -201, body
    async with zalo.client.post(zalo.peer.url + path, data=b"x", headers={"access_token": zalo.token}) as response:
        assert (response.status, (await response.json())["error"]) == (200, -201)
        assert response.headers["X-RateLimit-Limit"] == "4000"
    async with zalo.client.post(f"{zalo.peer.url}/v4/oa/refresh_token") as response:
        assert (response.status, (await response.json())["message"]) == (404, "Empty api")


async def test_oa_text_and_buttons_have_limits(zalo):
    await zalo.peer.says("An", "alo")
    assert (await zalo.cs("An", "x" * 2001))["error"] == -210
    assert (await zalo.cs("An", ""))["error"] == -201
    assert (await zalo.cs("An", "x", buttons=[tap()]))["error"] == -201
    for wrong, code in (
        ([tap()] * 6, -210),
        ([], -201),
        ([tap(title="x" * 101)], -210),
        ([tap(payload="x" * 1001)], -210),
        ([tap(payload={"url": "https://example.vn"})], -201),
        ([tap(kind="oa.open.url", payload="https://example.vn")], -201),
        ([tap(kind="oa.open.phone", payload={"phone_code": "0900000001"})], -201),
        ([tap(kind="callback")], -201),
        ([tap() | {"id": 1}], -201),
    ):
        assert await zalo.payload("An", "Chọn", buttons=wrong) == code, wrong
    assert await zalo.payload("An", "", buttons=[tap()]) == -201
    call = tap("Gọi", "oa.open.phone", {"phone_code": "84900000001"})
    assert await zalo.payload("An", "Chọn", buttons=[tap(), call]) == 0
    (sent,) = zalo.peer.sent_to("An")
    assert sent.buttons == (Button("May", "oa.query.hide", "#class:1"), Button("Gọi", "oa.open.phone", "84900000001"))


async def test_oa_asks_for_contact_details_in_one_shape(zalo):
    await zalo.peer.says("An", "alo")
    ask = {"template_type": "request_user_info", "elements": [INFO]}
    assert await zalo.payload("An", "", **ask) == 0
    assert await zalo.payload("An", "cho xin số", **ask) == -201
    for elements, code in (([], -201), ([INFO, INFO], -201), ([INFO | {"title": "x" * 101}], -210), ([{}], -201)):
        assert await zalo.payload("An", "", template_type="request_user_info", elements=elements) == code
    assert await zalo.payload("An", "", template_type="list", elements=[INFO]) == -233
    assert (await zalo.cs("An", "x", attachment={"type": "image", "payload": {}}))["error"] == -201
    assert (await zalo.post("/v2.0/oa/message", {"recipient": {"user_id": "1"}, "message": {"text": "x"}}))[
        "error"
    ] == -240
    assert (await zalo.post("/v2.0/oa/message/cs", {}))["error"] == -240


async def test_oa_uploads_need_a_name_and_expire(zalo):
    await zalo.peer.says("An", "alo")
    png = b"\x89PNG\r\n" + b"0" * 100
    assert (await zalo.upload("image", png, "poster"))["data"] == {}
    assert (await zalo.upload("image", png, "a.png", part="image"))["error"] == -201
    assert (await zalo.upload("image", b"<svg>", "a.png"))["error"] == -201
    assert (await zalo.upload("image", png + b"0" * 1024 * 1024, "a.png"))["error"] == -210
    element = {
        "media_type": "image",
        "attachment_id": (await zalo.upload("image", png, "a.png"))["data"]["attachment_id"],
    }
    media = {"template_type": "media", "elements": [element]}
    assert await zalo.payload("An", "Áp phích", **media) == 0
    assert await zalo.payload("An", "", template_type="media", elements=[element | {"url": "https://a.vn/b"}]) == -201
    token = (await zalo.upload("file", b"%PDF-1.7", "đơn.pdf"))["data"]["token"]
    assert (await zalo.cs("An", "", attachment={"type": "file", "payload": {"token": token}}))["error"] == 0
    zalo.later(days=7, seconds=1)
    await zalo.peer.says("An", "alo")
    assert await zalo.payload("An", "", **media) == -100


async def test_oa_profile_and_quota_in_both_shapes(zalo):
    await zalo.peer.says("An", "alo")
    user = zalo.peer.person("An").user_id
    profile = (await zalo.get("/v3.0/oa/user/detail", data=f'{{"user_id":"{user}"}}'))["data"]
    assert (profile["display_name"], profile["user_last_interaction_date"]) == ("An", "23/11/2026")
    assert (await zalo.get("/v3.0/oa/user/detail", user_id=user))["error"] == -201
    assert (await zalo.get("/v3.0/oa/user/detail", data='{"user_id":1}'))["error"] == -201
    listed = (await zalo.get("/v3.0/oa/user/getlist", data='{"offset":0,"count":50}'))["data"]
    assert (listed["total"], listed["users"]) == (1, [{"user_id": user}])
    await zalo.cs("An")
    own = (await zalo.post("/v3.0/oa/quota/message", {"user_id": user}))["data"]
    assert own["cs_reply"] == {"remain": 7, "total": 8}
    assert own["last_interaction"] == str(zalo.peer.ledger.now_ms())
    (row,) = (await zalo.post("/v3.0/oa/quota/message", {"quota_owner": "OA", "product_type": "cs"}))["data"]
    assert row["remain"] == 2000
    zalo.peer.rules.calls_per_minute = 1
    assert (await zalo.get("/v2.0/oa/getoa"))["error"] == -32
    zalo.later(minutes=1)
    assert (await zalo.get("/v2.0/oa/getoa"))["data"]["is_verified"]


# --- Templates --------------------------------------------------------------------------------------------------


async def test_templates_by_phone_and_by_uid(zalo):
    zalo.peer.approve("312456", ten_lop=20)
    zalo.peer.approve("7", status="PENDING_REVIEW")
    zalo.peer.approve("8", uid=False)
    body = {"phone": "84900000001", "template_id": "312456", "template_data": {"ten_lop": "May"}, "tracking_id": "c42"}

    async def code(**other):
        return (await zalo.post("/message/template", body | other))["error"]

    done = (await zalo.post("/message/template", body))["data"]
    assert done["quota"] == {"dailyQuota": "500", "remainingQuota": "499"}
    assert await code(phone="0900000001") == -108
    assert [await code(template_id=i) for i in ("9", "7")] == [-109, -131]
    assert [await code(template_data=d) for d in ({}, {"ten_lop": "x" * 21})] == [-1122, -1121]
    assert await code(tracking_id="x" * 49) == -1121
    assert (await zalo.post("/message/template", body, access_token="junk"))["error"] == -124
    zalo.peer.refuses("Bình", -139)
    assert await code(phone=zalo.peer.person("Bình").phone) == -139
    uid = {"user_id": zalo.peer.person("An").user_id, "template_id": "312456", "template_data": {"ten_lop": "May"}}
    assert (await zalo.post("/v3.0/oa/message/template", uid))["error"] == 0
    assert (await zalo.post("/v3.0/oa/message/template", uid | {"template_id": "8"}))["error"] == -249
    nested = {"recipient": {"user_id": uid.pop("user_id")}, **uid}
    assert (await zalo.post("/v3.0/oa/message/template", nested))["error"] == -201
    assert [(s.product, s.method) for s in zalo.peer.sent] == [("zbs", "phone"), ("oa", "template")]


async def test_nights_are_kept(zalo):
    zalo.peer.approve("1")
    await zalo.peer.says("An", "alo")
    zalo.later(hours=9, minutes=59)
    uid = {"user_id": zalo.peer.person("An").user_id, "template_id": "1", "template_data": {}}
    phone = {"phone": "84900000001", "template_id": "1", "template_data": {}}
    article = {"recipient": {"target": {"gender": 0}}, "message": {}}

    async def codes():
        calls = (("/v3.0/oa/message/template", uid), ("/message/template", phone), ("/v2.0/oa/message", article))
        return [(await zalo.post(*call))["error"] for call in calls] + [(await zalo.cs("An"))["error"]]

    assert await codes() == [0, 0, 0, 0]
    zalo.later(minutes=1)
    assert await codes() == [-234, -133, -234, 0]
    zalo.later(hours=8)
    assert await codes() == [0, 0, 0, 0]
