"""The commands as a person types them: the real program as a process of its own, on a fresh data folder."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.process


def run(data_dir: Path, *words: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    known = {k: v for k, v in os.environ.items() if not k.startswith("HOCNGHE_")}
    known |= {"HOCNGHE_DATA_DIR": str(data_dir), **environment}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, input=stdin, env=known, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_registration_typed_in_the_terminal_stands_in_the_workbook(tmp_path):
    said = [
        "tôi muốn đăng ký học nghề", "Đồng ý cả ba (a, b, c)", "nấu ăn", "nà pàn", "bản Mẫu", "=Lò Thị Mẫu".lstrip("="),
        "1981", "0900 000 001", "Đúng, gửi đăng ký",
    ]  # fmt: skip
    talk = run(tmp_path, "chat", "--plain", "--demo", stdin="\n".join(said) + "\n")
    assert talk.returncode == 0, talk.stderr
    assert "Số biên nhận: HN-" in talk.stdout
    assert talk.stdout.count("\n--\n") == len(said)

    look = ("announce", "--commune", "99001", "--text", "Xã mở lớp", "--trade", "nấu ăn", "--demo")
    told = json.loads(run(tmp_path, *look, "--dry-run", "--json").stdout)
    assert (told["recipients"], told["excluded"]) == (0, {"web_only": 1}), "a terminal is no chat to write to"

    assert run(tmp_path, *look).returncode == 0
    twice = run(tmp_path, *look)
    assert (twice.returncode, "add --again" in twice.stderr) == (2, True), twice.stderr
    assert run(tmp_path, *look, "--again").returncode == 0, "it is meant"

    out = tmp_path / "list.xlsx"
    export = run(tmp_path, "leads", "export", "--commune", "99001", "--out", str(out), "--demo")
    assert export.returncode == 0, export.stderr
    cells = [c for row in load_workbook(out).active.iter_rows() for c in row if c.value is not None]
    phone = next(c for c in cells if c.value == "0900000001")
    assert phone.data_type == "s"
    assert {"Lò Thị Mẫu", "bản Mẫu", "Nấu ăn", "1981"} <= {str(c.value) for c in cells}


def test_one_question_as_json(tmp_path):
    done = run(tmp_path, "ask", "tiền ăn được hỗ trợ bao nhiêu", "--json", "--on", "2026-11-22")
    told = json.loads(done.stdout)
    assert told["decision"] == "answer"
    assert told["topics"][0]["id"] == "support_meals_travel"
    assert "50.000 đồng" in told["reply"]
    assert told["sources"]
    assert told["ms"] >= 0


def test_many_questions_from_a_file(tmp_path):
    asked = tmp_path / "in.jsonl"
    asked.write_text('{"id": "a", "text": "học phí bao nhiêu"}\n\n{"id": "b", "text": "xin chào", "labels": ["x"]}\n')
    done = run(tmp_path, "ask", "--file", str(asked), "--json")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a", "b"]


def test_places_are_added_by_code_with_leading_zeros(tmp_path):
    assert "Than Uyên" in run(tmp_path, "place", "add", "03595").stdout
    assert run(tmp_path, "place", "list").stdout.startswith("03595\t")
    wrong = run(tmp_path, "place", "add", "3595")
    assert wrong.returncode == 2
    assert "leading zeros" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_the_demonstration_refuses_to_start_beside_a_real_token(tmp_path):
    done = run(tmp_path, "serve", "--demo", HOCNGHE_TELEGRAM_TOKEN="0:token")
    assert done.returncode == 2
    assert "HOCNGHE_TELEGRAM_TOKEN" in done.stderr


def test_all_faults_of_the_settings_are_told_at_once(tmp_path):
    done = run(tmp_path, "place", "list", HOCNGHE_TIMEZONE="Moon/Base", HOCNGHE_SECRET_KEY="short")
    assert done.returncode == 2
    assert "HOCNGHE_TIMEZONE" in done.stderr
    assert "HOCNGHE_SECRET_KEY" in done.stderr


def test_retention_can_be_seen_and_changed(tmp_path):
    assert "lead\t730" in run(tmp_path, "retention").stdout
    assert "lead\t365" in run(tmp_path, "retention", "lead", "365").stdout
    assert run(tmp_path, "retention", "nothing", "5").returncode == 2


def test_an_officer_is_added_and_gets_a_link_to_the_desk(tmp_path):
    words = ("officer", "add", "Cán bộ ví dụ", "--commune", "03595")
    added = run(tmp_path, *words, HOCNGHE_PUBLIC_URL="https://hoc.example.vn")
    assert re.fullmatch(r"https://hoc\.example\.vn/desk/sign-in/[\w-]{43}\n", added.stdout), added.stderr
    assert run(tmp_path, "officer", "list").stdout == "1\tofficer\t03595\tCán bộ ví dụ\n"
    king = run(tmp_path, *words, "--role", "king")
    assert (king.returncode, "officer, coordinator, admin" in king.stderr) == (2, True)
    assert run(tmp_path, "officer", "link", "9").returncode == 2


def test_the_data_files_have_no_fault(tmp_path):
    done = run(tmp_path, "check")
    assert done.returncode == 0, done.stdout


def test_a_list_comes_back_without_doubling_anybody_and_a_person_is_erased_for_good(tmp_path):
    said = ["đăng ký", "abc", "nấu ăn", "nà pàn", "bản Mẫu", "Lò Thị Mẫu", "1981", "0900000001", "đúng"]
    talk = run(tmp_path, "chat", "--plain", "--demo", "--as", "me", stdin="\n".join(said) + "\n")
    receipt = talk.stdout.partition("Số biên nhận: ")[2][:9]
    exports = tmp_path / "demo" / "exports"
    exports.mkdir()
    listed = exports / "list.xlsx"
    run(tmp_path, "leads", "export", "--commune", "99001", "--out", str(listed), "--demo")
    done = run(tmp_path, "leads", "import", str(listed), "--commune", "99001", "--demo")
    assert "đã có, không đổi\t1" in done.stdout, done.stdout + done.stderr
    out = tmp_path / "person.json"
    assert run(tmp_path, "person", "export", receipt, "--out", str(out), "--demo").returncode == 0
    told = json.loads(out.read_text())
    assert told["people"][0]["full_name"] == "Lò Thị Mẫu"
    assert {"leads", "consents", "messages", "sessions"} <= told.keys()
    assert "họ tên: Lò Thị Mẫu" in out.with_suffix(".txt").read_text()
    assert run(tmp_path, "person", "erase", receipt, "--demo", stdin="n\n").returncode == 1
    assert run(tmp_path, "person", "erase", receipt, "--yes", "--demo").returncode == 0
    assert list(exports.iterdir()) == []
    gone = run(tmp_path, "person", "export", receipt, "--demo")
    assert gone.returncode == 2
    assert "nobody has this number" in gone.stderr
    assert (tmp_path / "demo" / "erasures.journal").read_text().count("\n") == 2


def test_classes_are_imported_with_every_rejected_row_and_its_reason(tmp_path):
    book = Workbook()
    for row in (["Tên lớp", "Nghề", "Ngày khai giảng", "Số chỗ"], ["May", "May công nghiệp", "05/01/2099", 30],
                ["Lớp lạ", "Lái tàu vũ trụ", "05/01/2027", 30]):  # fmt: skip
        book.active.append(row)
    soon = (datetime.now(UTC) + timedelta(days=40)).strftime("%d/%m/%Y")
    book.active["C2"] = book.active["C3"] = soon
    book.save(tmp_path / "classes.xlsx")
    taken_in = ("courses", "import", str(tmp_path / "classes.xlsx"), "--commune", "99001", "--demo")
    done, again = run(tmp_path, *taken_in), run(tmp_path, *taken_in)
    assert [r.returncode for r in (done, again)] == [0, 0], done.stderr
    assert "dòng 3\tLớp lạ\tChưa có nghề" in done.stderr
    assert "thêm mới" in done.stdout
    assert "đã có, sửa lại" in again.stdout
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04nothing")
    broken = run(tmp_path, "courses", "import", str(tmp_path / "broken.xlsx"), "--commune", "99001", "--demo")
    assert broken.returncode == 2
    assert "hỏng" in broken.stderr
    assert "Traceback" not in broken.stderr


def test_recipients_are_added_and_asked_for(tmp_path):
    here = ("--commune", "99001", "--demo")
    added = run(tmp_path, "recipient", "add", "Sở Mẫu", "https://so.example/in", *here, "--gets", "figures")
    assert "signing key" in added.stdout
    assert run(tmp_path, "recipient", "add", "Sở", "không phải thư", *here).returncode == 2
    assert run(tmp_path, "recipient", "send", "1", "--demo").returncode == 0
    listed = run(tmp_path, "recipient", "list", "--demo").stdout
    assert "figures\t0\twaiting" in listed
    assert "so.example" not in listed, "addresses stay out of lists"


def test_the_yearly_report_is_written_and_what_is_wrong_is_told(tmp_path):
    run(tmp_path, "place", "add", "06862")
    out = tmp_path / "report.docx"
    done = run(tmp_path, "report", "--commune", "06862", "--year", "2026", "--out", str(out))
    assert (done.returncode, done.stdout.strip()) == (0, str(out)), done.stderr
    assert out.stat().st_mode & 0o777 == 0o600
    told = "\n".join(p.text for p in Document(str(out)).paragraphs)
    assert "Kế hoạch số 01/KH-UBND ngày 02/01/2025" in told, "the plan of Quảng Ninh"
    whole = run(tmp_path, "report", "--province", "22", "--year", "2026", "--out", str(tmp_path / "all.xlsx"))
    assert whole.returncode == 0, whole.stderr
    assert load_workbook(tmp_path / "all.xlsx").sheetnames[-1].startswith("Biểu 4")
    for words in (("--commune", "22"), ("--commune", "06862", "--province", "22"), ()):
        wrong = run(tmp_path, "report", *words, "--year", "2026", "--out", str(out))
        assert (wrong.returncode, "give either --commune" in wrong.stderr) == (2, True)
