"""Workbooks that cannot or must not be opened are refused with what to do, quickly and without filling memory."""

import io
import resource
import time

import pytest
from leads.sheets import SAY, book, repacked, sheet, zipped

from bot.leads import reading
from bot.leads.reading import WorkbookRefused

SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def zeros(megabytes):
    return zipped({"[Content_Types].xml": b"<x/>", SHEET: b"0" * (megabytes * 1024 * 1024)})


def with_doctype(content):
    start = content.index(b"<worksheet")
    return content[:start] + LAUGHS + content[start:]


def many_parts():
    return zipped({f"xl/part{n}.xml": b"<x/>" for n in range(reading.MOST_PARTS + 1)})


def far_row(content):
    return content.replace(b'<row r="1"', b'<row r="1048576"').replace(b'r="A1"', b'r="A1048576"')


CASES = {
    "not a workbook": (lambda: io.BytesIO(b"STT,Ho ten\n1,Mau\n"), "not_xlsx"),
    "nothing": (lambda: io.BytesIO(b""), "not_xlsx"),
    "an old or locked one": (lambda: io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "old_or_locked"),
    "cut off": (lambda: io.BytesIO(book(["Họ và tên"]).read()[:900]), "broken"),
    "a zip of something else": (lambda: zipped({"notes.txt": b"x"}), "broken"),
    "a bomb": (lambda: zeros(81), "bomb"),
    "too many parts": (many_parts, "bomb"),
    "entities": (lambda: repacked(book(["a"]), SHEET, with_doctype), "bomb"),
    "entities in another alphabet": (
        lambda: repacked(book(["a"]), SHEET, lambda c: with_doctype(c).decode().encode("utf-16")),
        "bomb",
    ),
    "shared strings without end": (
        lambda: zipped({"xl/sharedStrings.xml": b"0" * (reading.MOST_SHARED + 1), SHEET: b"<x/>"}),
        "bomb",
    ),
    "no row": (lambda: book(), "empty"),
    "a row a million rows down": (lambda: repacked(book(["a"]), SHEET, far_row), "empty"),
    "too many rows": (lambda: book(*([n] for n in range(202))), "too_many_rows"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_kindly(case, monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 200)
    make, why = CASES[case]
    packed = make()
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(WorkbookRefused) as refused:
        reading.read(packed, SAY)
    assert refused.value.why == why
    assert str(refused.value) == SAY.say(f"import.refused.{why}", most=reading.MOST_ROWS)
    assert time.perf_counter() - begun < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120 * 1024, "kilobytes"


def test_a_file_that_is_too_large_or_gone_is_refused(tmp_path, monkeypatch):
    (tmp_path / "big.xlsx").write_bytes(b"PK" + bytes(100))
    monkeypatch.setattr(reading, "MOST_BYTES", 50)
    for name, why in (("big.xlsx", "too_big"), ("none.xlsx", "unreadable")):
        with pytest.raises(WorkbookRefused) as refused:
            reading.load(tmp_path / name, SAY)
        assert refused.value.why == why


def test_cells_are_read_as_a_person_reads_them():
    read = sheet(["  Lò \n Thị ", 1981.0, True, None, "x" * 900, ""])
    assert read.rows[0][:2] == ("Lò Thị", 1981)
    assert len(read.rows[0]) == 5
    assert len(read.rows[0][4]) == reading.LONGEST_CELL
    assert [reading.as_text(c) for c in (1981.0, 1.5, None, "a")] == ["1981", "1.5", "", "a"]
