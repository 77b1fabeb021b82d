"""status: how the running program and its database are, in plain words."""

import json
from datetime import datetime
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

import typer

from bot import ADDRESS
from bot.commands import common
from bot.commands.common import AsJson, Demo

app = typer.Typer()
PATIENCE = 5.0  # seconds


@app.command()
def status(
    url: Annotated[str, typer.Option(help="Nơi chương trình đang chạy.")] = ADDRESS,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Tình trạng máy: chương trình đang chạy và kho dữ liệu. Mã thoát 0: tốt; 1: có việc phải xem."""
    told = running(url)
    if told is None:
        told = stopped(demo=demo)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        for line in words(told, url):
            typer.echo(line)
    raise typer.Exit(0 if told.get("status") == "ok" else 1)


def running(url: str) -> dict[str, Any] | None:
    """What the program says of itself; None when none answers there."""
    opener = build_opener(ProxyHandler({}))  # it is on this machine: never by way of a proxy
    try:
        with opener.open(f"{url.rstrip('/')}/healthz", timeout=PATIENCE) as answer:
            body = answer.read()
    except HTTPError as refused:
        body = refused.read()
    except (URLError, OSError, ValueError):
        return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return {**found, "running": True} if isinstance(found, dict) and "status" in found else None


def stopped(*, demo: bool) -> dict[str, Any]:
    """What the database says while no program answers. Nothing is changed, no schema brought up to date."""
    from bot import __version__, wiring
    from bot.health import backups, report
    from bot.health.facts import Database, Facts
    from bot.health.warnings import warnings
    from bot.health.watch import disk
    from bot.leading import NAME
    from bot.store.engines import connect
    from bot.store.faults import unavailable
    from bot.store.migrate import HEAD
    from bot.store.sql_health import Stored, look

    read = common.settings(demo=demo)
    now = wiring.clock(read)()
    engine = connect(read.database_url or f"sqlite:///{read.data_dir / wiring.DATABASE}")
    kind, stored = engine.dialect.name, Stored()
    try:
        if kind == "sqlite" and not (read.data_dir / wiring.DATABASE).exists():
            raise FileNotFoundError
        stored = look(engine, NAME, now)
        database = Database(kind, ok=True, size=stored.size, schema=stored.schema, pending=stored.schema != HEAD)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the database did not answer
        database = Database(kind, ok=False, trouble=unavailable(fault) or type(fault).__name__)
    finally:
        engine.dispose()
    facts = Facts(
        now, now, __version__, database, stored=stored, disk=disk(read.data_dir), backup=backups.last(read.data_dir)
    )
    return {**report.full(facts, warnings(facts)), "status": "down", "ok": False, "running": False}


def words(told: dict[str, Any], url: str) -> list[str]:
    """Lines for whoever looks."""
    from bot.i18n import language

    say = language()
    head = "health.status.stopped" if not told["running"] else f"health.status.{told['status']}"
    lines = [say.say(head, url=url)]
    for one in told.get("warnings", ()):
        values = dict(one.get("values", {}))
        if "channel" in values:
            values["channel"] = say.say(f"health.channel.{values['channel']}")
        mark = "!!" if one["severity"] == "bad" else "! "
        since = f" {say.say('health.since', at=_moment(one['since']))}" if one["since"] else ""
        lines += [f"{mark} {say.say('health.warn.' + one['key'], **values)}{since}"]
        lines += [f"   {say.say('health.to_do')} {say.say('health.do.' + one['key'])}"]
    for name, line in told.get("channels", {}).items():
        state = say.say("health.well" if line["ok"] and not line["failing_since"] else "health.ill")
        lines.append(f"   {say.say('health.channel.' + name)}: {state}")
    return lines


def _moment(iso: str) -> str:
    at = datetime.fromisoformat(iso)
    return f"{at:%H:%M %d/%m/%Y}"
