"""officer: who may enter the desk."""

from typing import Annotated

import typer

from bot import ADDRESS
from bot.commands import common
from bot.commands.common import Demo
from bot.model import BotError
from knowledge.dated import PROVINCE_DIGITS

app = typer.Typer()
officer_app = typer.Typer(no_args_is_help=True, help="Cán bộ vào được bàn làm việc.")
app.add_typer(officer_app, name="officer")
Url = Annotated[str, typer.Option(help="Địa chỉ mở bàn làm việc, khi khác HOCNGHE_PUBLIC_URL.")]


@officer_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Họ và tên.")],
    commune: Annotated[list[str] | None, typer.Option(help="Mã xã (5 số); đầu mối tỉnh: mã tỉnh (2 số).")] = None,
    role: Annotated[str, typer.Option(help="officer, coordinator hoặc admin.")] = "officer",
    email: Annotated[str, typer.Option(help="Nơi nhận đường dẫn.")] = "",
    url: Url = "",
    demo: Demo = False,
) -> None:
    """Thêm một cán bộ, in đường dẫn vào bàn làm việc (dùng một lần)."""
    from bot import wiring
    from bot.desk.signing_in import LINK_LASTS, give_link, link
    from bot.store.desk_port import ROLES

    wanted = next((r for r in ROLES if r == role), None)
    codes = commune or []
    if wanted is None:
        raise BotError(f"--role {role}: no such role: give one of {', '.join(ROLES)}.")
    if not name.strip():
        raise BotError("NAME: is empty: give the officer's name.")
    if not codes and wanted != "admin":
        raise BotError(f"--commune: is missing: a role of {role} is for a place: give its GSO code.")
    for code in codes:
        common.known_place(code)
        if len(code) == PROVINCE_DIGITS and wanted == "officer":
            raise BotError(f"--commune {code}: is a province: give communes (5 digits), or --role coordinator.")
    settings = common.settings(demo=demo)
    with common.store(demo=demo) as store, store.desk() as desk:
        now = wiring.clock(settings)()
        number = desk.officers.add(name.strip(), wanted, codes, now, email=email)
        desk.audit(None, "officer_added", f"officer:{number}", now)
        token = give_link(desk, number, now, LINK_LASTS["shell"])
    typer.echo(link((url or settings.public_url or ADDRESS).rstrip("/"), token))


@officer_app.command("link")
def new_link(number: int, url: Url = "", demo: Demo = False) -> None:
    """In đường dẫn mới cho một cán bộ (số trong officer list)."""
    from bot import wiring
    from bot.desk.signing_in import LINK_LASTS, give_link, link

    settings = common.settings(demo=demo)
    with common.store(demo=demo) as store, store.desk() as desk:
        _known(desk.officers.one(number), number)
        now = wiring.clock(settings)()
        desk.audit(None, "link", f"officer:{number}", now)
        token = give_link(desk, number, now, LINK_LASTS["shell"])
    typer.echo(link((url or settings.public_url or ADDRESS).rstrip("/"), token))


@officer_app.command("list")
def listed(demo: Demo = False) -> None:
    """Các cán bộ: số, vai trò, nơi phụ trách, tên."""
    with common.store(demo=demo) as store, store.desk() as desk:
        for one in desk.officers.all():
            left = "\t(ended)" if one.ended else ""
            typer.echo(f"{one.id}\t{one.role}\t{','.join(one.places)}\t{one.name}{left}")


@officer_app.command("end")
def end(number: int, demo: Demo = False) -> None:
    """Cho một cán bộ nghỉ: không vào được bàn làm việc nữa."""
    from bot import wiring

    with common.store(demo=demo) as store, store.desk() as desk:
        _known(desk.officers.one(number), number)
        now = wiring.clock(common.settings(demo=demo))()
        desk.officers.end(number, now)
        desk.audit(None, "officer_ended", f"officer:{number}", now)


def _known(officer: object | None, number: int) -> None:
    if officer is None:
        raise BotError(f"officer {number}: there is none: look at `hocnghe officer list`.")
