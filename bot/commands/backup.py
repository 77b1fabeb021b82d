"""db backup, restore, copy: copies to keep, a copy put back, another database."""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import common
from bot.commands.keeping import db_app
from bot.i18n import language
from bot.model import BotError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.settings import Settings
    from bot.store.crypto import Cipher
    from bot.store.restoring import Restored
    from bot.store.sql_desk_store import SqlDeskStore

app = typer.Typer()


@db_app.command("backup")
def backup(
    file: Annotated[Path | None, typer.Argument(help="Tệp sẽ ghi; để trống: vào thư mục sao lưu.")] = None,
    with_key: Annotated[bool, typer.Option("--with-key", help="Ghi cả khóa ra TỆP.key (giữ như giữ tiền).")] = False,
) -> None:
    """Sao lưu dữ liệu ra một tệp và mở lại tệp đó để kiểm tra; chương trình đang chạy vẫn chạy."""
    from bot.store import backing_up, copy_folders

    settings = common.settings()
    now = datetime.now(settings.zone)
    engine, cipher = _opened(settings)
    record = copy_folders.beside(settings.data_dir)
    try:
        if file is None:
            file = backing_up.nightly(engine, cipher, settings.backups, record, now)
            found = backing_up.check(file, cipher)
        else:
            if not file.absolute().parent.is_dir():  # made here, it would lie on the inner disk
                raise BotError(f"{file}: its folder is not there: connect the disk or share, or make the folder first.")
            found = backing_up.back_up(engine, cipher, file)
    finally:
        engine.dispose()
    say = language().say
    people = found.rows.get("people", 0)
    rows = sum(found.rows.values())
    typer.echo(say("backup.done", file=str(file), mb=f"{file.stat().st_size / 1e6:.1f}", people=people, rows=rows))
    if with_key:
        _write_key(settings, Path(f"{file}.key"))
        typer.echo(say("backup.key_beside", file=f"{file}.key"), err=True)
    else:
        typer.echo(say("backup.keep_too"))
        for kept in _besides(settings):
            typer.echo(f"  {kept}")


