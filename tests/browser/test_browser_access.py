"""For everybody: light, by keyboard alone, readable, and not dead without scripts."""

import shutil
from pathlib import Path

import pytest
from browser.conftest import FLAGS
from browser.talking import greeted, mine, replies, said, type_in
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
WEIGHT = 60 * 1024
FOCUS = "() => { const n = document.activeElement; return n.id || n.className || n.textContent; }"


def test_the_page_weighs_little_asks_no_other_host_and_says_what_it_is(phone, program):
    asked = []
    page = phone(before=lambda page: page.on("request", lambda request: asked.append(request.url)))
    expect(page.locator("header")).to_contain_text("Máy trả lời tự động")
    expect(page.locator(".demo")).to_have_text("Bản xem thử: dữ liệu ví dụ")
    greeted(page)
    assert all(url.startswith(program.url) for url in asked)
    sizes = page.evaluate("performance.getEntries().map(e => e.decodedBodySize || 0).filter(size => size > 0)")
    assert len(sizes) >= 5
    assert sum(sizes) <= WEIGHT


def test_the_keyboard_alone_is_enough(phone, picture):
    page = greeted(phone(is_mobile=False, has_touch=False))
    tab(page, "skip")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == "say"
    page.keyboard.type("học ở đâu?")
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(2)
    assert page.evaluate(FOCUS) == "say"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.choices button:last-child')")
    picture(page, "focus")
    page.keyboard.press("Enter")
    expect(replies(page)).to_have_count(3)
    assert page.evaluate(FOCUS) == "choices"
    tab(page, "1. ")
    page.keyboard.press("Space")
    expect(replies(page)).to_have_count(4)
    page.focus("#more")
    page.keyboard.press("Enter")
    tab(page, "Gặp cán bộ")
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == "more"
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUS) == "forget-no"
    for expected in ("forget-yes", "forget-no", "forget-yes"):
        tab(page, expected)
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUS) == "more"
    expect(page.locator("#cover")).to_be_hidden()
    page.focus("#say")
    for key in ("a", "Shift+Enter", "b", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".me .bubble").last).to_have_text("a\nb")
    assert mine(page)[-1] == "a\nb"


def tab(page, expected):
    page.keyboard.press("Tab")
    assert expected in page.evaluate(FOCUS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_and_has_a_name(phone, scheme, picture):
    page = greeted(phone("?lang=vi", color_scheme=scheme))
    states = {"hello": lambda: None, "answer": lambda: said(page, "học ở đâu?")}
    states["waiting"] = lambda: (page.context.set_offline(True), type_in(page, "tên tôi là " + "dài" * 40))
    states["menu"] = lambda: page.locator("#more").tap()
    states["question"] = lambda: page.locator("#forget").tap()
    for name, reach in states.items():
        reach()
        picture(page, f"{scheme}-{name}")
        assert page.evaluate(AUDIT) == [], name
    page.context.set_offline(False)


def test_nothing_sticks_out_on_any_screen(phone, picture):
    page = greeted(phone())
    said(page, "a" * 300)
    for width, height in ((320, 480), (360, 640), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        picture(page, str(width))
        assert page.evaluate(AUDIT) == []
        assert page.locator("#composer button").bounding_box()["y"] < height


def test_without_scripts_the_page_says_what_to_do(chromium, program, picture):
    flags = [*FLAGS, "--blink-settings=scriptEnabled=false"]
    browser = chromium.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.goto(program.url)
    picture(page, "page")
    assert "Phòng Văn hóa – Xã hội" in page.locator("noscript").inner_text()
    assert not page.locator("#composer").is_visible()
    assert not page.locator(".opening").is_visible()
    browser.close()
