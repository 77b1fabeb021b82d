"""The command `hocnghe`: gathers the commands and turns our errors into one plain message."""

import sys
from typing import Annotated

import typer

from bot import __version__, logs
from bot.commands import (
    announcing,
    backup,
    data,
    incident,
    keeping,
    local,
    measuring,
    officers,
    people,
    preparing,
    rekeying,
    reporting,
    screening,
    status,
    talking,
    zalo,
)
from bot.model import BotError
from intents.catalogue import DataFault
from knowledge.dated import KnowledgeError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="HọcNghề: trợ lý đăng ký học nghề cho bà con.",
)
for part in (
    talking,
    screening,
    measuring,
    data,
    keeping,
    people,
    reporting,
    officers,
    local,
    announcing,
    backup,
    rekeying,
    zalo,
    incident,
    status,
):
    app.add_typer(part.app)
app.add_typer(preparing.app)


def _version(asked: bool) -> None:  # noqa: FBT001 - a flag of typer's
    if asked:
        typer.echo(f"hocnghe {__version__}")
        raise typer.Exit


@app.callback()
def _all(
    *,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="In số phiên bản.")] = False,
) -> None:
    """HọcNghề: trợ lý đăng ký học nghề cho bà con."""


def main() -> None:
    """Run; a fault of ours is one plain message, never a stack trace."""
    logs.configure()  # serve and worker say more of it once their settings are read
    try:
        app()
    except (BotError, KnowledgeError, DataFault) as fault:
        typer.echo(str(fault), err=True)
        sys.exit(2)
