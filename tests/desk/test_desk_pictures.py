"""Posters: what a phone wrote into a picture is gone, and a class that is asked about shows its own."""

import random

import pytest
from desk.desk_pictures import PLACE, chunk, jpeg, png, segment

from bot.desk.pictures import cleaned, kind_of
from bot.model import Contact, Incoming

TELLING = {
    "png": [chunk(name, PLACE) for name in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"prIv")],
    "jpg": [segment(marker, PLACE) for marker in (0xE1, 0xE2, 0xE3, 0xED, 0xEF, 0xFE)],
}
PLAIN = {"png": png(), "jpg": jpeg()}


@pytest.mark.parametrize("kind", PLAIN)
def test_only_what_draws_the_picture_is_kept(kind):
    make = png if kind == "png" else jpeg
    full = make(*TELLING[kind], after=PLACE)
    assert full.count(PLACE) == len(TELLING[kind]) + 1
    assert kind_of(full) == kind
    assert cleaned(full, kind) == PLAIN[kind], "nothing is left of it, and nothing else is lost"


def test_colours_are_no_place():
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1colours")
    assert cleaned(jpeg(profile), "jpg") == jpeg(profile)
    assert cleaned(png(chunk(b"gAMA", b"\0\0\xb1\x8f")), "png") == png(chunk(b"gAMA", b"\0\0\xb1\x8f"))


@pytest.mark.parametrize("kind", PLAIN)
def test_a_broken_picture_is_refused_and_never_loops(kind):
    whole, dice = PLAIN[kind], random.Random(7)
    assert all(cleaned(whole[:cut], kind) is None for cut in range(len(whole)))
    for _ in range(3000):
        mangled = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            mangled[dice.randrange(2, len(mangled))] = dice.randrange(256)
        found = cleaned(bytes(mangled), kind)
        assert found is None or len(found) <= len(mangled)


def replies(house, text, contact):
    handled = house.app.handle(Incoming(f"{text}{contact.id}", contact, house.clock[0], text))
    return [m.reply for m in handled.messages]


async def test_a_class_that_is_asked_about_shows_its_poster(house, officer):
    assert (await officer.upload("/desk/classes/vi-du-1/poster", png())).status == 303
    web, zalo = Contact("web", "", "w" * 32), Contact("zalo_oa", "oa", "somebody")
    (shown,) = [r.image for r in replies(house, "/start c-vi-du-1", web)][:1]
    assert shown.startswith("/posters/vi-du-1.")
    assert (await house.browser().get(shown)).content_type == "image/png"
    assert [r.image for r in replies(house, "có lớp nào sắp mở không", Contact("web", "", "v" * 32))] == [None], (
        "several"
    )
    assert not any(r.image for r in replies(house, "c-vi-du-1", zalo)), "Zalo cannot reach this machine"
    house.app.site = "https://hocnghe.example"
    house.clock[0] = house.clock[0].replace(hour=13)
    asked = [*replies(house, "lớp may công nghiệp bao giờ khai giảng", Contact("zalo_oa", "oa", "another"))]
    assert [r.image for r in asked] == [f"https://hocnghe.example{shown}"]
    await officer.send("/desk/classes/vi-du-1/poster/drop")
    asked = replies(house, "lớp may công nghiệp bao giờ khai giảng", Contact("zalo_oa", "oa", "third"))
    assert [r.image for r in asked] == [None]
