"""Pictures of replies at Zalo: uploaded once, good for seven days."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aiohttp import FormData

from bot.channels import http
from bot.channels.zalo_oa.api import Answer, Api

LARGEST = 1024 * 1024
LIFE = timedelta(days=6)  # Zalo keeps them seven; one day for clocks and messages that wait
PATH = "/v2.0/oa/upload/image"
_TIMEOUT = 10.0
_KINDS = {b"\xff\xd8": ("picture.jpg", "image/jpeg"), b"\x89PNG": ("picture.png", "image/png")}


class Pictures:
    """By their addresses."""

    def __init__(self, api: Api, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._clock = clock
        self._kept: dict[str, tuple[str, datetime]] = {}

    async def source(self, address: str, *, anew: bool = False) -> dict[str, str]:
        """`attachment_id` of an upload; the address itself where it could not be uploaded. Raises NoToken."""
        attachment, until = self._kept.get(address, ("", self._clock()))
        if attachment and until > self._clock() and not anew:
            return {"attachment_id": attachment}
        if attachment := await self._uploaded(address):
            self._kept[address] = (attachment, self._clock() + LIFE)
            return {"attachment_id": attachment}
        return {"url": address}

    async def _uploaded(self, address: str) -> str:
        data = await http.fetch(self._api.client, address, timeout=_TIMEOUT, most=LARGEST)
        named = next((kind for start, kind in _KINDS.items() if data.startswith(start)), None)
        if named is None:
            return ""

        def form() -> FormData:
            made = FormData()
            made.add_field("file", data, filename=named[0], content_type=named[1])
            return made

        answer = await self._api.upload(PATH, form)
        return str(answer.data.get("attachment_id") or "") if isinstance(answer, Answer) else ""
