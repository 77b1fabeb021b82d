"""The request form from the chat: a link in the talk, a page on a phone, a file."""

from pathlib import Path

import pytest
from browser.talking import greeted, last, said, tapped
from browser.test_browser_chat import answer
from browser.test_browser_desk import AUDIT
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]


def test_after_the_receipt_the_form_is_two_taps_away(phone, program, picture):
    page = greeted(phone())
    said(page, "toi muon dang ky hoc nau an")
    tapped(page, "Đồng ý cả ba")
    for _ in range(12):
        if "Số biên nhận" in last(page):
            break
        answer(page)
    tapped(page, "Xin mẫu đơn điền sẵn")
    picture(page, "1-link")
    link = page.get_by_role("link", name="Mở mẫu đơn")
    with page.context.expect_page() as opened:
        link.tap()
    form = opened.value
    expect(form.get_by_role("heading", level=1)).to_contain_text("Mẫu số 01")
    assert "Lò Thị Mẫu" not in form.content()
    form.locator("summary").tap()
    picture(form, "2-form")
    assert form.evaluate(AUDIT) == []
    form.get_by_label("Số căn cước").fill("000999000999")
    with form.expect_download() as download:
        form.locator("form").get_by_role("button", name="Tải để in").tap()
    assert download.value.suggested_filename == "mau-so-01.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


def test_without_a_registration_the_empty_form_is_given(phone):
    page = greeted(phone())
    said(page, "xin mẫu đơn")
    with page.expect_download() as download:
        page.get_by_role("link", name="Mở mẫu đơn").tap()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
