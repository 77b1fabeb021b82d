"""db rotate-key: another key for the data."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import common
from bot.commands.backup import nobody_works
from bot.commands.keeping import db_app

if TYPE_CHECKING:
    from bot.settings import Settings

app = typer.Typer()  # the command stands in the group `db`
KEEP_OLD = timedelta(days=30)


@db_app.command("rotate-key")
def db_rotate_key(
    to_current: Annotated[
        bool, typer.Option("--to-current", help="Dữ liệu của bản sao cũ (khóa cũ): đưa về khóa đang dùng.")
    ] = False,
    demo: common.Demo = False,
) -> None:
    """Đổi khóa: mọi dữ liệu riêng tư được mở bằng khóa cũ và niêm phong bằng khóa mới. Tắt chương trình trước khi đổi.

    Tất cả hoặc không gì cả: mất điện giữa chừng thì lần khởi động sau tự biết khóa nào đúng.
    """
    from bot import running, wiring

    settings = common.settings(demo=demo)
    now = wiring.clock(settings)()
    with running.held(settings.data_dir, alone=True):
        if to_current:
            _to_current(settings, now)
        else:
            _rotate(settings, now)


def _rotate(settings: "Settings", now: datetime) -> None:
    from bot import wiring
    from bot.store import key_files
    from bot.store.crypto import Cipher, key_from
    from bot.store.rekeying import rekey

    folder = settings.data_dir
    store = wiring.open_store(settings)
    try:
        nobody_works(store.engine, now)
        old = settings.secret_key or key_from(folder)
        if settings.secret_key and key_files.waiting(folder) == old:  # taken over into the environment since
            (folder / key_files.NEW_FILE).unlink()
        new = key_files.new_key(folder)
        rekey(store.engine, Cipher(old), Cipher(new), _told)
    finally:
        store.close()
    if settings.secret_key:
        key_files.noted(folder, new, now)
        _say_environment(folder / key_files.NEW_FILE, now)
    else:
        _say_file(key_files.put_in_place(folder, now), now)


def _to_current(settings: "Settings", now: datetime) -> None:
    from bot import wiring
    from bot.store import journal_file, key_files
    from bot.store.crypto import Cipher, KeyFault, key_from
    from bot.store.engines import connect
    from bot.store.migrate import upgrade
    from bot.store.rekeying import fits, rekey
    from bot.store.sql_desk_store import SqlDeskStore

    folder = settings.data_dir
    current = settings.secret_key or key_from(folder)
    engine = connect(settings.database_url or f"sqlite:///{folder / wiring.DATABASE}")
    upgrade(engine)
    nobody_works(engine, now)
    if fits(engine, Cipher(current)) is not False:
        typer.echo("Dữ liệu đã theo khóa đang dùng: không phải làm gì.")
        return
    keys = [path.read_text().strip() for path in key_files.kept_files(folder)]
    first = next((n for n, key in enumerate(keys) if fits(engine, Cipher(key))), None)
    if first is None:
        raise KeyFault(
            f"{folder}: neither the key in use nor a kept one (secret.key.YEAR-MONTH-DAY) opens the data: put the key "
            "of that time into this folder under such a name, then try again."
        )
    for old, new in pairwise([*keys[first:], current]):
        with_old = SqlDeskStore(engine, Cipher(old), zone=settings.zone)
        journal_file.sync(with_old, folder)  # who was erased under that key
        rekey(engine, Cipher(old), Cipher(new), _told)
    engine.dispose()
    typer.echo("Xong: dữ liệu theo khóa đang dùng; ai đã xóa dữ liệu thì vẫn đã xóa. Khởi động lại chương trình.")


def _told(table: str, rows: int) -> None:
    if rows:
        typer.echo(f"{table:<26}{rows:>9}")


def _say_file(kept: Path | None, now: datetime) -> None:
    typer.echo("Đã đổi khóa: khóa mới là secret.key trong thư mục dữ liệu. Chép một bản cất riêng, xa dữ liệu.")
    if kept is not None:
        typer.echo(f"Khóa cũ: {kept}. Các bản sao lưu làm trước hôm nay cần khóa này mới đọc được.")
        typer.echo(
            f"Từ ngày {now + KEEP_OLD:%d/%m/%Y}, khi đã có bản sao lưu mới: hủy khóa cũ cùng các bản sao lưu cũ."
        )
    _say_both()


def _say_environment(file: Path, now: datetime) -> None:
    typer.echo(
        f"Đã đổi khóa. Khóa mới nằm trong tệp {file} (chỉ chủ tệp đọc được).\n"
        "1. Cất giá trị cũ của HOCNGHE_SECRET_KEY ở nơi an toàn, ghi ngày: bản sao lưu làm trước hôm nay cần nó. "
        f"Hủy từ ngày {now + KEEP_OLD:%d/%m/%Y}, cùng các bản sao lưu cũ.\n"
        "2. Đặt HOCNGHE_SECRET_KEY là dòng trong tệp đó, trên mọi máy; chưa đặt thì chương trình không khởi động.\n"
        "3. Khởi động lại, xem danh sách, rồi xóa tệp đó."
    )
    _say_both()


def _say_both() -> None:
    typer.echo(
        "Khi khởi động lại: Telegram và Zalo bot được đặt lại địa chỉ nhận tin (webhook) tự động, trừ khi tự đặt "
        "HOCNGHE_TELEGRAM_WEBHOOK_SECRET, HOCNGHE_ZALO_BOT_WEBHOOK_SECRET.\n"
        "Cán bộ phải đăng nhập lại (hocnghe officer link SỐ). Liên kết danh sách, giấy đề nghị gửi trước đó hết hiệu "
        "lực: gửi lại khi cần. Bà con không phải làm gì."
    )
