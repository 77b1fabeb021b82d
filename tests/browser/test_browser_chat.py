"""The chat as a person has it in hand: a phone of 360×640 on a bad network."""

import signal

import openpyxl
import pytest
from browser.talking import greeted, last, mine, replies, said, tapped, type_in
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
COMMUNE = "99001"
MESSAGES = "**/chat/messages"


def test_a_person_registers_by_taps_and_words_and_stands_in_the_workbook(phone, program, picture, tmp_path):
    page = greeted(phone())
    picture(page, "1-hello")
    tapped(page, "Được hỗ trợ bao nhiêu tiền")
    assert "4.000.000 đồng" in last(page)
    picture(page, "2-money")
    said(page, "toi muon dang ky hoc nau an")
    picture(page, "3-consent")
    tapped(page, "Đồng ý cả ba")
    for _ in range(12):
        if "Số biên nhận" in last(page):
            break
        answer(page)
        picture(page, f"4-form-{len(mine(page)):02}")
    receipt = last(page).split("HN-")[1][:6]
    picture(page, "5-receipt")
    out = tmp_path / "list.xlsx"
    program.run("leads", "export", "--demo", "--commune", COMMUNE, "--out", str(out))
    rows = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    cells = [str(cell) for row in rows for cell in row if cell]
    assert "Lò Thị Mẫu" in cells
    assert "0900000123" in [c.replace(" ", "") for c in cells]
    assert any(receipt in c for c in cells)


ANSWERS = {
    "Anh/chị đang ở xã": "Xã Nà Pàn",
    "Ở thôn": "bản Mới",
    "Họ và tên": "Lò Thị Mẫu",
    "sinh năm nào": "1981",
    "Số điện thoại": "0900000123",
}


def answer(page):
    """Answer what is asked: with words, or with the first choice."""
    for question, words in ANSWERS.items():
        if question in last(page) and "Anh/chị xem lại" not in last(page):
            said(page, words)
            return
    tapped(page, "1. ")


def test_a_reload_keeps_the_talk_and_does_not_greet_twice(phone):
    page = greeted(phone())
    tapped(page, "Được hỗ trợ bao nhiêu tiền")
    before = replies(page).all_inner_texts()
    for _ in range(2):
        page.reload()
        expect(replies(page)).to_have_count(len(before))
        assert replies(page).all_inner_texts() == before
        assert mine(page) == ["Được hỗ trợ bao nhiêu tiền?"]
    expect(page.locator(".choices button").first).to_be_visible()


def test_what_is_typed_without_network_waits_and_is_sent_once_in_order(phone, picture):
    page = greeted(phone())
    page.context.set_offline(True)
    type_in(page, "học ở đâu?")
    type_in(page, "cần giấy tờ gì?")
    expect(page.locator(".note")).to_have_text(["đang chờ mạng", "đang chờ mạng"])
    expect(page.locator("#state")).to_contain_text("Mất mạng")
    picture(page, "offline")
    page.context.set_offline(False)
    expect(replies(page)).to_have_count(3)
    expect(page.locator(".note")).to_have_count(0)
    expect(page.locator("#state")).to_be_empty()
    order = page.locator(".message").evaluate_all("nodes => nodes.map(n => n.className)")
    assert order == ["message bot", "message me", "message bot", "message me", "message bot"]
    page.reload()
    expect(replies(page)).to_have_count(3)
    assert mine(page) == ["học ở đâu?", "cần giấy tờ gì?"]


def test_what_waits_for_the_network_outlives_a_reload(phone):
    page = greeted(phone())
    page.route(MESSAGES, lambda route: route.abort())
    type_in(page, "học ở đâu?")
    expect(page.locator(".note")).to_have_text("đang chờ mạng")
    page.reload()
    expect(page.locator("#waiting .me .bubble")).to_have_text("học ở đâu?")
    page.unroute(MESSAGES)
    page.reload()
    expect(replies(page)).to_have_count(2)
    assert mine(page) == ["học ở đâu?"]
    assert page.evaluate("localStorage.length") == 0


def test_a_message_whose_answer_was_lost_is_not_taken_twice(phone):
    page = greeted(phone())
    sent = []

    def lose(route):
        sent.append(route.request.post_data_json["id"])
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    page.route(MESSAGES, lose)
    type_in(page, "học ở đâu?")
    expect(replies(page)).to_have_count(2)
    expect(page.locator("#state")).to_be_empty()
    for _ in range(100):  # the reply may come by its own way before the message is said again
        if len(sent) == 2:
            break
        page.wait_for_timeout(50)
    assert len(sent) == 2
    assert len(set(sent)) == 1
    page.reload()
    expect(replies(page)).to_have_count(2)
    assert mine(page) == ["học ở đâu?"]


