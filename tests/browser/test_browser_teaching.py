"""A question that the assistant could not answer is taught on the desk and answered in the chat: in few clicks."""

import time
from pathlib import Path

import pytest
from browser.talking import greeted, last, said
from browser.test_browser_desk import SIZES, desk  # noqa: F401 - the fixture
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
WIFI = "nhà văn hóa bản mình có sóng wifi chưa"
VET = "xã mình có bác sĩ thú y không"


def test_what_was_asked_in_vain_is_answered_half_a_minute_later(desk, phone, program, picture):  # noqa: F811
    chat = greeted(phone())
    said(chat, WIFI)
    assert "wifi" not in last(chat)
    page = desk("officer")
    started, clicks = time.monotonic(), 0
    page.get_by_role("link", name="Câu chưa đáp").click()
    card = page.locator("article", has_text=WIFI)
    expect(card).to_be_visible()
    picture(page, "waiting")
    card.get_by_role("link", name="Chọn ý, hoặc trả lời mới").click()
    page.get_by_label("Câu trả lời").fill("Có rồi, bà con vào bắt wifi ở nhà văn hóa, không mất tiền.")
    page.get_by_label("Không có văn bản: đây là lời của xã.").check()
    picture(page, "answer")
    page.get_by_role("button", name="Đăng câu trả lời").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã dạy")
    officers_time = time.monotonic() - started
    clicks = 4  # the page, the question, the box, publish
    picture(page, "published")
    said(chat, "nha van hoa ban minh co song wifi chua a")
    assert "vào bắt wifi ở nhà văn hóa" in last(chat)
    assert "Lời của xã Nà Pàn" in last(chat)
    picture(chat, "chat")
    assert officers_time < 30, clicks


def test_every_page_of_teaching_can_be_read(desk, phone, program, picture):  # noqa: F811
    chat = greeted(phone())
    said(chat, VET)
    page = desk()
    page.goto(program.url + "desk/questions")
    question = page.locator("article", has_text=VET).get_by_role("link").last.get_attribute("href")
    page.goto(program.url.rstrip("/") + question)
    page.get_by_label("Ý khác").select_option(label="Cần giấy tờ gì?")
    page.get_by_role("button", name="Dạy ý này").click()
    paths = {"questions": "/desk/questions", "aside": "/desk/questions?dismissed=1", "question": question}
    paths |= {"taught": "/desk/taught", "office": "/desk/office", "answer": "/desk/answers/1"}
    said(chat, "chó nhà hàng xóm sủa thì gọi ai được")
    page.goto(program.url + "desk/questions")
    paths["question"] = page.locator("article").get_by_role("link").last.get_attribute("href")
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for name, path in paths.items():
            page.goto(program.url.rstrip("/") + path)
            picture(page, f"{size}-{name}")
            assert page.evaluate(AUDIT) == [], (size, name)
