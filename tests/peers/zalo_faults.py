"""What can go wrong between the program and Zalo, on demand: set by a test, used up call by call."""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["slow", "cut", "code", "status", "garbage"]


@dataclass(frozen=True)
class Fault:
    """One order: which calls, what happens to them, how often. Empty method or user = every one."""

    kind: Kind
    method: str = ""
    user: str = ""
    times: int | None = 1  # None = until cleared
    taken: bool = False  # Zalo did what was asked, only the answer goes wrong
    seconds: float = 0
    code: int = 0

    def meets(self, method: str, user: str) -> bool:
        return self.method in ("", method) and self.user in ("", user)


class Faults:
    """The orders in force, the oldest first."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self._orders: list[Fault] = []

    def slow(self, seconds: float, method: str = "", user: str = "", times: int | None = 1) -> None:
        """Zalo takes the request at once and answers late."""
        self._add(Fault("slow", method, user, times, taken=True, seconds=seconds))

    def cut_after(self, method: str = "", user: str = "", times: int | None = 1) -> None:
        """The connection ends without an answer, but the request was taken: a message is delivered, a token spent."""
        self._add(Fault("cut", method, user, times, taken=True))

    def cut_before(self, method: str = "", user: str = "", times: int | None = 1) -> None:
        """The connection ends without an answer and nothing was taken."""
        self._add(Fault("cut", method, user, times))

    def code(self, code: int, method: str = "", user: str = "", times: int | None = 1) -> None:
        """Zalo answers with this number of its table."""
        self._add(Fault("code", method, user, times, code=code))

    def status(self, status: int = 500, method: str = "", user: str = "", times: int | None = 1) -> None:
        """A gateway before Zalo answers with an HTTP status and a page."""
        self._add(Fault("status", method, user, times, code=status))

    def garbage(self, method: str = "", user: str = "", times: int | None = 1, *, taken: bool = True) -> None:
        """HTTP 200 with a body that breaks off: what was asked has been done unless told otherwise."""
        self._add(Fault("garbage", method, user, times, taken=taken))

    def clear(self) -> None:
        self._orders.clear()

    def take(self, method: str, user: str) -> Fault | None:
        """The order that this call meets, used up by one."""
        for place, fault in enumerate(self._orders):
            if fault.meets(method, user):
                if fault.times == 1:
                    del self._orders[place]
                elif fault.times is not None:
                    self._orders[place] = replace(fault, times=fault.times - 1)
                return fault
        return None

    def _add(self, fault: Fault) -> None:
        if fault.method and fault.method not in self.known:
            raise ValueError(f"the peer has no method {fault.method!r}: one of {sorted(self.known)}")
        if fault.times is not None and fault.times < 1:
            raise ValueError(f"a fault for {fault.times} calls never happens: 1 or more, or None for all")
        self._orders.append(fault)