def test_the_chat_goes_on_after_the_program_was_killed(phone, program):
    page = greeted(phone())
    program.stop(signal.SIGKILL)
    type_in(page, "học ở đâu?")
    expect(page.locator(".note")).to_have_text("đang chờ mạng")
    program.start()
    expect(replies(page)).to_have_count(2)
    said(page, "cảm ơn")
    assert mine(page) == ["học ở đâu?", "cảm ơn"]


def test_replies_come_even_where_the_network_lets_no_stream_through(phone):
    page = greeted(phone(before=lambda page: page.route("**/chat/events*", lambda route: route.abort())))
    said(page, "học ở đâu?")
    assert replies(page).count() == 2


def test_two_tabs_of_one_browser_show_the_same_talk(phone, program):
    first = greeted(phone())
    second = first.context.new_page()
    second.goto(program.url)
    expect(replies(second)).to_have_count(1)
    first.bring_to_front()
    said(first, "học ở đâu?")
    expect(replies(second)).to_have_count(2)
    second.bring_to_front()
    tapped(second, "1. ")
    expect(replies(first)).to_have_count(3)
    assert len(mine(first)) == len(mine(second)) == 2
    assert first.locator(".message .bubble").all_inner_texts() == second.locator(".message .bubble").all_inner_texts()


def test_erasing_from_the_device_leaves_nothing_on_it(phone, program, picture):
    page = greeted(phone())
    other = page.context.new_page()
    other.goto(program.url)
    page.bring_to_front()
    said(page, "nhà tôi là hộ nghèo")
    cookie = page.context.cookies()[0]["value"]
    page.locator("#more").tap()
    picture(page, "menu")
    page.locator("#forget").tap()
    picture(page, "question")
    page.locator("#forget-no").tap()
    assert "nhà tôi là hộ nghèo" in mine(page)
    page.locator("#more").tap()
    page.locator("#forget").tap()
    page.locator("#forget-yes").tap()
    expect(page.locator(".notice button")).to_be_visible()
    picture(page, "done")
    for tab in (page, other):
        expect(tab.locator(".notice")).to_contain_text("Máy này đã quên")
        expect(tab.locator(".message")).to_have_count(0)
        expect(tab.locator("#composer")).to_be_hidden()
    assert page.context.cookies()[0]["value"] != cookie
    page.locator(".notice button").tap()
    greeted(page)
    assert mine(page) == []


def test_after_half_an_idle_hour_the_screen_is_cleared(phone, picture):
    page = greeted(phone(before=lambda page: page.clock.install()))
    said(page, "nhà tôi là hộ nghèo")
    page.clock.fast_forward("31:00")
    expect(page.locator(".notice")).to_contain_text("Lâu không ai dùng")
    expect(page.locator(".message")).to_have_count(0)
    picture(page, "idle")


def test_the_page_can_be_had_in_english(phone, picture):
    page = greeted(phone())
    page.locator("#more").tap()
    page.locator("#menu button", has_text="English").tap()
    expect(page.locator("#composer button")).to_have_text("Send")
    expect(page.locator(".choices button").first).to_be_visible()
    picture(page, "english")
    visitor = greeted(phone("?lang=en"))
    expect(visitor.locator("h1 + p")).to_have_text("Automatic assistant")
    assert replies(visitor).count() == 1


def test_html_is_shown_as_text(phone):
    page = greeted(phone())
    said(page, "<img src=x onerror=alert(1)><b>học nghề</b>")
    assert mine(page) == ["<img src=x onerror=alert(1)><b>học nghề</b>"]
    assert page.locator("#log img, #log b").count() == 0


def test_a_message_that_cannot_be_taken_does_not_block_the_rest(phone):
    page = greeted(phone(before=lambda page: page.clock.install()))
    broken = '{"error": "trouble", "message": "Máy đang trục trặc."}'
    page.route(MESSAGES, lambda route: route.fulfill(status=503, body=broken, content_type="application/json"))
    type_in(page, "học ở đâu?")
    expect(page.locator("#state")).to_contain_text("trục trặc")
    for _ in range(5):
        page.clock.fast_forward("00:40")
        page.wait_for_timeout(50)
    expect(page.locator(".notice")).to_contain_text("gõ cách khác")
    page.unroute(MESSAGES)
    said(page, "cần giấy tờ gì?")
