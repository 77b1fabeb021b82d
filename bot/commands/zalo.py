"""zalo login: the first grant of an Official Account."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import common
from bot.model import BotError

if TYPE_CHECKING:
    from bot.channels.zalo_oa import login as first
    from bot.channels.zalo_oa import oauth
    from bot.settings import Settings
    from bot.store.sql import SqlStore

app = typer.Typer()
zalo_app = typer.Typer(no_args_is_help=True, help="Kết nối Zalo Official Account.")
app.add_typer(zalo_app, name="zalo")


@zalo_app.callback()
def _group() -> None:
    """A group of its own, also while it holds one command."""


@zalo_app.command()
def login(
    returns_to: Annotated[
        str, typer.Option(help="Địa chỉ gọi lại (callback) đã khai ở ứng dụng; để trống là HOCNGHE_PUBLIC_URL.")
    ] = "",
    pkce: Annotated[bool, typer.Option(help="Nếu ứng dụng đòi code challenge (PKCE).")] = False,
) -> None:
    """Quản trị viên OA cấp quyền lần đầu (hoặc lại từ đầu)."""
    from bot.channels.zalo_oa import login as first
    from bot.channels.zalo_oa import oauth

    settings = common.settings()
    missing = [n for n in ("APP_ID", "APP_SECRET") if not getattr(settings, f"zalo_oa_{n.lower()}")]
    if missing:
        names = ", ".join(f"HOCNGHE_ZALO_OA_{n}" for n in missing)
        raise BotError(f"{names}: missing: take them from developers.zalo.me (docs/zalo.md), then begin again.")
    known = first.Secrets(settings.zalo_oa_app_secret, settings.zalo_oa_webhook_key, settings.zalo_bot_token)
    if fault := first.mixed_up(settings.zalo_oa_app_id, known):
        raise BotError(fault)
    returns_to = returns_to or settings.public_url
    if not returns_to:
        raise BotError("--returns-to: missing: give the callback address registered for the app.")
    state, verifier = secrets.token_urlsafe(12), secrets.token_urlsafe(32) if pkce else ""
    ours = oauth.App(settings.zalo_oa_app_id, settings.zalo_oa_app_secret, settings.zalo_oauth_url)
    typer.echo("1. Quản trị viên OA mở địa chỉ này và bấm đồng ý:")
    typer.echo(oauth.permission_url(ours, returns_to, state, verifier))
    typer.echo("2. Trình duyệt sẽ mở trang gọi lại. Chép cả địa chỉ của trang đó (có code=...) trong vòng 10 phút.")
    back = oauth.returned(typer.prompt("3. Dán địa chỉ vào đây"))
    if not back.get("code"):
        raise BotError(
            "The address holds no code=…: copy the whole address of the page that opened after the approval."
        )
    if back.get("state", state) != state:
        raise BotError("The address belongs to another login (its state differs): begin again and use the new address.")
    with common.store() as store:
        told = asyncio.run(_exchanged(settings, store, ours, (back["code"], verifier, known)))
    typer.echo(told)


async def _exchanged(
    settings: "Settings", store: "SqlStore", ours: "oauth.App", given: "tuple[str, str, first.Secrets]"
) -> str:
    """Keep the pair, then ask whose it is: what is told proves that it works."""
    from bot import wiring
    from bot.channels import http
    from bot.channels.zalo_oa import login as first
    from bot.channels.zalo_oa.api import Answer, Api
    from bot.channels.zalo_oa.tokens import Tokens, pair, token_name

    async def run(work: Callable[..., Any], *arguments: Any) -> Any:
        return work(*arguments)

    clock = wiring.clock(settings)
    code, verifier, known = given
    async with http.session() as client:
        fresh = await first.granted(client, ours, code, verifier, known)
        with store.channels() as unit:
            unit.save_token(token_name(ours.id), pair(fresh, clock()))
        api = Api(settings.zalo_oa_api_url, Tokens(ours, "", store, run, clock), client)
        about = await api.get("/v2.0/oa/getoa")
    if isinstance(about, Answer) and about.code == 0:
        return f"Đã kết nối: {first.described(about.data)}"
    return "Đã lưu quyền, nhưng chưa hỏi được Zalo về OA này: thử lại sau bằng hocnghe serve và xem /healthz."
