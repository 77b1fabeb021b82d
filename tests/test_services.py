"""What runs beside the doors begins in one order and ends in the other, also when one of them cannot begin."""

import pytest

from bot.services import Services


class Service:
    def __init__(self, name, told, *, fails=False):
        self.name, self.told, self.fails = name, told, fails

    async def start(self):
        self.told.append(f"+{self.name}")
        if self.fails:
            raise OSError("the database is away")

    async def stop(self):
        self.told.append(f"-{self.name}")


async def test_what_cannot_begin_ends_what_was_begun_before_it():
    told = []
    services = object.__new__(Services)
    services.leader, services.watch = Service("leader", told), Service("watch", told)
    services._connected = (Service("telegram", told), Service("zalo", told, fails=True))
    services.beside, services._last = (), (Service("posting", told),)
    with pytest.raises(OSError, match="away"):
        async with services.started():
            told.append("running")
    assert told == ["+leader", "+watch", "+telegram", "+zalo", "-zalo", "-telegram", "-watch", "-leader"]
