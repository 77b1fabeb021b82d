"""person, courses, leads import, recipient: what officers do on the desk, from the shell."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import common
from bot.commands.common import Demo
from bot.commands.keeping import leads_app
from bot.model import BotError

if TYPE_CHECKING:
    from bot.leads.importing import Reading, Rejected
    from bot.store.sql_rights import SqlRights

app = typer.Typer()
person_app = typer.Typer(no_args_is_help=True, help="Quyền của người có tên: xem, xóa thông tin.")
courses_app = typer.Typer(no_args_is_help=True, help="Các lớp của xã.")
recipient_app = typer.Typer(no_args_is_help=True, help="Nơi nhận danh sách của xã.")
app.add_typer(person_app, name="person")
app.add_typer(courses_app, name="courses")
app.add_typer(recipient_app, name="recipient")

Ident = Annotated[str, typer.Argument(help="Số biên nhận (HN-……) hoặc số của người trong sổ.")]
Commune = Annotated[str, typer.Option(help="Mã xã.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ xem trước, không ghi gì.")]
BY_SHELL = "shell"


@person_app.command("export")
def person_export(
    ident: Ident,
    out: Annotated[Path | None, typer.Option(help="Tệp .json sẽ ghi; bản đọc được ghi cạnh đó (.txt).")] = None,
    demo: Demo = False,
) -> None:
    """Xuất mọi thông tin đang giữ về một người: JSON và bản đọc được."""
    from bot.i18n import language
    from bot.leads import rights

    with common.store(demo=demo) as store, store.desk() as desk:
        person = _person(desk.rights, ident)
        file = desk.rights.file(person)
        desk.audit(None, "exported", f"person:{person}", _now(demo=demo))
    if out is None:
        typer.echo(rights.as_json(file))
        return
    for path, text in ((out, rights.as_json(file)), (out.with_suffix(".txt"), rights.readable(file, language()))):
        try:
            path.touch(mode=0o600)
            path.write_text(f"{text}\n", encoding="utf-8", errors="replace")
        except OSError as fault:
            raise BotError(f"{path}: cannot be written: {fault.strerror}: choose another folder.") from fault
        typer.echo(str(path))


@person_app.command("erase")
def person_erase(
    ident: Ident,
    yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại.")] = False,
    demo: Demo = False,
) -> None:
    """Xóa mọi thông tin về một người; không lấy lại được."""
    from bot import jobs, wiring

    settings = common.settings(demo=demo)
    with common.store(demo=demo) as store:
        with store.people() as unit:
            person = _person(unit.rights, ident)
        if not yes:
            typer.confirm(f"Xóa hết thông tin của người số {person}? Không lấy lại được.", abort=True)
        with store.desk() as desk:
            desk.rights.erase(person, wiring.clock(settings)())
            desk.audit(None, "erased", f"person:{person}", wiring.clock(settings)())
        jobs.after_erasures(store, settings.data_dir, settings.backups)
    typer.echo(f"Đã xóa người số {person}.")


def _now(*, demo: bool) -> datetime:
    from bot import wiring

    return wiring.clock(common.settings(demo=demo))()


def _person(rights: "SqlRights", ident: str) -> int:
    found = rights.person(ident)
    if found is None:
        raise BotError(f"{ident}: nobody has this number or receipt: look it up in the list (hocnghe leads export).")
    return found


@courses_app.command("import")
def courses_import(file: Path, commune: Commune, dry_run: DryRun = False, demo: Demo = False) -> None:
    """Nhập các lớp từ Excel: in từng dòng bị từ chối và lý do; lớp đã có thì ghi đè."""
    from bot.leads import courses, reading
    from bot.store.desk_port import Scope

    known = _reading(commune, demo=demo)
    sheet = reading.load(file, known.say)
    with common.store(demo=demo) as store, store.desk() as desk:
        here = Scope(frozenset({commune}))
        found = courses.preview(sheet, known, [v.course for v in desk.classes.all(here)])
        for planned in found.accepted if not dry_run else ():
            desk.classes.save(planned.course)
        if found.accepted and not dry_run:
            desk.audit(None, "imported", f"classes:{commune}:{len(found.accepted)}", _now(demo=demo))
    _rejected(found.rejected)
    for planned in found.accepted:
        fate = known.say.say("import.fate.changed" if planned.known else "import.fate.new")
        typer.echo(f"dòng {planned.row}\t{planned.course.title}\t{planned.course.starts_on:%d/%m/%Y}\t{fate}")
    typer.echo(f"{len(found.accepted)} lớp nhận, {len(found.rejected)} dòng bị từ chối{' (xem trước)' * dry_run}")
    raise typer.Exit(1 if found.rejected and not found.accepted else 0)


@leads_app.command("import")
def leads_import(file: Path, commune: Commune, dry_run: DryRun = False, demo: Demo = False) -> None:
    """Nhập danh sách cũ từ Excel: người đã có không bị ghi hai lần; in từng dòng bị từ chối và lý do."""
    from bot.leads import importing, intake, reading
    from bot.receipts import new_receipt

    known = _reading(commune, demo=demo)
    sheet = reading.load(file, known.say)
    found = importing.preview(sheet, known)
    with common.store(demo=demo) as store, store.desk() as desk:
        plan = desk.intake.plan(commune, found.accepted)
        if not dry_run:
            now = _now(demo=demo)
            done = intake.apply(desk, plan, BY_SHELL, now, receipts=new_receipt)
            desk.audit(None, "imported", f"list:{commune}:{done.added + done.changed}", now)
    _rejected(found.rejected)
    for fate, number in intake.counted(plan).items():
        typer.echo(f"{known.say.say(f'import.fate.{fate}', receipt='…')}\t{number}")
    typer.echo(f"{len(found.accepted)} dòng nhận, {len(found.rejected)} dòng bị từ chối{' (xem trước)' * dry_run}")


def _reading(commune: str, *, demo: bool) -> "Reading":
    """Today's rules for reading a workbook of this commune."""
    from bot import wiring
    from bot.i18n import language
    from bot.leads.importing import Reading
    from bot.leads.intake import trade_of

    common.known_place(commune)
    today = wiring.clock(common.settings(demo=demo))().date()
    names = {t.id: (t.name["vi"], *t.names, *t.dialect) for t in wiring.catalogue().trades()}
    return Reading(commune, today, language(), trade_of(names))


