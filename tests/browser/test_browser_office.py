"""Excel, forwarding and data rights at the desk, as an officer does them: phone and PC, with and without scripts."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser.test_browser_desk import AUDIT, SIZES, desk, link, more  # noqa: F401 - `desk` is a fixture
from leads.sheets import book
from openpyxl import load_workbook
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
PAGES = {
    "workbook": "/desk/workbook?trade=cooking&q=mau",
    "import": "/desk/import",
    "import-classes": "/desk/import?what=classes",
    "forwarding": "/desk/forwarding",
    "recipient": "/desk/forwarding/new?offer=0",
    "requests": "/desk/requests",
    "today-asked": "/desk",
}
HEADINGS = ["STT", "Họ và tên", "Năm sinh", "Nghề đăng ký", "SĐT"]
OLD = (
    HEADINGS,
    [1, "Lò Thị Làm Thử", 1981, "May công nghiệp", "0900000061"],
    [2, "Lò Thị Mẫu", 1981, "May công nghiệp", "0900000012"],
    [3, "Vàng Thị Ví Dụ", 1800, "Nấu ăn", "0900000063"],
    [4, "Hoàng Văn Thử", 1990, "Nấu ăn", "12345"],
)
SOON = datetime.now(UTC).date() + timedelta(days=40)
CLASSES = (
    ["Tên lớp", "Nghề", "Địa điểm", "Ngày khai giảng", "Số chỗ"],
    ["Nuôi lợn khóa 2", "Nuôi lợn", "Nhà văn hóa Bản Thử", f"{SOON:%d/%m/%Y}", 25],
    ["May khóa 9", "May công nghiệp", "Nhà văn hóa xã", f"{SOON:%d/%m/%Y}", 30],
)


def upload(page, rows):
    content = {"name": "cu.xlsx", "mimeType": "application/octet-stream", "buffer": book(*rows).read()}
    page.get_by_label("Chọn tệp Excel").set_input_files([content])
    page.get_by_role("button", name="Xem trước").click()


def both_sizes(page, picture, name):
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        picture(page, f"{size}-{name}")
        assert page.evaluate(AUDIT) == [], (size, name)


def test_the_offices_pages_can_be_read_on_a_phone_and_on_a_pc(desk, program, picture):  # noqa: F811
    page = desk()
    root = program.url.rstrip("/")
    page.goto(root + "/desk/requests")
    page.get_by_label("Yêu cầu gì").select_option("erase")
    page.get_by_label("Ai yêu cầu").fill("Bà Mẫu")
    page.get_by_role("button", name="Ghi yêu cầu").click()
    for name, path in PAGES.items():
        page.goto(root + path)
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        both_sizes(page, picture, name)


def test_the_list_goes_to_excel_and_comes_back(desk, program, picture):  # noqa: F811
    page = desk("officer", java_script_enabled=False)
    page.goto(program.url + "desk/people")
    page.get_by_role("link", name="Tải Excel").click()
    page.get_by_label("Nghề").select_option("cooking")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Tải tệp Excel").click()
    path = Path(caught.value.path())
    assert caught.value.suggested_filename.startswith("danh-sach-hoc-nghe-99001")
    sheet = load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
    assert any("Nấu ăn" in str(c.value) for row in sheet.iter_rows() for c in row)
    page.goto(program.url + "desk/import")
    page.get_by_label("Chọn tệp Excel").set_input_files(path)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("main")).to_contain_text("Không có gì mới để ghi")


def test_an_old_list_and_classes_are_looked_at_and_taken_in(desk, program, picture):  # noqa: F811
    page = desk("officer")
    page.goto(program.url + "desk/import")
    upload(page, OLD)
    expect(page.get_by_role("main")).to_contain_text("Số điện thoại chưa đúng: 12345.")
    both_sizes(page, picture, "preview")
    page.get_by_role("button", name="Ghi vào danh sách").click()
    expect(page.locator(".fault")).to_be_visible()
    page.get_by_label("Những người trong tệp đã đồng ý").check()
    page.get_by_role("button", name="Ghi vào danh sách").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thêm")
    both_sizes(page, picture, "taken-in")
    page.goto(program.url + "desk/import?what=classes")
    upload(page, CLASSES)
    both_sizes(page, picture, "preview-classes")
    page.get_by_role("button", name="Lưu 2 lớp").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thêm 2 lớp")


def test_a_recipient_is_entered_and_a_program_gets_its_key_once(desk, program, picture):  # noqa: F811
    page = desk("officer")
    more(page, "Gửi đi")
    page.get_by_role("link", name="Thêm nơi này").first.click()
    page.get_by_label("Địa chỉ e-mail").fill("https://may.example/in")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name="Khóa ký của phần mềm nhận")).to_be_visible()
    both_sizes(page, picture, "key")
    page.get_by_role("button", name="Gửi ngay").first.click()
    expect(page.get_by_role("status")).to_contain_text("gửi trong một phút")
    both_sizes(page, picture, "deliveries")
    page.get_by_text("Việc khác").first.click()
    page.get_by_role("button", name="Ngừng gửi nơi này").first.click()
    expect(page.get_by_role("status")).to_contain_text("Đã ngừng")


def test_somebody_is_given_their_data_and_erased_by_keyboard(desk, program, picture):  # noqa: F811
    page = desk("officer")
    page.goto(program.url + "desk/people/new")
    page.get_by_label("Họ và tên đầy đủ").fill("Lò Thị Sẽ Xóa")
    page.get_by_label("Năm sinh").fill("1981")
    page.get_by_label("Số điện thoại", exact=True).fill("0900 000 071")
    page.get_by_label("Nghề", exact=True).select_option("cooking")
    page.get_by_label("Ghi tên, tuổi").check()
    page.get_by_role("button", name="Ghi vào danh sách").click()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Xuất thông tin (để in)").click()
    assert "0900000071" in Path(caught.value.path()).read_text("utf-8-sig")
    page.get_by_role("link", name="Xóa hết thông tin…").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/erase")
    both_sizes(page, picture, "erase")
    page.get_by_label("Gõ chữ").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fault")).to_contain_text("Chưa xóa gì")
    assert page.evaluate("document.activeElement.id") == "sure"
    page.keyboard.type("xoa")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Đã xóa hết thông tin")
