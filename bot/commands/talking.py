"""serve, chat, ask: the ways to talk with the program."""

import asyncio
import errno
import gc
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import logs
from bot import settings as settings_module
from bot.commands import common
from bot.commands.common import AsJson, Demo, On, Place
from bot.model import BotError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import House

app = typer.Typer()


@app.command()
def serve(host: str = "127.0.0.1", port: int = 8080, demo: Demo = False) -> None:
    """Chạy chương trình: trang trò chuyện, việc nền."""
    read = settings_module.read()
    if demo and (real := read.real_channels()):
        names = ", ".join(real)
        raise BotError(
            f"--demo does not start beside {names}: real people would see examples. Unset them, or drop --demo."
        )
    try:
        _serve(read, host, port, demo=demo)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            raise
        raise BotError(f"--port {port}: another program listens there: stop it, or give another --port.") from fault


def _serve(read: "Settings", host: str, port: int, *, demo: bool) -> None:
    from bot import heap, kept_door
    from bot.demo_people import people
    from bot.doors import listening
    from bot.preparing import prepare
    from bot.serving import application

    heap.one_arena()
    logs.configure(read.log, read.secrets())
    door = kept_door.opened(host, port)
    prepare(host, port, read.cache_dir, say=typer.echo, door=door)
    with common.house(demo=demo) as house:
        _tell_who_may_read(house)
        everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - nobody can open these; this machine's own address works
        address = f"http://{'127.0.0.1' if everywhere else host}:{port}"
        if demo:
            people(house)

        def ready() -> None:
            gc.collect()
            gc.freeze()  # what was loaded stays: it need not be looked through again at every collection
            _tell_where(address, house, demo=demo)

        site = application(house, demo=demo, address=address, ready=ready)
        listening.run(site, host, port, door)


@app.command()
def worker() -> None:
    """Chỉ làm việc nền (gửi tin, thông báo, nhắc, chuyển danh sách), không mở cổng; dùng khi chạy nhiều máy."""
    from bot import heap
    from bot.working import work

    heap.one_arena()
    read = settings_module.read()
    logs.configure(read.log, read.secrets())
    with common.house() as house:
        _tell_who_may_read(house)
        asyncio.run(work(house, ready=lambda: typer.echo("Việc nền đang chạy / background work runs")))


def _tell_who_may_read(house: "House") -> None:
    from bot import permissions

    for fault in permissions.faults(house.settings.data_dir):
        typer.echo(fault, err=True)


def _tell_where(address: str, house: "House", *, demo: bool) -> None:
    typer.echo(f"Trò chuyện / chat: {house.settings.public_url or address}/")
    if demo:
        from bot.demo_people import desk_link

        typer.echo(f"Bàn làm việc / desk (một lần / once): {desk_link(house, address)}")
        typer.echo(f"Dữ liệu ví dụ / demonstration data: {house.settings.data_dir}")
        typer.echo("Chạy thật / for real: hocnghe place add MÃ_XÃ && hocnghe serve")
        return
    typer.echo(f"Bàn làm việc / desk: {house.settings.public_url or address}/desk (hocnghe officer add …)")
    if not house.world().served:
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

    with common.house(demo=demo, place=place, on=on) as house:
        terminal = Terminal(house.app, name)
        if plain or not sys.stdin.isatty():
            terminal.plain(sys.stdin, sys.stdout)
            return
        from rich.console import Console

        console = Console()
        console.print("[dim]/case: in ca kiểm thử · /quit: thoát[/dim]")
        terminal.interactive(lambda: console.input("[bold]> [/bold]"), lambda text: console.print(text, markup=False))


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

    with common.house(place=place, on=on) as house:
        world = house.world(place=place)
        for item in questions(file) if file else [{"text": text}]:
            asked = ask_one(str(item["text"]), world)
            if as_json:
                head = {"id": item["id"]} if "id" in item else {}
                typer.echo(json.dumps({**head, **asked.to_json()}, ensure_ascii=False))
            else:
                typer.echo("\n".join([asked.reply, *(f"{n}. {c}" for n, c in enumerate(asked.choices, 1))]))


def questions(file: Path) -> Iterable[dict[str, Any]]:
    """The JSON objects of a JSONL file that hold a text; raises BotError naming the line that does not."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise BotError(f"{file}: cannot be read: {fault}: give a JSONL file in UTF-8.") from fault
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            yield {**item, "text": str(item["text"])}
        except (ValueError, KeyError, TypeError) as fault:
            raise BotError(f"{file}, line {number}: no question: write one JSON object with a text a line.") from fault
