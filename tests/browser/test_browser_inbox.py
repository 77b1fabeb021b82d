"""The inbox as an officer and a person see it at the same time: on a phone, on an office PC, and without scripts."""

import sqlite3

import pytest
from browser.talking import greeted, last, replies, said, tapped, type_in
from browser.test_browser_desk import AUDIT, SIZES, link
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
WAIT_MS = 12_000  # a talk that is open looks for news every four seconds


@pytest.fixture
def desk(chromium, program):
    """Opens the inbox, signed in by a link from the command line."""
    contexts, faults = [], []

    def enter(**options):
        context = chromium.new_context(**{"viewport": SIZES["pc"], **options})
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Security" in message.text else None)
        page.goto(link(program))
        page.get_by_role("button", name="Vào bàn làm việc").click()
        page.get_by_role("link", name="Chờ trả lời").click()
        return page

    yield enter
    for context in contexts:
        context.close()
    assert faults == []


def asks(page, words):
    """A person asks for an officer; the ticket stands on the inbox."""
    greeted(page)
    said(page, "gặp cán bộ")
    tapped(page, "Đồng ý, chuyển giúp")
    said(page, words)
    said(page, "0900000009")
    assert "Em đã chuyển lời" in last(page)


def looked_at(page, picture, name):
    """Both sizes, read by the audit and left for a human."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        picture(page, f"{name}-{size}")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
        picture(page, f"{name}-{size}-below")
        assert page.evaluate(AUDIT) == [], (name, size)
    page.set_viewport_size(SIZES["pc"])


def test_a_person_is_answered_by_an_officer_and_then_by_the_assistant_again(desk, phone, picture):
    person = phone()
    said(greeted(person), "học nấu ăn được hỗ trợ bao nhiêu tiền")
    picture(person, "useful")
    asks(person, "Nhà tôi mới thoát nghèo thì có được học không")
    page = desk()
    looked_at(page, picture, "1-inbox")
    card = page.locator("article", has_text="mới thoát nghèo")
    card.get_by_role("link", name="Xem và trả lời").click()
    looked_at(page, picture, "2-not-taken")
    page.get_by_role("button", name="Nhận trả lời").click()
    expect(page.get_by_role("status").first).to_contain_text("Anh/chị đã nhận")
    expect(replies(person).last).to_contain_text("đang đọc lời nhắn", timeout=WAIT_MS)
    picture(person, "3-taken")

    page.fill("#text", "Tôi đang viết dở")
    type_in(person, "thế bao giờ có lớp")
    expect(page.locator("#thread")).to_contain_text("thế bao giờ có lớp", timeout=WAIT_MS)
    assert page.input_value("#text") == "Tôi đang viết dở", "what is typed stays"
    looked_at(page, picture, "4-news")
    assert person.locator("#typing").is_hidden()

    page.fill("#text", "Chị được học. Lớp mở tháng 12 ở nhà văn hóa.")
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.locator(".said.officer")).to_contain_text("Lớp mở tháng 12")
    expect(page.locator(".said.officer")).to_contain_text("đã gửi", timeout=WAIT_MS)
    expect(replies(person).last).to_contain_text("Cán bộ xã Nà Pàn (xã ví dụ): Chị được học.", timeout=WAIT_MS)
    picture(person, "5-answered")
    looked_at(page, picture, "6-answered")

    page.get_by_role("button", name="Đã trả lời xong").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bà con chờ cán bộ trả lời")
    expect(replies(person).last).to_contain_text("lại trả lời anh/chị", timeout=WAIT_MS)
    said(person, "học may ở đâu")
    picture(person, "7-assistant")


def test_everything_works_without_scripts_and_a_saved_reply_is_put_in(desk, phone, picture):
    person = phone()
    asks(person, "Tôi hỏi giấy tờ")
    page = desk(java_script_enabled=False)
    page.get_by_role("link", name="Sửa các câu lưu sẵn").click()
    page.get_by_label("Tên gọi ngắn").first.fill("Giấy tờ")
    page.get_by_label("Nội dung").first.fill("Anh/chị mang căn cước ra xã nhé.")
    page.get_by_role("button", name="Lưu").first.click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu câu trả lời")
    picture(page, "replies")
    page.get_by_role("link", name="← Chờ trả lời").click()
    page.locator("article", has_text="Tôi hỏi giấy tờ").get_by_role("link", name="Xem và trả lời").click()
    page.get_by_label("Câu trả lời lưu sẵn").select_option(label="Giấy tờ")
    page.get_by_role("button", name="Chèn vào ô").click()
    expect(page.locator("#text")).to_have_value("Anh/chị mang căn cước ra xã nhé.")
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.locator(".said.officer")).to_contain_text("mang căn cước")
    expect(replies(person).last).to_contain_text("mang căn cước", timeout=WAIT_MS)
    page.get_by_role("button", name="Đã trả lời xong").click()


def test_who_waits_too_long_stands_in_red_and_saved_replies_can_be_read(desk, phone, program, picture):
    asks(phone(), "Tôi hỏi từ tuần trước")
    with sqlite3.connect(program.folder / "data" / "demo" / "hocnghe.sqlite3") as db:
        db.execute("UPDATE tickets SET waiting_since = '2026-11-02 02:00:00.000000' WHERE state = 'open'")
    page = desk()
    card = page.locator("article.late", has_text="Chờ quá lâu").first
    assert card.evaluate("e => getComputedStyle(e).borderTopColor") == "rgb(161, 18, 18)"
    looked_at(page, picture, "late")
    while page.get_by_role("button", name="Đã trả lời xong").count():
        page.get_by_role("button", name="Đã trả lời xong").first.click()
    expect(page.get_by_text("Không có ai đang chờ.")).to_be_visible()
    page.get_by_role("link", name="Sửa các câu lưu sẵn").click()
    page.get_by_label("Tên gọi ngắn").first.fill("Giờ làm việc")
    page.get_by_label("Nội dung").first.fill("Xã làm việc từ 7 giờ 30.")
    page.get_by_role("button", name="Lưu").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    looked_at(page, picture, "replies")