def _rejected(rows: "tuple[Rejected, ...]") -> None:
    for row in rows:
        typer.echo(f"dòng {row.row}\t{row.name}\t{row.reason}", err=True)


@recipient_app.command("add")
def recipient_add(
    name: str,
    address: Annotated[str, typer.Argument(help="Địa chỉ thư, hoặc https://… cho webhook.")],
    commune: Commune,
    every: Annotated[str, typer.Option(help="asked, week, month")] = "asked",
    gets: Annotated[
        str, typer.Option(help="link, attached (kèm danh sách), figures (chỉ số liệu, không tên)")
    ] = "link",
    demo: Demo = False,
) -> None:
    """Thêm nơi nhận danh sách; webhook thì in khóa ký một lần."""
    from bot.leads import intake

    common.known_place(commune)
    recipient = intake.recipient(commune, name, address, every, gets)
    with common.store(demo=demo) as store, store.desk() as desk:
        number = desk.forwarding.save(recipient, _now(demo=demo))
        desk.audit(None, "recipient_added", f"recipient:{number}", _now(demo=demo))
    typer.echo(f"{number}\t{name}")
    if recipient.secret:
        typer.echo(f"khóa ký / signing key: {recipient.secret}")


@recipient_app.command("list")
def recipient_list(
    commune: Annotated[str, typer.Option(help="Mã xã; để trống là mọi xã.")] = "", demo: Demo = False
) -> None:
    """Các nơi nhận, và những lần gửi gần đây."""
    with common.store(demo=demo) as store, store.people() as unit:
        recipients, sent = unit.forwarding.recipients(commune), unit.forwarding.deliveries(commune, most=20)
    for r in recipients:
        typer.echo(f"{r.id}\t{r.commune}\t{r.name}\t{r.way}\t{r.every}\t{r.next_at or ''}")
    for d in sent:
        typer.echo(f"  {d.made_at:%d/%m/%Y %H:%M}\t{d.recipient.name}\t{d.kind}\t{d.people}\t{d.state}\t{d.why}")


@recipient_app.command("send")
def recipient_send(number: Annotated[int, typer.Argument(help="Số của nơi nhận.")], demo: Demo = False) -> None:
    """Gửi ngay (serve đang chạy sẽ gửi trong một phút)."""
    with common.store(demo=demo) as store, store.desk() as desk:
        found = desk.forwarding.recipient(number)
        if found is None or found.ended_at:
            raise BotError(f"{number}: no such recipient: hocnghe recipient list shows them.")
        delivery = desk.forwarding.ask(found, BY_SHELL, _now(demo=demo))
        desk.audit(None, "send_asked", f"delivery:{delivery}", _now(demo=demo))
    typer.echo(f"{found.name}: sẽ gửi trong một phút (khi hocnghe serve đang chạy).")
