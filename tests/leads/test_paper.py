"""The request form: the decree's own words, filled in with what was given and nothing else; A4, no letter missing."""

import io
import re
import warnings
from dataclasses import replace
from datetime import date

import pytest
from store.factories import APPLICANT

from bot.leads.paper import content, docx, pdf
from bot.leads.paper.content import FILL, Box, Gap

SOMEBODY = replace(APPLICANT, birth_date=date(1990, 3, 5))
TYPED = {"sex": "female", "group": "rural", "number": "000000000001", "pay": "cash"}


def known(typed, who=SOMEBODY):
    return content.known_of(who, "Xã Ví Dụ", "Tỉnh Mẫu", typed)


def text(lines):
    shown = {Box: lambda b: "[x]" if b.ticked else "[ ]", Gap: lambda g: "…"}
    return "\n".join("".join(p if isinstance(p, str) else shown[type(p)](p) for p in line.parts) for line in lines)


def test_what_was_given_stands_in_its_place():
    said = text(content.lines(known(TYPED)))
    for line in (
        "Kính gửi: Ủy ban nhân dân xã Ví Dụ.",
        "a) Họ và tên: Nguyễn Thị Mẫu",
        "b) Ngày, tháng, năm sinh: 05/03/1990",
        "c) Giới tính: Nữ",
        "d) CCCD/CC/Hộ chiếu số: 000000000001 cấp ngày",
        "đ) Nơi ở hiện tại¹: Thôn Ví Dụ, xã Ví Dụ, tỉnh Mẫu",
        "e) Điện thoại liên hệ (nếu có): 0900000001 Email: …",
        "Lao động nông thôn [x]",
        "Thanh niên hoàn thành nghĩa vụ quân sự [ ]",
        "Tiền mặt [x]   Chuyển khoản [ ]",
        "Nghị định số 338/2025/NĐ-CP ngày 25/12/2025",
    ):
        assert line in said


def test_what_is_not_known_is_a_dotted_line_and_nothing_is_ticked():
    lines = content.lines({})
    assert not any(isinstance(p, Box) and p.ticked for line in lines for p in line.parts)
    assert sum(isinstance(p, Gap) for line in lines for p in line.parts) >= 20
    assert "a) Họ và tên: …" in text(lines)
    year_alone = text(content.lines(known({}, APPLICANT)))
    assert "…… /…… /1990" in year_alone


def test_every_field_that_may_be_typed_has_its_place_in_the_form():
    for name in content.TYPED:
        assert "Zq9" in text(content.lines({name: "Zq9"})), name
    for name in ("group", "pay"):
        for value in content.CHOSEN[name]:
            assert text(content.lines({name: value})).count("[x]") == 1, value


@pytest.mark.parametrize("typed", [{}, TYPED, dict.fromkeys(content.TYPED, "Ỹ" * 60)])
def test_the_pdf_is_two_a4_pages_with_every_letter(typed):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = pdf.render(content.lines(known(typed)), "Mẫu")
    assert made.startswith(b"%PDF-")
    assert re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", made)[0] == (b"595.28", b"841.89")
    assert len(re.findall(rb"/Type /Page\b", made)) == 2
    assert len(made) < 60_000


def test_no_letter_of_the_form_is_missing_in_its_font(caplog):
    from fontTools.ttLib import TTFont

    letters = set(text(content.lines(known({})))) | set(
        "ăâđêôơưĂÂĐÊÔƠƯ" + "".join(chr(c) for c in range(0x1EA0, 0x1EFA))
    )
    for name in ("Regular", "Bold"):
        has = TTFont(content.files("bot.leads.paper") / "fonts" / f"Tinos-{name}.ttf").getBestCmap()
        assert [c for c in letters if c.isprintable() and ord(c) not in has] == []
    pdf.render(content.lines(known(TYPED)), "Mẫu")
    assert "missing" not in caplog.text


def test_word_gets_the_same_words():
    from docx import Document

    document = Document(io.BytesIO(docx.render(content.lines(known(TYPED)), "Mẫu")))
    said = "\n".join(p.text for p in document.paragraphs)
    assert "a) Họ và tên: Nguyễn Thị Mẫu" in said
    assert "Lao động nông thôn  ☒" in said
    assert said.count("□") == 5
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert document.core_properties.author == ""
    assert FILL == 0
