"""prepare: what the first start would do, done before it, so that a restart after an upgrade takes seconds."""

import typer

from bot import settings as settings_module

app = typer.Typer()


@app.command()
def prepare() -> None:
    """Chuẩn bị trước (học cách bà con nói, chừng một phút); serve cũng tự làm ở lần chạy đầu."""
    from rich.progress import Progress

    from intents import cache, catalogue, training

    folder = settings_module.read().cache_dir or cache.folder()
    data = catalogue.load()
    name = cache.key(data.root)
    if not cache.kept(folder, name):
        with Progress(transient=True) as bar:
            task = bar.add_task("", total=1.0)

            def told(share: float, step: str) -> None:
                bar.update(task, completed=share, description=step)

            cache.load_or_train(folder, name, lambda: training.train(data, progress=told))
    where = folder if cache.kept(folder, name) else f"{folder} không ghi được: lần chạy nào cũng phải học lại"
    typer.echo(f"Đã sẵn sàng / ready: {where}")
