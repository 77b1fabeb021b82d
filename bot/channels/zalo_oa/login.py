"""The first grant of an Official Account, and what is wrong when there is none: three secrets are easily mixed up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from bot.channels import http
from bot.channels.zalo_oa import oauth
from bot.i18n import language
from bot.model import BotError

_TOLD: Mapping[int, str] = {
    oauth.INACTIVE_APP: "the app is not active, or HOCNGHE_ZALO_OA_APP_ID is another app's: look at it on "
    "developers.zalo.me",
    oauth.WRONG_RETURN: "the return address is not the one registered for the app (give it with --returns-to), or the "
    "app wants PKCE (--pkce), or does not",
    oauth.INVALID_GRANT: "the code is older than ten minutes or was used before: begin again",
    oauth.WRONG_SECRET: "HOCNGHE_ZALO_OA_APP_SECRET is not this app's secret key (developers.zalo.me, Cài đặt)",
}


class LoginFault(BotError):
    """No grant, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The three that get mixed up (docs/zalo.md, section 2)."""

    app: str
    webhook_key: str
    bot_token: str = ""


def mixed_up(app_id: str, secrets: Secrets) -> str:
    """What can be seen without asking Zalo, "" when nothing is."""
    if not app_id.isdigit():
        return "HOCNGHE_ZALO_OA_APP_ID: an app id is a number (developers.zalo.me, the app's page)"
    if secrets.app == secrets.webhook_key:
        return (
            "HOCNGHE_ZALO_OA_APP_SECRET and HOCNGHE_ZALO_OA_WEBHOOK_KEY are the same: the first is the app's secret "
            "key (Cài đặt), the second the OA secret key (Official Account, Webhook)"
        )
    if ":" in secrets.app or (secrets.bot_token and secrets.app == secrets.bot_token):
        return "HOCNGHE_ZALO_OA_APP_SECRET holds a bot's token: that one belongs in HOCNGHE_ZALO_BOT_TOKEN"
    return ""


async def granted(client: ClientSession, app: oauth.App, code: str, verifier: str, secrets: Secrets) -> oauth.Pair:
    """The first pair for an approved code. Raises LoginFault with what is wrong and what to do."""
    answer = await oauth.by_code(client, app, code, verifier)
    if isinstance(answer, oauth.Pair):
        return answer
    if isinstance(answer, http.NoAnswer):
        raise LoginFault(f"Zalo's OAuth did not answer ({answer.why}): look at the network, then begin again.")
    if answer.code != oauth.INVALID_GRANT and secrets.webhook_key:
        swapped = oauth.App(app.id, secrets.webhook_key, app.url)
        if isinstance(await oauth.by_code(client, swapped, code, verifier), oauth.Pair):
            raise LoginFault(
                "HOCNGHE_ZALO_OA_APP_SECRET and HOCNGHE_ZALO_OA_WEBHOOK_KEY are swapped: Zalo takes the second one as "
                "the app's secret. Exchange them, then begin again."
            )
    told = _TOLD.get(answer.code, "look at the app id and the app's secret key on developers.zalo.me")
    raise LoginFault(f"Zalo refuses the login ({answer.code}): {told}.")


def described(about: Mapping[str, Any]) -> str:
    """Which Official Account it is (`getoa`), in a line."""
    say = language().say
    verified = say("zalo_login.verified" if about.get("is_verified") else "zalo_login.unverified")
    package = about.get("package_name") or say("zalo_login.no_package")
    return f"{about.get('name') or 'Official Account'} ({about.get('oa_id') or '?'}): {verified}, {package}"
