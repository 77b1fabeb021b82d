"""What the web chat refuses, as an answer that a person and a program can read."""

from bot.model import BotError


class Refused(BotError):
    """`status` is HTTP's, `code` is for programs, `text` a key under `web.error`; `wait` in seconds, 0 = none."""

    def __init__(self, status: int, code: str, text: str, *, wait: int = 0) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.text = text
        self.wait = wait
