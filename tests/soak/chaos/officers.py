"""Two officers at the desk, over HTTP as their browsers do: Today, states, the inbox, workbooks, teaching."""

import asyncio
import io
import json
import random
import re
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, FormData
from openpyxl import Workbook
from soak.chaos.people import CODE

if TYPE_CHECKING:
    from soak.chaos.run import Town

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
TALK = re.compile(r'href="/desk/waiting/(\d+)')
CASE = re.compile(r'href="/desk/people/(\d+)"')
QUESTION = re.compile(r'href="/desk/questions/(\d+)"')
FAULTS = (ClientError, OSError, TimeoutError)


class Officer:
    """One browser. A request that fails is tried again with the next act, as a human does."""

    def __init__(self, town: "Town", link: str, number: int) -> None:
        self.town, self.number = town, number
        self.path = "/desk/" + link.strip().rpartition("/desk/")[2]
        self.csrf, self.inside = "", False
        self.chance = random.Random(f"officer {town.plan.seed} {number}")
        self.taken: set[str] = set()

    async def open(self) -> None:
        self.client = ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=ClientTimeout(total=25))

    def _url(self) -> str:
        return self.chance.choice(self.town.world.machines).url

    async def enter(self) -> None:
        """The link once; then the desk's cookie."""
        while not self.inside:
            try:
                async with self.client.post(
                    self._url() + self.path, data={"own": "1"}, allow_redirects=False
                ) as answer:
                    self.inside = answer.status == 303
            except FAULTS:
                pass
            if not self.inside:
                if await self.page("/desk/account"):
                    self.inside = True
                await asyncio.sleep(1)

    async def page(self, path: str) -> str:
        """Its text, "" when it does not come."""
        try:
            async with self.client.get(self._url() + path, allow_redirects=False) as answer:
                text = await answer.text()
                if answer.status == 200:
                    found = CSRF.search(text)
                    self.csrf = found[1] if found else self.csrf
                    return text
                self._note("GET", path, answer.status)
        except FAULTS:
            pass
        return ""

    async def send(self, path: str, *pairs: tuple[str, str], **fields: str) -> tuple[int, str]:
        """Status and where it leads; (0, "") when nothing came back."""
        data = [("csrf", self.csrf), *pairs, *fields.items()]
        try:
            async with self.client.post(self._url() + path, data=data, allow_redirects=False) as answer:
                self._note("POST", path, answer.status)
                return answer.status, answer.headers.get("Location", "")
        except FAULTS:
            return 0, ""

    def _note(self, verb: str, path: str, status: int) -> None:
        said = {"officer": self.number, "verb": verb, "path": re.sub(r"\d+", "N", path), "status": status}
        self.town.run.officers.append(said)

    async def today(self) -> None:
        await self.page("/desk")

    async def states(self) -> None:
        """Call somebody new; confirm somebody called."""
        page = await self.page("/desk/people?state=" + self.chance.choice(("new", "contacted")))
        found = CASE.findall(page)
        if found:
            one = self.chance.choice(found)
            case = await self.page(f"/desk/people/{one}")
            seen = re.search(r'name="seen" value="([^"]*)"', case)
            wanted = self.chance.choice(("contacted", "confirmed"))
            await self.send(f"/desk/people/{one}/state", state=wanted, **({"seen": seen[1]} if seen else {}))

    async def inbox(self) -> None:
        """Take a talk, answer, and close some."""
        page = await self.page("/desk/waiting")
        found = list(dict.fromkeys(TALK.findall(page)))[:12]
        for one in self.chance.sample(found, min(3, len(found))):
            talk = await self.page(f"/desk/waiting/{one}")
            once = re.search(r'name="once" value="([^"]*)"', talk)
            await self.send(f"/desk/waiting/{one}/take")
            if once:
                words = f"Chào anh/chị, tuần sau lớp mở. Cán bộ {self.number}"
                await self.send(f"/desk/waiting/{one}/reply", text=words, once=once[1])
                if self.chance.random() < 0.2:  # the button pressed twice
                    await self.send(f"/desk/waiting/{one}/reply", text=words, once=once[1])
            if self.chance.random() < 0.5:
                await asyncio.sleep(2)
                await self.send(f"/desk/waiting/{one}/answered")

    async def workbook_in(self) -> None:
        """An old list from Excel."""
        book, number = Workbook(), self.town.run.imported
        book.active.append(["STT", "Họ và tên", "Năm sinh", "Nghề đăng ký", "SĐT"])
        for row in range(5):
            name = f"Hoàng Văn Qsheet{'abcdefgh'[number % 8]}{'klmnp'[row]}{'aeiou'[self.number % 5]}"
            book.active.append([row, name, 1980 + row, "Nấu ăn", f"0900000{900 + number * 5 + row:03d}"])
        packed = io.BytesIO()
        book.save(packed)
        form = FormData()
        for key, value in {"csrf": self.csrf, "what": "people", "commune": ""}.items():
            form.add_field(key, value)
        form.add_field("file", packed.getvalue(), filename="cu.xlsx", content_type="application/octet-stream")
        url = self._url()
        try:
            async with self.client.post(url + "/desk/import", data=form, allow_redirects=False) as answer:
                place = answer.headers.get("Location", "")
            if answer.status == 303:
                data = {"csrf": self.csrf, "agreed": "1"}
                async with self.client.post(url + place, data=data, allow_redirects=False) as answer:
                    self.town.run.imported += answer.status == 303
        except FAULTS:
            pass

    async def workbook_out(self) -> None:
        """The list as Excel: at once, or fetched a little later from the page that says how far it is."""
        status, place = await self.send("/desk/workbook", commune=CODE)
        if status == 303:
            await asyncio.sleep(3)
            status = 200 if await self.page(place) else 0
        self.town.run.exported += status == 200

    async def teach(self) -> None:
        """A wording that was not understood, to a topic."""
        found = QUESTION.findall(await self.page("/desk/questions"))
        if found:
            one = self.chance.choice(found)
            status, _ = await self.send(f"/desk/questions/{one}/teach", topic="course_list", target="course_list")
            self.town.run.taught += status == 303

    async def work(self, seconds: float) -> None:
        """An office day: something every few seconds."""
        await self.open()
        try:
            await self.enter()
            acts: list[Any] = [self.today, self.states, self.states, self.inbox, self.inbox, self.teach]
            rare: list[Any] = [self.workbook_in, self.workbook_out]
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                await self.chance.choice(rare if self.chance.random() < 0.08 else acts)()
                await asyncio.sleep(self.chance.uniform(1.5, 5.0))
        finally:
            await self.client.close()


