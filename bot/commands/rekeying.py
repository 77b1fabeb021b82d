"""db rotate-key: another key for the data, and older copies brought to it."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import common
from bot.commands.backup import nobody_works, told
from bot.commands.keeping import db_app
from bot.i18n import language
from bot.model import BotError

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer()  # the command stands in the group `db`
ROOM = 2  # times the database: every row is written anew, and the whole of it stands in the log of SQLite until the end


@db_app.command("rotate-key")
def db_rotate_key(
    to_current: Annotated[
        bool, typer.Option("--to-current", help="Kho dữ liệu đang theo khóa cũ: đưa về khóa đang dùng.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại.")] = False,
    demo: common.Demo = False,
) -> None:
    """Đổi khóa: mọi dữ liệu riêng tư được mở bằng khóa cũ và niêm phong bằng khóa mới. Tắt chương trình trước khi đổi.

    Tất cả hoặc không gì cả: mất điện giữa chừng thì lần khởi động sau tự biết khóa nào đúng.
    """
    from bot import running, wiring
    from bot.store.faults import unavailable

    settings = common.settings(demo=demo)
    now = wiring.clock(settings)()
    with running.held(settings.data_dir, alone=True):
        if not (to_current or yes):
            typer.confirm(language().say("rekeying.sure"), abort=True)
        try:
            (_to_current if to_current else _rotate)(settings, now)
        except Exception as fault:
            if kind := unavailable(fault):
                raise BotError(f"{wiring.DATABASE_AWAY[kind]} Either key is whole: the next start finds it.") from fault
            raise


def _rotate(settings: "Settings", now: datetime) -> None:
    from bot import wiring
    from bot.store import journal_file, key_files
    from bot.store.crypto import KEY_FILE, Cipher, key_from
    from bot.store.rekeying import rekey
    from bot.store.sql_desk_store import SqlDeskStore

    folder = settings.data_dir
    if not settings.secret_key and not (folder / KEY_FILE).is_file():
        raise BotError(f"{folder / KEY_FILE}: there is no key to change: see whether HOCNGHE_DATA_DIR is right.")
    store = wiring.open_store(settings)
    try:
        nobody_works(store.engine, now)
        if not settings.database_url:
            _must_have_room(folder / wiring.DATABASE)
        old = settings.secret_key or key_from(folder)
        if settings.secret_key and key_files.waiting(folder) == old:  # taken over into the environment since
            (folder / key_files.NEW_FILE).unlink()
        new = key_files.new_key(folder)
        rekey(store.engine, Cipher(old), Cipher(new), now, told)
        kept = None if settings.secret_key else key_files.put_in_place(folder, now)
        journal_file.sync(SqlDeskStore(store.engine, Cipher(new), zone=settings.zone), folder)
    finally:
        store.close()
    say, until = language().say, f"{now + key_files.KEEP_OLD:%d/%m/%Y}"
    if settings.secret_key:
        typer.echo(say("rekeying.to_environment", file=str(folder / key_files.NEW_FILE), until=until))
    else:
        typer.echo(say("rekeying.done", kept=str(kept), until=until))
    typer.echo(say("rekeying.after"))


def _to_current(settings: "Settings", now: datetime) -> None:
    """What was put in the database's place by other tools than `db restore`, from before a change of key."""
    from bot import wiring
    from bot.store import older_copies
    from bot.store.crypto import key_from
    from bot.store.engines import connect
    from bot.store.migrate import upgrade

    secret = settings.secret_key or key_from(settings.data_dir)
    engine = connect(settings.database_url or f"sqlite:///{settings.data_dir / wiring.DATABASE}")
    try:
        nobody_works(engine, now)
        upgrade(engine)
        done = older_copies.bring_database(engine, settings.data_dir, secret, now, told)
    finally:
        engine.dispose()
    typer.echo(language().say("rekeying.brought" if done else "rekeying.nothing"))


def _must_have_room(database: Path) -> None:
    need, free = ROOM * database.stat().st_size, shutil.disk_usage(database.parent).free
    if free < need:
        raise BotError(
            f"{database.parent}: {free / 1e6:.0f} MB are free, the change needs {need / 1e6:.0f} MB for its time: "
            "make room, then try again; nothing was changed."
        )
