"""The command `hocnghe`. Heavy parts are imported where they are used, so that every command starts fast."""

import json
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import settings as settings_module
from bot.model import BotError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import House

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="HọcNghề: trợ lý đăng ký học nghề cho bà con.",
)
place_app = typer.Typer(no_args_is_help=True, help="Các xã, phường mà máy này phục vụ.")
leads_app = typer.Typer(no_args_is_help=True, help="Danh sách đăng ký của xã.")
db_app = typer.Typer(no_args_is_help=True, help="Cơ sở dữ liệu.")
app.add_typer(place_app, name="place")
app.add_typer(leads_app, name="leads")
app.add_typer(db_app, name="db")

Place = Annotated[str, typer.Option(help="Mã xã (5 số) hoặc tỉnh (2 số) để đọc câu hỏi.")]
On = Annotated[str, typer.Option(help="Ngày cần hỏi luật, dạng 2026-07-01; để trống là hôm nay.")]
AsJson = Annotated[bool, typer.Option("--json", help="In ra JSON.")]
Demo = Annotated[bool, typer.Option(help="Dùng dữ liệu ví dụ (DATA_DIR/demo).")]


def main() -> None:
    """Run; a fault of ours is one plain message, never a stack trace."""
    try:
        app()
    except BotError as fault:
        typer.echo(str(fault), err=True)
        sys.exit(2)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise BotError(f"--on {text}: is no day: write it as 2026-07-01.") from fault


def _house(*, demo: bool = False, place: str = "", on: str = "") -> "House":
    from bot import wiring

    settings = _settings(demo=demo)
    if place:
        _known_place(place)
    return wiring.build(settings, demo=demo, place=place, on=_day(on))


def _settings(*, demo: bool = False) -> "Settings":
    from bot import wiring

    settings = settings_module.read()
    return wiring.for_demo(settings) if demo else settings


def _known_place(code: str) -> str:
    """The place's name; raises for a code that nobody has."""
    from bot import wiring
    from bot.demo import COMMUNE

    book = wiring.place_book()
    if code in book.provinces:
        return book.provinces[code]
    communes = {**book.communes, **COMMUNE}
    if code not in communes:
        raise BotError(
            f"{code}: no such place: give the GSO code with its leading zeros (a commune has 5 digits, a province 2)."
        )
    return communes[code][0]


@app.command()
def serve(host: str = "127.0.0.1", port: int = 8080, demo: Demo = False) -> None:
    """Chạy chương trình: trang trò chuyện, việc nền."""
    settings = settings_module.read()
    if demo and (real := settings.real_channels()):
        names = ", ".join(real)
        raise BotError(
            f"--demo does not start beside {names}: real people would see examples. Unset them, or drop --demo."
        )
    from aiohttp import web

    from bot.serving import application

    house = _house(demo=demo)
    address = f"http://{host}:{port}"
    web.run_app(
        application(house, demo=demo, ready=lambda: _tell_where(address, house, demo=demo)),
        host=host,
        port=port,
        print=None,
        access_log=None,
    )


def _tell_where(address: str, house: "House", *, demo: bool) -> None:
    typer.echo(f"Trò chuyện / chat: {house.settings.public_url or address}/")
    if demo:
        typer.echo("Dữ liệu ví dụ / demonstration data: " + str(house.settings.data_dir))
        typer.echo("Chạy thật / for real: hocnghe place add MÃ_XÃ && hocnghe serve")
    elif not house.world().served:
        typer.echo("Chưa có xã nào / no commune served yet: hocnghe place add MÃ_XÃ")


@app.command()
def chat(
    plain: Annotated[bool, typer.Option(help="Cho kịch bản: mỗi dòng một tin, in trả lời, hết lượt in --.")] = False,
    place: Place = "",
    name: Annotated[str, typer.Option("--as", help="Nói chuyện tiếp với tên này; để trống là người mới.")] = "",
    on: On = "",
    demo: Demo = False,
) -> None:
    """Trò chuyện ngay trong cửa sổ lệnh; /case in cuộc nói chuyện thành ca kiểm thử."""
    from bot.channels.terminal import Terminal

    house = _house(demo=demo, place=place, on=on)
    terminal = Terminal(house.app, name)
    try:
        if plain or not sys.stdin.isatty():
            terminal.plain(sys.stdin, sys.stdout)
        else:
            from rich.console import Console

            console = Console()
            console.print("[dim]/case: in ca kiểm thử · /quit: thoát[/dim]")
            terminal.interactive(
                lambda: console.input("[bold]> [/bold]"), lambda text: console.print(text, markup=False)
            )
    finally:
        house.close()


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="Câu hỏi.")] = "",
    file: Annotated[Path | None, typer.Option(help="Tệp JSONL: mỗi dòng một câu hỏi có id và text.")] = None,
    place: Place = "",
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """Hỏi một câu, không nhớ gì (để thử và để chấm điểm)."""
    from bot.dialogue.asking import ask as ask_one

    house = _house(place=place, on=on)
    world = house.world(place=place)
    try:
        for item in _questions(text, file):
            asked = ask_one(str(item["text"]), world)
            if as_json:
                head = {"id": item["id"]} if "id" in item else {}
                typer.echo(json.dumps({**head, **asked.to_json()}, ensure_ascii=False))
            else:
                typer.echo("\n".join([asked.reply, *(f"{n}. {c}" for n, c in enumerate(asked.choices, 1))]))
    finally:
        house.close()


