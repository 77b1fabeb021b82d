"""What the peer's own tests hold it with: a clock that stands still, and a client without any library's help."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession

from peers.telegram import TelegramPeer


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Client:
    """Calls a method with JSON: the HTTP status and the body, which must agree."""

    def __init__(self, peer: TelegramPeer) -> None:
        self._peer, self.session = peer, ClientSession()

    async def __call__(self, method: str, *, token: str = "", **args: Any) -> tuple[int, dict[str, Any]]:
        url = f"{self._peer.url}/bot{token or self._peer.token}/{method}"
        async with self.session.post(url, json=args) as response:
            told = await response.json()
            assert told["ok"] is (response.status == 200)
            assert told.get("error_code", 200) == response.status
            return response.status, told

    async def taken(self) -> list[dict[str, Any]]:
        """Poll once and confirm."""
        updates = (await self("getUpdates"))[1]["result"]
        if updates:
            await self("getUpdates", offset=updates[-1]["update_id"] + 1, limit=1)
        return updates

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()
