"""The command `hocnghe`: gathers the commands and turns our errors into one plain message."""

import sys

import typer

from bot import logs
from bot.commands import (
    announcing,
    data,
    keeping,
    local,
    measuring,
    officers,
    people,
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
    zalo,
    status,
):
    app.add_typer(part.app)


def main() -> None:
    """Run; a fault of ours is one plain message, never a stack trace."""
    logs.configure()  # serve and worker say more of it once their settings are read
    try:
        app()
    except (BotError, KnowledgeError, DataFault) as fault:
        typer.echo(str(fault), err=True)
        sys.exit(2)