def _questions(text: str, file: Path | None) -> Iterable[dict[str, Any]]:
    if file is None:
        yield {"text": text}
        return
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
                yield {k: item[k] for k in ("id", "text") if k in item or k == "text"}
            except (ValueError, KeyError, TypeError) as fault:
                raise BotError(
                    f"{file}, line {number}: no question: write one JSON object with a text a line."
                ) from fault


@app.command()
def check() -> None:
    """Soát mọi tệp dữ liệu: in từng lỗi theo dạng tệp, chỗ: lỗi gì: làm gì; có lỗi thì kết thúc bằng 1."""
    from bot import checking

    today = datetime.now(settings_module.read().zone).date()
    faults = checking.faults(on=today)
    for fault in faults:
        typer.echo(str(fault))
    errors = [f for f in faults if not f.warning]
    typer.echo(f"{len(errors)} faults, {len(faults) - len(errors)} warnings")
    raise typer.Exit(1 if errors else 0)


@app.command()
def texts() -> None:
    """In các lời giao diện: khóa, tiếng Việt, tiếng Anh (dấu ! là còn thiếu)."""
    from bot import i18n

    english = i18n.catalogue("en")
    for key, vietnamese in sorted(i18n.catalogue(i18n.SOURCE).items()):
        typer.echo(f"{key}\n  vi {vietnamese!r}\n  en {english.get(key, '!')!r}")


@app.command()
def retention(kind: str = typer.Argument(""), days: int = typer.Argument(0)) -> None:
    """Xem hoặc đổi số ngày giữ dữ liệu: hocnghe retention lead 365."""
    from bot import wiring

    store = wiring.open_store(_settings())
    with store.transaction() as unit:
        if kind:
            if days < 1 or kind not in unit.retention():
                raise BotError(
                    f"retention {kind} {days}: give one of {', '.join(unit.retention())} and a number of days above 0."
                )
            unit.set_retention(kind, days)
        for name, kept in sorted(unit.retention().items()):
            typer.echo(f"{name}\t{kept}")
    store.close()


@place_app.command("add")
def place_add(code: str) -> None:
    """Thêm một xã (5 số), hoặc đầu mối của tỉnh (2 số)."""
    from bot import wiring

    name = _known_place(code)
    settings = _settings()
    store = wiring.open_store(settings)
    with store.transaction() as unit:
        unit.serve(code, wiring.clock(settings)())
    store.close()
    typer.echo(f"{code}\t{name}")


@place_app.command("list")
def place_list(demo: Demo = False) -> None:
    """Các nơi đang phục vụ."""
    from bot import wiring

    store = wiring.open_store(_settings(demo=demo))
    with store.transaction() as unit:
        codes = sorted(unit.served() | unit.coordinated())
    store.close()
    for code in codes:
        typer.echo(f"{code}\t{_known_place(code)}")


@leads_app.command("export")
def leads_export(
    commune: Annotated[str, typer.Option(help="Mã xã.")],
    out: Annotated[Path, typer.Option(help="Tệp .xlsx sẽ ghi.")],
    demo: Demo = False,
) -> None:
    """Xuất danh sách của xã ra Excel."""
    from bot import wiring
    from bot.i18n import language
    from bot.leads import workbook

    name = _known_place(commune)
    settings = _settings(demo=demo)
    store = wiring.open_store(settings)
    with store.transaction() as unit:
        records = unit.leads(commune)
    store.close()
    workbook.write(out, records, commune=name, on=wiring.clock(settings)().date(), say=language())
    typer.echo(f"{len(records)} người → {out}")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Đưa cơ sở dữ liệu lên phiên bản này (serve cũng tự làm)."""
    from bot import wiring
    from bot.store.migrate import HEAD

    wiring.open_store(_settings()).close()
    typer.echo(f"schema {HEAD}")
