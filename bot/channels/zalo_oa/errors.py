"""What Zalo's error numbers ask of us for the OA and for templates. They come with HTTP 200."""

from collections.abc import Mapping
from typing import Literal

# retry: a little later; refresh: once with a new access token; upload: the picture ran out, upload it once more;
# tomorrow: today's quota is used up; morning: not at night; template: only a template reaches them now;
# person: this person cannot be written to; refused: this message will never be taken; stopped: the account can send
# nothing until a human has done something; human: this message alone needs one.
Class = Literal[
    "retry", "refresh", "upload", "tomorrow", "morning", "template", "person", "refused", "stopped", "human"
]

_OA: Mapping[Class, tuple[int, ...]] = {
    "retry": (-32, -200, -214),
    "refresh": (-216, -220, 216, 401, -401),
    "upload": (-100,),
    "tomorrow": (-211, -218),
    "morning": (-234,),
    "template": (-230, -232, -305, -311),
    "person": (-213, -217, -227, -244),
    "refused": (-201, -210, -233, -240, -249, -403),
    "stopped": (-204, -205, -209, -212, -219, -221, -223, -224, -235, -242, -320, -321),
    "human": (-237, -238, -241, -248),
}
_TEMPLATE: Mapping[Class, tuple[int, ...]] = {
    "refresh": (-124, *_OA["refresh"]),
    "tomorrow": (-144, -147, -1441, -1471, -1472, *_OA["tomorrow"]),
    "morning": (-133, *_OA["morning"]),
    "person": (-108, -114, -118, -119, -139, -140, -141, *_OA["person"]),
    "refused": (-109, -1121, -1122, -126, -127, *_OA["refused"]),
    "stopped": (-115, -117, -135, -136, -137, *_OA["stopped"]),
    "human": (-131, -146, -1381, -161, -162, *_OA["human"]),
}
OPTED_OUT = frozenset({-139, -140, -141})  # the person does not want such templates

_ADVICE: Mapping[int, str] = {
    -204: "the Official Account was deleted: connect another one",
    -205: "the Official Account does not exist: look at HOCNGHE_ZALO_OA_APP_ID",
    -209: "the app is not activated: activate it on developers.zalo.me",
    -212: "this API is not registered for the app: add it on developers.zalo.me, then `hocnghe zalo login`",
    -219: "the app was removed or disabled: look at it on developers.zalo.me",
    -221: "the Official Account must be verified: oa.zalo.me, Quản lý, Xác thực tài khoản",
    -223: "the Official Account has not authorised this API: `hocnghe zalo login`",
    -224: "the package of the Official Account does not hold this: upgrade it on oa.zalo.me",
    -235: "this API is not for this kind of Official Account",
    -242: "the proof of the app secret is wrong: look at HOCNGHE_ZALO_OA_APP_SECRET",
    -320: "a Zalo Cloud Account is needed: link one on oa.zalo.me",
    -321: "the Zalo Cloud Account holds no money",
    -115: "the Zalo Cloud Account holds no money",
    -117: "the app may not use this template",
    -135: "the Official Account may not send templates",
    -136: "the Zalo Cloud Account is not linked",
    -137: "the Zalo Cloud Account could not be charged",
    -248: "the content is against Zalo's rules: read what was sent",
}


def classed(code: int) -> Class:
    """The class of an OA error; an unknown number is refused, so that nothing is sent in circles."""
    return _of(_OA, code)


def classed_template(code: int) -> Class:
    """The same for templates; -118 is a permission there, -124 the access token."""
    return _of(_TEMPLATE, code)


def advice(code: int) -> str:
    """What a human is to do about it."""
    return _ADVICE.get(code, "look the number up in docs/zalo.md")


def _of(table: Mapping[Class, tuple[int, ...]], code: int) -> Class:
    found: Class = next((kind for kind, codes in table.items() if code in codes), "refused")
    if found == "refused" and table is _TEMPLATE and code in _OA["retry"]:
        return "retry"
    return found