class Office:
    """Both officers, and the announcements."""

    def __init__(self, town: "Town", links: list[str]) -> None:
        self.town = town
        self.officers = [Officer(town, link, number) for number, link in enumerate(links, 1)]

    async def work(self, seconds: float) -> None:
        """Until cancelled; two announcements: one in waves about a class, one to everybody at once."""
        async with asyncio.TaskGroup() as group:
            for officer in self.officers:
                group.create_task(officer.work(seconds))
            group.create_task(self._announce(seconds * 0.45, "may-1", "Qtinmot"))
            group.create_task(self._announce(seconds * 0.75, "", "Qtinhai"))

    async def _announce(self, after: float, course: str, mark: str) -> None:
        await asyncio.sleep(after)
        words = ["announce", "--commune", CODE, "--text", f"{mark}: xã mở lớp, mời bà con.", "--json"]
        words += ["--course", course] if course else ["--all"]
        for _ in range(6):  # the database may be away
            if await asyncio.to_thread(self.town.command, *words):
                self.town.run.announced[mark] = len(self.town.run.announced) + 1
                return
            await asyncio.sleep(3)

    async def counts(self) -> dict[str, int]:
        """What Today says, as its one script asks for it; in the end, when nothing changes any more."""
        officer = self.officers[0]
        await officer.open()
        try:
            officer.inside = False
            link = await asyncio.to_thread(self.town.command, "officer", "link", "1")
            officer.path = "/desk/" + link.strip().rpartition("/desk/")[2]
            await officer.enter()
            return json.loads(await officer.page("/desk/pulse") or "{}")
        finally:
            await officer.client.close()

    async def resume(self) -> None:
        """Let go what an outage paused."""
