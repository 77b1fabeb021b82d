"""How often one browser or one address may come: token buckets in memory, bounded in number."""

import math
from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Gate:
    """Limits, and the proxies (networks such as "127.0.0.1/32") whose X-Forwarded-* headers are believed.

    Generous per address: a whole village may share one.
    """

    messages_a_minute: int = 30
    address_messages_a_minute: int = 300
    address_cookies_an_hour: int = 600
    streams_a_cookie: int = 3
    streams_an_address: int = 20
    trusted_proxies: tuple[str, ...] = ()
    streams: int = 1_500
    address_requests_a_minute: int = 1_200
    address_files_a_minute: int = 20
    address_looks_a_minute: int = 120
    address_forged_a_minute: int = 30


class Buckets:
    """One bucket a key: `count` at once, refilled evenly over `seconds`. Beyond `most` keys the oldest goes."""

    def __init__(self, count: int, seconds: float, *, most: int = MOST_KEYS) -> None:
        self._count = count
        self._rate = count / seconds
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float) -> int:
        """0: taken. Otherwise nothing was taken and so many whole seconds are to be waited. `now`: any steady clock."""
        left, since = self._left.get(key, (float(self._count), now))
        left = min(float(self._count), left + (now - since) * self._rate)
        taken = left >= 1
        self._left[key] = (left - 1 if taken else left, now)
        self._left.move_to_end(key)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0 if taken else math.ceil((1 - left) / self._rate)

    def __len__(self) -> int:
        return len(self._left)
