"""local export: what officers taught and entered, as files for the maintainers."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import common
from bot.commands.common import Demo
from bot.model import BotError

app = typer.Typer()
local_app = typer.Typer(no_args_is_help=True, help="Điều cán bộ dạy thêm cho trợ lý.")
app.add_typer(local_app, name="local")


@local_app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Thư mục sẽ ghi.")],
    demo: Demo = False,
) -> None:
    """Xuất cách hỏi, câu trả lời, nơi tiếp, lớp học thành tệp TOML như trong intents/data và knowledge/data."""
    from bot import local_files, wiring
    from bot.local_files import Answer, Card
    from bot.store.desk_port import Scope

    everybody = Scope(None)
    with common.store(demo=demo) as store, store.reading() as desk:
        lessons = desk.lessons.all(everybody, most=100_000)
        answers = [Answer(n, w.text, w.source, w.at.date()) for n, w in desk.wordings.newest().items()]
        cards = [desk.wordings.office(code) for code in sorted(desk.served())]
        offices = [Card(c.commune, c.office, c.at.date()) for c in cards if c.at is not None]
        classes = [v.course for over in (False, True) for v in desk.classes.all(everybody, over=over, most=100_000)]
    made = local_files.files(lessons, answers, offices, classes, wiring.pack_folder)
    for name, text in made.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as fault:
            raise BotError(f"{path}: cannot be written: {fault.strerror}: choose another folder.") from fault
    typer.echo(f"{folder}: {len(made)} files")
