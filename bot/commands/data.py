"""check, texts: the data that people read and change."""

from datetime import datetime

import typer

from bot import settings as settings_module

app = typer.Typer()


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
