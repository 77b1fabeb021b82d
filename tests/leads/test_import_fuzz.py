"""Whatever stands in a workbook: it is read, refused or rejected with words, never with a stack trace."""

import io
from contextlib import suppress
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leads.sheets import SAY, book, rules

from bot.leads import courses, importing, reading
from bot.leads.headings import COURSES, LEADS, known
from bot.leads.reading import Sheet, WorkbookRefused

CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=True, allow_infinity=True),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.sampled_from(
        ("Lò Thị Mẫu", "0900000001", "1981", "12/03/1981", "31/02/1990", "Nam", "=1+1", "HN-AAAAAA", "Hàn")
    ),
)
ROWS = st.lists(st.lists(CELLS, max_size=24).map(tuple), max_size=6)
LEAD_HEADINGS, COURSE_HEADINGS = list(known("lead", LEADS)), list(known("course", COURSES))
QUICK = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(headings=st.lists(st.sampled_from(LEAD_HEADINGS), max_size=12), rows=ROWS)
def test_any_list_of_people(headings, rows):
    sheet = Sheet("s", [("họ và tên", "năm sinh", *headings), *rows])
    found = importing.preview(sheet, rules())
    numbers = [r.row for r in (*found.accepted, *found.rejected)] + list(found.skipped)
    assert len(numbers) == len(set(numbers)) <= len(rows)
    assert all(r.reason and r.why for r in found.rejected)
    assert all(r.applicant.full_name and r.trade_text for r in found.accepted)


@QUICK
@given(headings=st.lists(st.sampled_from(COURSE_HEADINGS), max_size=9), rows=ROWS)
def test_any_list_of_classes(headings, rows):
    sheet = Sheet("s", [("tên lớp", "nghề", "ngày khai giảng", *headings), *rows])
    found = courses.preview(sheet, rules())
    assert len(found.accepted) + len(found.rejected) <= len(rows)
    assert all(r.reason for r in found.rejected)


WHOLE = book(["Họ và tên", "Năm sinh"], ["Lò Thị Mẫu", 1981]).read()


@settings(QUICK, max_examples=80)
@given(changes=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damage_to_a_file(changes):
    damaged = bytearray(WHOLE)
    for at, value in changes:
        damaged[at] = value
    with suppress(WorkbookRefused):
        assert isinstance(reading.read(io.BytesIO(bytes(damaged)), SAY), Sheet)
