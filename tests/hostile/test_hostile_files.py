"""Files: what strangers typed never runs in a workbook; what they upload is what it says, small, and named by us."""

import io
import os
import re
import struct
import zipfile
import zlib

import pytest
import pytest_asyncio
from aiohttp import FormData
from desk.desk_pictures import png
from desk.desk_stage import FAR, HERE
from hostile.hostile_world import plant
from leads.sheets import book, repacked, zipped

from bot.leads import plain_book

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIGNS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x")',
)
BOOKS = (
    ("GET", "/desk/announcements/{announcement}/call-list.xlsx"),
    ("GET", "/desk/announcements/{announcement}/each.xlsx"),
    ("POST", "/desk/workbook"),
    ("POST", "/desk/figures/xlsx"),
    ("POST", "/desk/report/xlsx"),
    ("POST", "/desk/report/docx"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(stage):
    """An admin, signed in."""
    return await stage.signed_in(stage.hire("=Quản trị", "admin", ()))


def parts(body):
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return {
            name: packed.read(name).decode("utf-8", "replace") for name in packed.namelist() if name.endswith(".xml")
        }


async def test_no_workbook_holds_a_formula_whatever_people_typed(stage, admin):
    ids = await plant(stage, admin, admin, HERE, "=1+1")
    for number, sign in enumerate(SIGNS, 10):
        stage.lead(number, full_name=sign, hamlet=sign, told_by=sign, trade="", course=ids["class"], phone="")
        stage.lead(
            number + 50, full_name=f"{sign}\x07\x0b\x1f\ufffe\uffff", hamlet=f"{sign}\x00\x0c", course=ids["class"]
        )
    for method, path in BOOKS:
        at = path.format(**ids)
        fields = {"commune": HERE, "place": HERE, "year": "2026"}
        answer = await (admin.get(at) if method == "GET" else admin.send(at, **fields))
        body = await answer.read()
        assert (answer.status, body[:2]) == (200, b"PK"), at
        for name, text in parts(body).items():
            assert not re.search(r"<f[ >]|externalLink|<w:fldSimple|DDEAUTO", text), (at, name)
        if not at.endswith(("figures/xlsx", "docx")):
            assert len(body) > 4_000, at


async def test_a_plain_workbook_is_texts_and_its_owners_alone(tmp_path):
    lines = [(sign, f"{sign}\x00\x0b", "0900000001", "") for sign in SIGNS]
    path = tmp_path / "out.xlsx"
    assert plain_book.write(path, ["=a", "b", "c", "d"], lines) == len(SIGNS)
    assert not re.search(r"<f[ >]", "".join(parts(path.read_bytes()).values()))
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / "link.xlsx").symlink_to(victim)
    plain_book.write(tmp_path / "link.xlsx", ["a"], [])
    assert victim.read_text() == "kept", "a link that lies there is not followed"


NAMES = (
    "../../x.xlsx",
    "/etc/passwd",
    "..\\..\\x.xlsx",
    "C:\\x.xlsx",
    "x\x00.xlsx",
    "CON.xlsx",
    "a" * 5000 + ".xlsx",
    "",
    ".",
    "x\r\nSet-Cookie: a=b",
    "<b>.xlsx",
    "\u202excod.xlsx",
)


async def test_the_name_of_a_file_leads_nowhere(stage, admin):
    here = set(stage.settings.data_dir.rglob("*"))
    body = book(["Họ và tên", "Năm sinh", "SĐT", "Nghề đăng ký"], ["Lò Thị Mẫu", 1981, "0900000901", "Nấu ăn"]).read()
    for name in NAMES:
        form = FormData()
        for key, value in {"csrf": await admin.token(), "what": "people", "commune": HERE}.items():
            form.add_field(key, value)
        form.add_field("file", io.BytesIO(body), filename=name.replace("\r\n", "%0d%0a").replace("\x00", "%00") or "x")
        answer = await admin.client.post("/desk/import", data=form, allow_redirects=False)
        assert answer.status == 303, name[:20]
        page = await admin.page(answer.headers["Location"])
        assert "<b>" not in page
        assert "Set-Cookie: a=b" not in str(answer.headers)
    assert {p for p in set(stage.settings.data_dir.rglob("*")) - here if "sqlite" not in p.name} == set()


def lying_size():
    """A part that says it is small and is not."""
    packed = bytearray(zipped({"xl/workbook.xml": b"<a/>" * 2_000_000}).read())
    at = packed.rfind(b"PK\x01\x02")
    packed[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(packed)


def many_texts():
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<si><t>a</t></si>" * 1_500_000
    return (
        repacked(book(["a"]), "[Content_Types].xml", lambda b: b).read()
        and zipped({"xl/sharedStrings.xml": text}).read()
    )


def wide(dimension):
    """A sheet that says, or has, cells far out."""
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return repacked(
        book(["a"]),
        "xl/worksheets/sheet1.xml",
        lambda b: b.replace(b"</sheetData>", (cell if dimension else b"") + b"</sheetData>").replace(
            b'ref="A1"', b'ref="A1:XFD1048576"'
        ),
    ).read()


def changed(name, change):
    return repacked(book(["a"]), name, change).read()


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
UPLOADS = {
    "unpacked size": lambda: zipped({"xl/workbook.xml": bytes(90 * 1024 * 1024)}).read(),
    "lying size": lying_size,
    "many parts": lambda: zipped({f"xl/{n}.xml": b"" for n in range(900)}).read(),
    "entities": lambda: changed("xl/workbook.xml", lambda b: LAUGHS + b),
    "entities, utf-16": lambda: changed("xl/workbook.xml", lambda b: (LAUGHS + b"<a/>").decode().encode("utf-16")),
    "entities of a sheet": lambda: changed("xl/worksheets/sheet1.xml", lambda b: LAUGHS + b),
    "many texts": many_texts,
    "far cell": lambda: wide(True),
    "wide dimension": lambda: wide(False),
    "old": lambda: b"\xd0\xcf\x11\xe0" + bytes(5000),
    "csv": lambda: "Họ và tên,Năm sinh\n=1+1,1990".encode(),
    "html": lambda: b"<html><table><tr><td>=1</td></tr></table></html>",
    "nothing": lambda: b"PK",
    "a zip of a zip": lambda: zipped({"a.xlsx": book(["a"]).read()}).read(),
    "paths": lambda: zipped({"../../x": b"a", "/etc/x": b"a", "xl/workbook.xml": b"<a/>"}).read(),
    "a picture": png,
}  # fmt: skip


@pytest.mark.parametrize("what", UPLOADS)
async def test_a_workbook_made_to_hurt_is_refused_kindly(stage, admin, what):
    before = len(stage.audited())
    answer = await admin.upload("/desk/import", UPLOADS[what](), "x.xlsx", "file", what="people", commune=HERE)
    assert answer.status in (303, 400, 413), what
    if answer.status == 303:  # read to its end: an empty list, no more
        assert what in ("wide dimension", "far cell")
    assert "Traceback" not in await answer.text()
    assert len(stage.audited()) == before
    assert (await admin.get("/desk")).status == 200


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def huge_picture():
    """65,000 by 65,000 in a few kilobytes: to draw it, a browser or a platform would need 12 GB."""
    head = struct.pack(">IIBBBBB", 65_000, 65_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


PICTURES = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "gif": b"GIF89a/*",
    "html behind a png's mark": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
    "huge": huge_picture(),
    "huge jpeg": b"\xff\xd8\xff\xc0\x00\x11\x08\xfd\xe8\xfd\xe8"
    + b"\x03\x01\x22\x00" * 2
    + b"\x00\xff\xda\x00\x02\x00\xff\xd9",
    "pdf": b"%PDF-1.7",
}


@pytest.mark.parametrize("what", PICTURES)
async def test_what_is_no_plain_picture_is_refused(stage, admin, what):
    answer = await admin.upload("/desk/classes/vi-du-1/poster", PICTURES[what], "x.png")
    assert answer.status == 400, what
    form = {"text": "Lời", "interest": "all", f"commune_{FAR}": "1"}
    answer = await admin.upload("/desk/announcements/new", PICTURES[what], "x.png", "photo", **form)
    assert answer.status == 400, what


async def test_a_file_within_a_picture_is_cut_off(stage, admin):
    """A picture that is a page or a program, too: what does not draw is not kept."""
    both = png() + b"<script>alert(1)</script>" + zipped({"a": b"b"}).read()
    assert (await admin.upload("/desk/classes/vi-du-1/poster", both)).status == 303
    at = re.search(r'src="(/posters/[^"]+)"', await admin.page("/desk/classes/vi-du-1"))[1]
    shown = await stage.browser().get(at)
    assert b"<script>" not in await shown.read()
    assert (shown.content_type, shown.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
