"""Documented payloads with something missing, null, of a wrong type or huge."""

import copy
from typing import Any

from hypothesis import strategies as st
from peers.zalo import ZaloPeer
from peers.zalo_events import BOT_MEDIA, MEDIA

PEER = ZaloPeer()
AN = PEER.person("An")
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.just(10**4000),
    st.just(float("inf")),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.just("\ud83d"),
    st.just("\x00"),
    st.just("9" * 5000),
    st.just("x" * 9000),
    st.just([]),
    st.just({}),
    st.just([None, {"id": {}}]),
)


def oa_payloads() -> list[dict[str, Any]]:
    made, an = PEER.oa, AN
    events = [made.media(an, kind) for kind in MEDIA] + [
        made.text(an, "còn lớp may không"), made.text(an, "#field:abc"), made.follow(an), made.follow(an, gone=True),
        made.chat_now(an), made.submit_info(an), made.submit_info(an, legacy=True, phone=84900000123),
        made.echo(an, "chào", admin_id="1"), made.echo(an, "chào"), made.received(an, "m1"), made.seen(an, "m1", "m2"),
        made.reacted(an, "m1"), made.tagged("a", an), made.anonymous("chào"), made.daily_quota(1, 2),
        made.phone_received("84900000123", "m1", "t1"), made.template_status("1", "ENABLE"), made.other("what"),
    ]  # fmt: skip
    return [e.payload for e in events]


def bot_payloads() -> list[dict[str, Any]]:
    made, an = PEER.bot, AN
    events = [made.media(an, kind) for kind in BOT_MEDIA] + [made.media(an, "image", documented=True)]
    events += [made.text(an, "chào"), made.text(an, "chào", wrapped=True), made.text(an, "chào", group="g")]
    return [e.payload for e in events]


@st.composite
def mutants(draw: Any, payloads: list[dict[str, Any]]) -> Any:
    """One to three places of a payload changed or taken away; rarely no object at all."""
    payload: Any = copy.deepcopy(draw(st.sampled_from(payloads)))
    for _ in range(draw(st.integers(0, 3))):
        places = [(p, k) for p in _objects(payload) for k in p]
        if not places:
            return payload
        parent, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            del parent[key]
        else:
            parent[key] = copy.deepcopy(draw(JUNK))  # it may be changed in its turn
    return payload


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(o for v in value.values() for o in _objects(v))]
    return [o for v in value for o in _objects(v)] if isinstance(value, list) else []
