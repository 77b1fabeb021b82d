"""place, leads, retention, db: what this installation keeps."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import common
from bot.commands.common import Demo
from bot.model import BotError

app = typer.Typer()
place_app = typer.Typer(no_args_is_help=True, help="Các xã, phường mà máy này phục vụ.")
leads_app = typer.Typer(no_args_is_help=True, help="Danh sách đăng ký của xã.")
db_app = typer.Typer(no_args_is_help=True, help="Cơ sở dữ liệu.")
app.add_typer(place_app, name="place")
app.add_typer(leads_app, name="leads")
app.add_typer(db_app, name="db")


@place_app.command("add")
def place_add(code: str) -> None:
    """Thêm một xã (5 số), hoặc đầu mối của tỉnh (2 số)."""
    from bot import wiring

    name = common.known_place(code)
    with common.store() as store, store.transaction() as unit:
        unit.serve(code, wiring.clock(common.settings())())
    typer.echo(f"{code}\t{name}")


@place_app.command("list")
def place_list(demo: Demo = False) -> None:
    """Các nơi đang phục vụ."""
    with common.store(demo=demo) as store, store.transaction() as unit:
        codes = sorted(unit.served() | unit.coordinated())
    for code in codes:
        typer.echo(f"{code}\t{common.known_place(code)}")


@leads_app.command("export")
def leads_export(
    commune: Annotated[str, typer.Option(help="Mã xã.")],
    out: Annotated[Path, typer.Option(help="Tệp .xlsx sẽ ghi.")],
    demo: Demo = False,
) -> None:
    """Xuất danh sách của xã ra Excel; với mã tỉnh (2 số): mọi xã của tỉnh đang dùng máy này."""
    from rich.progress import Progress

    from bot import wiring
    from bot.i18n import language
    from bot.leads import listing, workbook

    names = {commune: common.known_place(commune)}
    with common.store(demo=demo) as store:
        if len(commune) == 2:
            book = wiring.place_book().communes
            with store.transaction() as unit:
                names = {c: book[c][0] for c in sorted(unit.served()) if c in book and book[c][1] == commune}
        listed = listing.read(store, list(names))
        head = workbook.Head(names, wiring.clock(common.settings(demo=demo))().date(), language())
        with Progress(transient=True, disable=listed.total < listing.PORTION) as bar:
            task = bar.add_task("export", total=listed.total)
            try:
                done = workbook.stream(out, listed, head, lambda n: bar.update(task, completed=n))
            except OSError as fault:
                what = f"{out}: cannot be written: {fault.strerror}: choose another folder, close the file."
                raise BotError(what) from fault
        with store.desk() as desk:
            code = commune if len(names) == 1 else ""
            desk.audit(None, "exported", f"list:{code}:{done}", wiring.clock(common.settings(demo=demo))())
    typer.echo(f"{done} người → {out}")


@app.command()
def retention(
    kind: Annotated[str, typer.Argument(help="session, message, unanswered, lead, ticket, export, log")] = "",
    days: Annotated[int, typer.Argument(help="Số ngày giữ.")] = 0,
) -> None:
    """Xem hoặc đổi số ngày giữ dữ liệu: hocnghe retention lead 365."""
    with common.store() as store, store.transaction() as unit:
        kept = dict(unit.retention())
        if kind:
            if days < 1 or kind not in kept:
                raise BotError(f"retention {kind} {days}: give one of {', '.join(kept)} and a number of days above 0.")
            unit.set_retention(kind, days)
            kept[kind] = days
    for name, number in sorted(kept.items()):
        typer.echo(f"{name}\t{number}")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản này (serve cũng tự làm)."""
    from bot.store.migrate import HEAD

    with common.store():
        typer.echo(f"schema {HEAD}")
