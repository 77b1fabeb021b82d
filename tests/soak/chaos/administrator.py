"""Whoever looks after the machine: logs in to Zalo anew when the machine says that it must be done."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soak.chaos.run import Town

LOOK = 3.0
SEEN = 35.0  # seconds until the program has looked whether somebody logged in


async def looks_after(town: "Town") -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(LOOK)
        told = (await town.health_of()).get("channels", {}).get("zalo_oa", {})
        if "zalo login" in told.get("trouble", "") and await asyncio.to_thread(
            town.command, "zalo", "login", typed=f"{town.zalo.tokens.code()}\n"
        ):
            town.run.logins += 1
            await asyncio.sleep(SEEN)
