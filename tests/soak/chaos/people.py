"""The simulated people as small state machines: each reads what it was told and says the next thing."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable

from soak.chaos.ports import Port, World, key_of, port
from soak.chaos.records import ALL, ONE, TWO, Form, Person, Seen

CHANNELS = (("web", 30), ("telegram", 25), ("zalo_oa", 30), ("zalo_bot", 15))
PLANS = (("ask", 37), ("screen", 8), ("register", 32), ("refuse", 5), ("officer", 8), ("stop", 5), ("leave", 5))
QUESTIONS = (
    "chào", "còn lớp may không", "học phí bao nhiêu", "hoc o dau", "cần giấy gì", "cảm ơn", "tôi muốn học nghề",
    "toi co duoc ho tro k", "lop nau an bao gio khai giang", "hoc xong co viec lam ko", "bao gio co lop moi",
    "trồng nấm linh chi xuất khẩu đi đâu", "thời tiết mai thế nào", "hộ nghèo được bao nhiêu",
)  # fmt: skip
TRADES = (("may công nghiệp", "industrial_sewing"), ("nấu ăn", "cooking"), ("nuôi lợn", "pig_raising"))
CONSENT = {ALL: "đồng ý cả ba", TWO: "đồng ý a và b", ONE: "chỉ đồng ý a"}
COMMUNE, CODE = "phường Ba Đình Hà Nội", "00004"
RECEIPT = re.compile(r"HN-[A-Z0-9]{6}")
MOST_STEPS = 26
STARTS, VOWELS, ENDS = "bdghklmnprstvx", "aeiou", ("", "n", "ng", "m", "t")


def mark(number: int, again: int = 0) -> str:
    """A given name that nobody else has and no text holds: letters alone, as a name must be."""
    chance = random.Random(number * 7 + again)
    syllables = [chance.choice(STARTS) + chance.choice(VOWELS) + chance.choice(ENDS) for _ in range(4)]
    return "Q" + "".join(syllables) + STARTS[number % 14] + VOWELS[number // 14 % 5] + STARTS[number // 70 % 14]


def crowd(world: World, chance: random.Random, count: int, accounts: dict[str, str]) -> list[Person]:
    """So many people, drawn from the seed."""
    made = []
    for number in range(count):
        channel, plan = (chance.choices(*zip(*among, strict=True))[0] for among in (CHANNELS, PLANS))
        made.append(Person(number, channel, accounts[channel], key_of(world, channel, number), plan))
    return made


class Life:
    """What one person does, from the first message to the last."""

    def __init__(self, world: World, person: Person, chance: random.Random) -> None:
        self.person, self.chance, self._world = person, chance, world
        self.port: Port = port(world, person, chance)

    async def run(self) -> None:
        """Never raises: what went wrong stands in `trouble`."""
        plans: dict[str, Callable[[], Awaitable[None]]] = {
            "ask": self._ask, "screen": self._screen, "register": self._register, "refuse": self._refuse,
            "officer": self._officer, "stop": self._stop, "leave": self._leave,
        }  # fmt: skip
        try:
            await plans[self.person.plan]()
        except Exception as fault:  # noqa: BLE001 - told in the report
            self.person.trouble = f"{type(fault).__name__}: {fault}"

    async def _think(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.2, 2.0) * self._world.pace)

    async def _say(self, text: str) -> list[Seen]:
        await self._think()
        return await self._now(text)

    async def _now(self, text: str) -> list[Seen]:
        seen = await self.port.say(text)
        if self.chance.random() < 0.06:
            await self.port.twice()
        return seen

    async def _tap_or_say(self, seen: list[Seen], label: str, words: str) -> list[Seen]:
        if self.chance.random() < 0.4 and any(name == label for s in seen for name, _ in s.choices):
            await self._think()
            return await self.port.tap(label)
        return await self._say(words)

    async def _ask(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            await self._say(self.chance.choice(QUESTIONS))
        if self.chance.random() < 0.3:
            await self._old_button()

    async def _old_button(self) -> None:
        old = next((s for s in self.person.seen if s.choices), None)
        if old is not None:
            await self._think()
            await self.port.tap(self.chance.choice(old.choices)[0], old)

    async def _screen(self) -> None:
        await self._say(f"toi {self.chance.randint(20, 55)} tuoi co duoc ho tro hoc nghe khong")
        seen = await self.port.tap("Xem tôi có được hỗ trợ không")
        for _ in range(7):
            choices = [c for s in seen for c in s.choices]
            if not choices or any("Đăng ký học nghề" in c[0] for c in choices):
                return
            await self._think()
            seen = await self.port.tap(self.chance.choice(choices[: max(1, len(choices) - 1)])[0])

    async def _refuse(self) -> None:
        await self._say("đăng ký học nghề")
        self.person.refused = True
        await self._say("không đồng ý")
        await self._say(self.chance.choice(QUESTIONS))

    async def _stop(self) -> None:
        await self._say(self.chance.choice(QUESTIONS))
        await self.say_stop()

    async def say_stop(self) -> None:
        self.person.stopping = True
        seen = await self._say("dừng tin")
        if any("không nhắn tin báo lớp" in s.text for s in seen):
            self.person.stopped = self._world.clock()

    async def _leave(self) -> None:
        """Registers and shuts the chat (blocks the bot, unfollows the account); some come back and ask."""
        form = self._form()
        self.person.forms.append(form)
        if not await self._filled(form) or not await self.port.leaves():
            return
        self.person.away = self.person.ever_away = True
        self.person.away_unsure = self._world.clock.jumped > 0
        await asyncio.sleep(self.chance.uniform(5, 60) * self._world.pace)
        if self.chance.random() < 0.5:
            await self.port.returns()
            self.person.away = False
            await self._say(self.chance.choice(QUESTIONS))

    async def _officer(self) -> None:
        self.person.asked_officer = True
        seen = await self._say("gặp cán bộ")
        for _ in range(5):
            text = " ".join(s.text for s in seen)
            if "muốn nhắn gì" in text:
                seen = await self._say("lớp may bao giờ mở, tôi hỏi mãi không ai nói")
            elif "gọi lại số nào" in text:
                seen = await self._say(self._phone())
            elif "đã chuyển lời" in text:
                break
            elif "chuyển lời" in text:
                seen = await self._say("đồng ý")
            else:
                seen = await self._say("gặp cán bộ")
        for _ in range(self.chance.randint(1, 4)):  # the officer may have taken the talk: nothing is answered then
            await asyncio.sleep(self.chance.uniform(3, 25) * self._world.pace)
            if hasattr(self.port, "patience"):
                self.port.patience = min(3.0, self.port.patience)
            await self._say(self.chance.choice(QUESTIONS))

    def _phone(self) -> str:
        return f"0900000{self.person.number % 1000:03d}"

    def _form(self) -> Form:
        name = mark(self.person.number, len(self.person.forms))
        self.person.names.append(name)
        agreed = self.chance.choice((ALL, ALL, TWO, ONE))
        year, hamlet = self.chance.randint(1965, 2005), f"Thôn {self.chance.randint(2, 9)}"
        trade = self.chance.choice(TRADES)[1]
        return Form(f"Lò Thị {name}", year, self._phone(), hamlet, trade, agreed)

    async def _register(self) -> None:
        form = self._form()
        self.person.forms.append(form)
        if not await self._filled(form):
            return
        after = self.chance.random()
        if after < 0.12:
            await self._correct(form)
        elif after < 0.22:
            await self._cancel(form)
        elif after < 0.32:
            await self.say_stop()
        elif after < 0.42:
            await self._erase()
        elif after < 0.5:
            await self._old_button()

    async def _filled(self, form: Form) -> bool:
        """Through the form: each question answered as it is asked, until the receipt."""
        began = len(self.person.seen)
        seen = await self._say(self.chance.choice(("đăng ký học nghề", "dang ky hoc nghe", "/dangky")))
        for _ in range(MOST_STEPS):
            await self._think()  # what comes late comes meanwhile: the newest question is answered, once
            seen, began = self.person.seen[began:] or seen, len(self.person.seen)
            given = next((s.text for s in seen if "Số biên nhận" in s.text), "")
            if given:
                form.receipt, form.sent = (RECEIPT.search(given) or [""])[0], True
                return bool(form.receipt)
            answer = next((a for s in reversed(seen) if (a := self._answer(form, s.text))), "đăng ký")
            if answer == "đúng":
                form.sent = True
                seen = await self._tap_or_say(seen, "Đúng, gửi đăng ký", answer)
            else:
                seen = await self._now(answer)
        self.person.trouble = f"no receipt after {MOST_STEPS} steps"
        return False

    def _answer(self, form: Form, text: str) -> str:
        """What is said to a message; "" when it asks nothing."""
        trade = next(said for said, code in TRADES if code == form.trade)
        asked = {
            "đồng ý từng việc": CONSENT[form.agreed],
            "học nghề gì?": trade,
            "xã (phường) nào?": COMMUNE,
            "thôn (bản, ấp, tổ) nào?": form.hamlet,
            "Họ và tên": form.name,
            "sinh năm nào": str(form.year),
            "Số điện thoại để": form.phone,
            "Làm tiếp hay làm lại": "làm tiếp",
            "Một trong": "làm tiếp",
            "em xem lại giúp": "đúng",
            "xem lại giúp em": "đúng",
        }
        found = [said for words, said in asked.items() if words in text]
        return found[-1] if found else ""

    async def _correct(self, form: Form) -> None:
        """The same person and trade once more, from another hamlet: the registration is mended, not doubled."""
        form.hamlet, form.receipt, form.fixed = f"Thôn {self.chance.randint(11, 19)}", "", True
        form.sent = False
        await self._filled(form)

    async def _cancel(self, form: Form) -> None:
        seen = await self._say("hủy đăng ký")
        if any("chắc chắn muốn hủy" in s.text for s in seen):
            seen = await self.port.tap("Đúng, hủy đăng ký")
            form.cancelled = any("Đã hủy" in s.text for s in seen)

    async def _erase(self) -> None:
        seen = await self._say("xóa thông tin của tôi")
        if any("không lấy lại được" in s.text for s in seen):
            self.person.erasing = True
            seen = await self.port.tap("Đúng, xóa hết")
            if any("đã xóa hết" in s.text for s in seen):
                self.person.erased = self._world.clock()
