"""eval and bench: the figures of the bars, measured beside their floors."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import common
from bot.commands.common import AsJson
from bot.commands.talking import questions
from bot.model import BotError

if TYPE_CHECKING:
    from intents.evaluation import Item, Report

app = typer.Typer()
bench_app = typer.Typer(no_args_is_help=True, help="Đo tốc độ, cạnh mức sàn trong cùng một lượt chạy.")
app.add_typer(bench_app, name="bench")
WORST = 20  # sentences shown
LONG = 1000  # questions from which a progress bar is worth its space


@app.command("eval")
def evaluate(
    file: Annotated[Path | None, typer.Argument(help="Tệp JSONL: text, labels, style, slots.")] = None,
    writers: Annotated[bool, typer.Option(help="Học từ mọi người viết trừ một, thử trên người đó (vài phút).")] = False,
    as_json: AsJson = False,
) -> None:
    """Chấm độ hiểu trên các câu có nhãn."""
    if writers:
        _by_writers(as_json=as_json)
        return
    if file is None:
        raise BotError("eval: no questions: give a JSONL file of labelled questions, or --writers.")
    labelled = _labelled(file)
    report = _report(labelled)
    if as_json:
        typer.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        _print(report)


def _labelled(file: Path) -> "list[Item]":
    from intents.evaluation import Item

    try:
        return [
            Item(str(q.get("id", n)), q["text"], tuple(q["labels"]), str(q.get("style", "")), q.get("slots") or {})
            for n, q in enumerate(questions(file), 1)
        ]
    except (KeyError, TypeError) as fault:
        raise BotError(f"{file}: a question without {fault}: each line needs text and labels.") from fault


def _report(labelled: "list[Item]") -> "Report":
    from rich.progress import Progress

    from intents.evaluation import evaluate as run

    with common.house() as house:
        mind = house.understanding

        def trade_of(name: str) -> str:
            return next(iter(mind.trades.find(name)), "")

        with Progress(transient=True) if len(labelled) >= LONG else nullcontext() as bar:
            task = bar.add_task("eval", total=1.0) if bar else None
            return run(
                labelled,
                mind.recogniser.recognise,
                mind.slots.read,
                trade_of=trade_of,
                progress=lambda share: bar.update(task, completed=share) if bar and task is not None else None,
            )


def _by_writers(*, as_json: bool) -> None:
    from intents import catalogue
    from intents.writers import writers_disjoint

    def progress(share: float, writer: str) -> None:
        typer.echo(f"{share:4.0%} {writer}", err=True)

    found = writers_disjoint(catalogue.load(), progress=progress)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    for writer, report in found.by_writer.items():
        typer.echo(f"{writer}: top1 {report.total.top1.value:.3f}")
    typer.echo(f"mean {found.mean:.3f}, spread {found.spread:.3f}, toneless {found.toneless.value:.3f}")
    _print(found.total)
    typer.echo("bands.answer: answered, wrong (of all):")
    for step in found.thresholds():
        typer.echo(f"  {step.least:.2f}\t{step.answered:.3f}\t{step.wrong:.4f}")


def _print(report: "Report") -> None:
    for name, value in report.total.to_json().items():
        typer.echo(f"{name}\t{value}")
    for style, figures in report.by_style.items():
        low, high = figures.top1.interval()
        typer.echo(f"{style}\tn {figures.n}\ttop1 {figures.top1.value:.3f} [{low:.3f}–{high:.3f}]")
    typer.echo(f"slots\t{json.dumps(report.slots, ensure_ascii=False)}")
    typer.echo(f"ms\tp50 {report.ms_p50:.3f}\tp99 {report.ms_p99:.3f}")
    typer.echo("confused (wanted, got, times):")
    for wanted, got, times in report.confusions(12):
        typer.echo(f"  {wanted}\t{got}\t{times}")
    typer.echo("worst topics:")
    for topic, share in report.worst_topics(8):
        typer.echo(f"  {topic}\t{share.hits} of {share.n}")
    typer.echo("wrong answers, the surest first (wanted, got, sentence):")
    for wrong in report.wrong_answers()[:WORST]:
        typer.echo(f"  {wrong.item.labels[0]}\t{wrong.found.best}\t{wrong.item.text}")


@bench_app.command("understand")
def bench_understand(
    file: Annotated[Path | None, typer.Argument(help="Câu hỏi để đo; để trống thì dùng các câu mẫu.")] = None,
    as_json: AsJson = False,
) -> None:
    """Một tin nhắn được hiểu trong bao lâu, cạnh rapidfuzz và scikit-learn trên cùng các câu."""
    from intents import catalogue
    from intents.benchmark import baselines, measure

    data = catalogue.load()
    texts = [q["text"] for q in questions(file)] if file else [p.text for _, p in data.phrases()][::7]
    with common.house() as house:
        mind = house.understanding

        def understand(text: str) -> str:
            mind.slots.read(text)
            return next((t.topic for t in mind.recogniser.recognise(text).topics), "")

        ours = measure(understand, texts)
        others = {name: measure(floor, texts).to_json() for name, floor in baselines(data).items()}
    told: dict[str, Any] = {**ours.to_json(), "baselines": others}
    if as_json:
        typer.echo(json.dumps(told))
        return
    for name, speed in (("hocnghe", ours.to_json()), *others.items()):
        typer.echo(f"{name}\t{speed}")


@bench_app.command("announce")
def bench_announce(
    recipients: Annotated[int, typer.Option(help="Số người nhận.")] = 20_000,
    mode: Annotated[str, typer.Option(help="free, capped, hoặc để trống: cả hai.")] = "",
    database_url: Annotated[str, typer.Option(help="Một PostgreSQL trống để đo cạnh SQLite.")] = "",
    replies: Annotated[float, typer.Option(help="Đo thêm trả lời chậm bao lâu khi đang gửi, trong ngần này giây.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Một thông báo tới 20.000 người qua máy giả 5 ms, cạnh vòng lặp aiohttp trần trong cùng một lần chạy."""
    from bot.bench.announce import MODES, lines, measure
    from bot.store.records import VIETNAM

    if replies:
        from bot.bench import replies as answers

        told = {
            "replies": [answers.measure(recipients, replies, per_s, datetime.now(UTC)) for per_s in (0.0, 500.0, None)]
        }
        typer.echo(json.dumps(told))
        return
    if mode and mode not in MODES:
        raise BotError(f"--mode {mode}: unknown: write free or capped, or leave it out for both.")
    told = measure(
        recipients,
        datetime.now(VIETNAM),
        postgresql=database_url,
        modes=(mode,) if mode else tuple(MODES),
        tell=lambda what: typer.echo(what, err=True),
    )
    typer.echo(json.dumps(told) if as_json else "\n".join(lines(told)))


@bench_app.command("turns")
def bench_turns(
    turns: Annotated[int, typer.Option(help="Số lượt mỗi vòng.")] = 2000,
    database_url: Annotated[str, typer.Option(help="Một PostgreSQL trống: chỉ đo ở đó.")] = "",
    processes: Annotated[int, typer.Option(help="Số hocnghe serve trên PostgreSQL ấy.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Trọn một lượt qua HTTP, cạnh bot chỉ nhắc lại lời (python-telegram-bot, aiohttp) trong cùng một lần chạy."""
    from bot.bench.turns import lines, measure
    from intents import catalogue

    texts = [phrase.text for _, phrase in catalogue.load().phrases()][::61]
    if database_url:
        from bot.bench import processes as several

        typer.echo(json.dumps(several.measure(texts, turns, database_url, processes)))
        return
    told = measure(texts, turns, tell=lambda name: typer.echo(name, err=True))
    typer.echo(json.dumps(told) if as_json else "\n".join(lines(told)))
