"""What commands share: options, the settings, the built house."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bot import settings as settings_module
from bot.model import BotError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.sql_desk_store import SqlDeskStore
    from bot.wiring import House

Place = Annotated[str, typer.Option(help="Mã xã (5 số) hoặc tỉnh (2 số) để đọc câu hỏi.")]
On = Annotated[str, typer.Option(help="Ngày cần hỏi luật, dạng 2026-07-01; để trống là hôm nay.")]
AsJson = Annotated[bool, typer.Option("--json", help="In ra JSON.")]
Demo = Annotated[bool, typer.Option(help="Dùng dữ liệu ví dụ (DATA_DIR/demo).")]


def day(text: str) -> date | None:
    """The day of `--on`; None for today."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise BotError(f"--on {text}: is no day: write it as 2026-07-01.") from fault


def settings(*, demo: bool = False) -> "Settings":
    """The settings of this process, of the demonstration when asked."""
    from bot import wiring

    read = settings_module.read()
    return wiring.for_demo(read) if demo else read


@contextmanager
def house(*, demo: bool = False, place: str = "", on: str = "") -> "Iterator[House]":
    """The whole program, built; closed at the end."""
    from bot import running, wiring

    if place:
        known_place(place)
    read = settings(demo=demo)
    with running.held(read.data_dir):
        built = wiring.build(read, demo=demo, place=place, on=day(on))
        try:
            yield built
        finally:
            built.close()


@contextmanager
def store(*, demo: bool = False) -> "Iterator[SqlDeskStore]":
    """The store alone, for commands that need no understanding."""
    from bot import running, wiring

    read = settings(demo=demo)
    with running.held(read.data_dir):
        opened = wiring.open_store(read)
        try:
            yield opened
        finally:
            opened.close()


def known_place(code: str) -> str:
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