@db_app.command("restore")
def restore(file: Path, yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại.")] = False) -> None:
    """Đưa một bản sao lưu vào thay dữ liệu đang có (dữ liệu đang có được cất lại, không xóa)."""
    from bot import running, wiring
    from bot.store import copy_folders, journal_file, older_copies, restoring

    settings = common.settings()
    say, now = language().say, datetime.now(settings.zone)
    journal = settings.data_dir / journal_file.NAME
    with running.held(settings.data_dir, alone=True):
        engine, cipher = _opened(settings)
        try:
            if not yes:
                typer.confirm(say("backup.sure", file=str(file)), abort=True)
            for beside in {file.absolute().parent, settings.backups.absolute()} - {settings.data_dir.absolute()}:
                journal_file.join(beside / journal_file.NAME, journal)
            older = older_copies.older(file, engine, settings.data_dir, cipher, now, told)
            if older:
                typer.echo(say("rekeying.older"))
            if settings.database_url:
                nobody_works(engine, now)
                folder = copy_folders.present(settings.backups, settings.data_dir)
                aside = folder / f"{restoring.ASIDE}{now:%Y%m%d-%H%M%S}.sqlite3"
                done = restoring.restore_into(file, engine, cipher, aside, now, older)
            else:
                engine.dispose()
                done = restoring.restore_file(file, settings.data_dir / wiring.DATABASE, cipher, now, older)
        finally:
            engine.dispose()
        with closing(wiring.open_store(settings)) as store:  # who was erased after the copy is erased again
            calls = 0 if done.settled.known else _calls_instead(store, now)
    _tell(done, settings, calls)
    if done.aside is None and not journal.exists():
        typer.echo(say("backup.no_journal"), err=True)


def _calls_instead(store: "SqlDeskStore", now: datetime) -> int:
    """Reminders and surveys that are due may have gone out since the copy: an officer calls instead; how many."""
    from bot.leads import following

    ways = following.Ways(lambda _channel, _reach, _now: "no", str, lambda trade, said: said or trade)
    before = store.calls_waiting()
    following.run(store, ways, now.replace(hour=12))  # at night nothing is looked at
    return store.calls_waiting() - before


@db_app.command("copy")
def copy(
    source: Annotated[str, typer.Argument(help="sqlite:///… hoặc env:TÊN_BIẾN chứa địa chỉ.")],
    target: Annotated[str, typer.Argument(help="Kho mới, còn trống: env:TÊN_BIẾN hoặc sqlite:///….")],
) -> None:
    """Chép toàn bộ dữ liệu sang kho khác (SQLite ↔ PostgreSQL), đếm lại từng bảng. Khóa giữ nguyên."""
    from bot import running
    from bot.store import copying, migrate
    from bot.store.engines import connect

    settings = common.settings()
    one, other = connect(_address(source)), connect(_address(target))
    try:
        with running.held(settings.data_dir, alone=True):
            if migrate.version(one) != migrate.HEAD:
                raise BotError(f"SOURCE: its schema is not {migrate.HEAD}: run hocnghe db upgrade on it first.")
            nobody_works(one, datetime.now(settings.zone))
            done = copying.copy_all(one, other)
    finally:
        one.dispose()
        other.dispose()
    for name, counted in done.items():
        if counted.rows:
            typer.echo(f"{name}\t{counted.rows}")
    typer.echo(language().say("backup.copied", rows=sum(c.rows for c in done.values())))


def _address(told: str) -> str:
    """A database's address. One with a password must not stand among the processes: it comes by a variable."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    if told.startswith("env:"):
        found = os.environ.get(told.removeprefix("env:"), "")
        if not found:
            raise BotError(f"{told}: that variable is not set: export it first.")
        return found
    try:
        secret = make_url(told).password
    except (ArgumentError, ValueError) as fault:
        raise BotError(
            "a database's address begins with sqlite:/// or postgresql://, or names env:VARIABLE."
        ) from fault
    if secret:
        raise BotError(
            "everybody on this machine sees a password in a command: export it as VARIABLE, give env:VARIABLE."
        )
    return told


def _opened(settings: "Settings") -> "tuple[Engine, Cipher]":
    """The database as it stands (not brought up to date), and the key."""
    from bot import wiring
    from bot.store.crypto import KEY_FILE, Cipher
    from bot.store.engines import connect
    from bot.store.key_files import present_secret

    if not settings.secret_key and not (settings.data_dir / KEY_FILE).is_file():  # a new one would open nothing
        raise BotError(
            f"{settings.data_dir / KEY_FILE}: there is no key: put back the one that the data was written with, see "
            "whether HOCNGHE_DATA_DIR names the right folder; only then give the command again."
        )
    engine = connect(settings.database_url or f"sqlite:///{settings.data_dir / wiring.DATABASE}")
    secret = present_secret(engine, settings.data_dir, settings.secret_key, datetime.now(settings.zone))
    return engine, Cipher(secret)


def nobody_works(engine: "Engine", now: datetime) -> None:
    """A program on another machine holds the lease of the background work."""
    from sqlalchemy import inspect

    from bot import leading
    from bot.store.copying import lease_until

    if not inspect(engine).has_table("leases"):
        return
    until = lease_until(engine, leading.NAME)
    if until is not None and until > now:
        raise BotError("a program uses this database: stop every hocnghe serve and worker, wait a minute, try again.")


def told(table: str, rows: int) -> None:
    """How many rows of a table were sealed anew."""
    if rows:
        typer.echo(f"{table:<26}{rows:>9}")


def _write_key(settings: "Settings", file: Path) -> None:
    from bot.store.crypto import key_from

    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)  # of a file that was there, too
        out.write(settings.secret_key or key_from(settings.data_dir))


def _besides(settings: "Settings") -> list[str]:
    """What a copy does not hold and a new machine needs."""
    from bot.dialogue import office_hours
    from bot.store import journal_file
    from bot.store.crypto import KEY_FILE
    from bot.store.key_files import kept_files

    key = "HOCNGHE_SECRET_KEY" if settings.secret_key else str((settings.data_dir / KEY_FILE).absolute())
    hours = settings.data_dir / office_hours.FILE  # the holidays that were entered
    others = (settings.data_dir / journal_file.NAME, hours, Path(os.environ.get("HOCNGHE_ENV_FILE", ".env")))
    older = kept_files(settings.data_dir)  # of copies from before a change of key
    return [key, *(str(p.absolute()) for p in (*older, *others) if p.exists())]


def _tell(done: "Restored", settings: "Settings", calls: int) -> None:
    say, settled = language().say, done.settled
    until = done.until.astimezone(settings.zone) if done.until else None
    typer.echo(say("backup.restored", until=f"{until:%H:%M %d/%m/%Y}" if until else say("backup.nothing_yet")))
    if done.aside is not None:
        typer.echo(say("backup.aside", file=str(done.aside)))
    counts = {"unknown": settled.unknown, "paused": settled.paused, "lists": settled.lists}
    for key, count in {**counts, "calls": calls, "chats": settled.chats}.items():
        if count:
            typer.echo(say(f"backup.{key}", n=count))
    typer.echo(say("backup.sign_in"))
    if settings.zalo_oa_app_id:
        typer.echo(say("backup.zalo_kept" if settled.tokens else "backup.zalo"))
