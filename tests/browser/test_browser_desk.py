"""The desk as an officer sees it: every page on a phone and on an office PC, readable, by keyboard, without scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.process]
AUDIT = (Path(__file__).parent / "audit.js").read_text(encoding="utf-8")
SIZES = {"pc": {"width": 1366, "height": 768}, "phone": {"width": 360, "height": 640}}
PAGES = {
    "today": "/desk",
    "list": "/desk/people",
    "found": "/desk/people?q=mau&state=confirmed",
    "walk-in": "/desk/people/new",
    "classes": "/desk/classes",
    "class": "/desk/classes/vi-du-1",
    "class-form": "/desk/classes/vi-du-1/edit",
    "sheet": "/desk/classes/vi-du-1/sheet",
    "announcements": "/desk/announcements",
    "announcement-form": "/desk/announcements/new?course=vi-du-1",
    "waiting": "/desk/waiting",
    "figures": "/desk/figures",
    "figures-days": "/desk/figures?from=32/1/2026&to=1/2/2026",
    "report": "/desk/report",
    "account": "/desk/account",
    "audit": "/desk/audit",
    "officers": "/desk/officers",
    "nowhere": "/desk/people/999999",
    "calls": "/desk/calls",
    "paper": "/desk/people/1/paper",
    "identity": "/desk/identity",
}


def link(program, role="officer"):
    name = f"Cán bộ {role}"
    words = ("officer", "add", name, "--commune", "99001", "--role", role, "--demo", "--url", program.url)
    return program.run(*words).strip().splitlines()[-1]


def more(page, name):
    """A page of the head's second half."""
    page.locator("header summary").click()
    page.locator("header").get_by_role("link", name=name, exact=True).click()


@pytest.fixture
def desk(chromium, program):
    """Opens the desk, signed in by a link from the command line."""
    contexts, faults = [], []

    def enter(role="admin", **options):
        context = chromium.new_context(**{"viewport": SIZES["pc"], **options})
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Security" in message.text else None)
        page.goto(link(program, role))
        page.get_by_role("button", name="Vào bàn làm việc").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hôm nay")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert faults == []


def test_every_page_can_be_read_on_a_phone_and_on_a_pc(desk, program, picture):
    page = desk()
    page.goto(program.url + "desk/people")
    case = page.locator("tbody th a").first.get_attribute("href")
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for name, path in {**PAGES, "case": case}.items():
            page.goto(program.url.rstrip("/") + path)
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            picture(page, f"{size}-{name}")
            assert page.evaluate(AUDIT) == [], (size, name)


def test_the_pages_that_let_in_can_be_read(chromium, program, picture):
    context = chromium.new_context(viewport=SIZES["phone"])
    page = context.new_page()
    for name, path in {
        "ask": program.url + "desk",
        "link": link(program),
        "late": program.url + "desk/sign-in/x",
    }.items():
        page.goto(path)
        picture(page, name)
        assert page.evaluate(AUDIT) == [], name
    context.close()


def test_a_class_is_announced_to_the_assistant_and_a_poster_leads_to_it(desk, phone, picture):
    page = desk("officer")
    page.get_by_role("link", name="Mở lớp mới").click()
    page.get_by_role("button", name="Lưu").click()
    picture(page, "faults")
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert page.evaluate(AUDIT) == []
    page.get_by_label("Nghề").select_option(label="Nuôi lợn")
    page.get_by_label("Tên lớp").fill("Nuôi lợn nái")
    page.get_by_label("Nơi học").fill("Nhà văn hóa Bản Thử")
    page.get_by_label("Số chỗ").fill("20")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu")
    page.get_by_role("link", name="Tờ in có mã QR").click()
    address = re.search(r"/(\?start=c-[\w-]+)", page.locator(".address").first.inner_text())
    page.wait_for_function("document.querySelector('figure img').naturalWidth > 100")
    chat = phone(address[1])
    expect(chat.locator(".bot", has_text="đồng ý").first).to_be_visible()
    assert "start=" not in chat.url


def test_a_person_is_called_by_keyboard_alone(desk, program, picture):
    page = desk("officer")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")  # the first thing to do
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Danh sách đăng ký")
    page.locator("tbody th a").first.focus()
    page.keyboard.press("Enter")
    opener = page.get_by_role("button", name="Xem đủ họ tên, số điện thoại")
    opener.focus()
    picture(page, "focus")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Enter")
    expect(page.locator("a[href^=tel]")).to_be_visible()
    page.get_by_label("Nói gì").focus()
    page.keyboard.type("Hẹn thứ Hai")
    page.keyboard.press("Tab")
    page.keyboard.type("30/11/2099")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_contain_text("hẹn gọi lại 30/11/2099")
    picture(page, "called")


def test_the_head_is_two_rows_on_a_phone_and_its_second_half_opens_by_keyboard(desk, program, picture):
    page = desk(viewport=SIZES["phone"])
    for language in ("en", "vi"):
        page.goto(f"{program.url}desk?lang={language}")
        assert page.locator("header").bounding_box()["height"] <= 2 * 52
    summary = page.locator("header summary")
    summary.focus()
    page.keyboard.press("Enter")
    picture(page, "open")
    assert page.evaluate(AUDIT) == []
    links = page.locator("header details a")
    edges = links.evaluate_all("all => all.map(a => [a.getBoundingClientRect().left, a.getBoundingClientRect().right])")
    assert all(left >= 0 and right <= 360 for left, right in edges)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == links.first.text_content()
    page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    for address in links.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        page.goto(program.url.rstrip("/") + address)
        here = page.locator("header [aria-current=page]")
        assert here.get_attribute("href") == address, address
        expect(summary).to_have_class("here")
    summary.click()
    page.locator("header details").get_by_role("button", name="Thoát").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vào bàn làm việc")


def test_without_scripts_everything_works(desk, program):
    page = desk("officer", java_script_enabled=False)
    page.goto(program.url + "desk/people?q=thu")
    expect(page.locator("#all")).to_be_hidden()
    before = page.locator("tbody tr").count()
    assert before > 0
    page.locator("tbody input[name=id]").first.check()
    page.get_by_label("Những người đã chọn chuyển sang").select_option("not_eligible")
    page.get_by_role("button", name="Chuyển", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Đã chuyển tình trạng 1 đăng ký")
    page.locator("main summary").click()
    page.get_by_label("Tình trạng").first.select_option("not_eligible")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.locator("tbody .state.not_eligible").first).to_be_visible()


def test_figures_are_read_printed_and_taken_out_without_scripts(desk, program, picture):
    page = desk("officer", java_script_enabled=False)
    more(page, "Số liệu")
    expect(page.get_by_role("img", name="Từ lúc hỏi đến lúc có việc")).to_be_visible()
    month = page.get_by_label("Thời gian").locator("optgroup").nth(2).locator("option").first
    page.get_by_label("Thời gian").select_option(month.get_attribute("value"))
    page.get_by_role("button", name="Xem").click()
    expect(page.locator("h2.period")).to_contain_text("tháng")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Tải về Excel").click()
    assert re.fullmatch(r"so-lieu-99001-\d{4}-\d{2}\.xlsx", taken.value.suggested_filename)
    page.emulate_media(media="print")
    picture(page, "print")
    expect(page.get_by_role("button", name="Tải về Excel")).to_be_hidden()
    expect(page.get_by_role("table").first).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Báo cáo năm").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Tải về Word").click()
    assert taken.value.suggested_filename.startswith("bao-cao-dao-tao-nghe-99001-")
