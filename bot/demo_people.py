"""People for the demonstration's desk: all invented, phones 0900 000 xxx; and an officer to look at them."""

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo import CODE
from bot.demo_questions import questions
from bot.desk.signing_in import LINK_LASTS, give_link, link
from bot.effects import Applicant
from bot.receipts import new_receipt
from bot.store.desk_port import Scope, WalkIn
from bot.store.sql_desk_work import Doer

if TYPE_CHECKING:
    from bot.wiring import House

OFFICER = "Cán bộ ví dụ"
# name, born, hamlet, trade, its name, class, days ago, state, target group
_PEOPLE = (
    ("Lò Thị Mẫu", 1981, "Bản Mẫu", "industrial_sewing", "May công nghiệp", "vi-du-1", 1, "new", "near_poor"),
    ("Hoàng Văn Thử", 1999, "Bản Mẫu", "motorbike_repair", "Sửa chữa xe máy", "vi-du-3", 2, "new", ""),
    ("Vàng Thị Ví Dụ", 1990, "Bản Thử", "industrial_sewing", "May công nghiệp", "vi-du-1", 4, "new", "poor"),
    ("Nguyễn Văn Thí Dụ", 1975, "Thôn Một", "pig_raising", "Nuôi lợn", "", 6, "new", ""),
    ("Lò Thị Mẫu Hai", 1988, "Bản Mẫu", "industrial_sewing", "May công nghiệp", "vi-du-1", 9, "contacted", "poor"),
    ("Giàng A Thử", 2001, "Bản Thử", "motorbike_repair", "Sửa chữa xe máy", "vi-du-3", 12, "contacted", ""),
    ("Trần Thị Làm Mẫu", 1993, "Thôn Một", "cooking", "Nấu ăn", "vi-du-2", 15, "confirmed", ""),
    ("Sùng Thị Mẫu Ba", 1985, "Thôn Hai", "industrial_sewing", "May công nghiệp", "vi-du-1", 20, "confirmed", "poor"),
    ("Phạm Văn Thử Nghiệm", 1970, "Thôn Hai", "pig_raising", "Nuôi lợn", "vi-du-4", 26, "confirmed", ""),
    ("Lường Thị Mẫu", 1996, "Bản Mẫu", "cooking", "Nấu ăn", "vi-du-2", 31, "confirmed", "escaped_poverty"),
    ("Đèo Văn Thử", 1982, "Thôn Một", "motorbike_repair", "Sửa chữa xe máy", "vi-du-3", 38, "withdrawn", ""),
    ("Cà Thị Ví Dụ", 1979, "Bản Thử", "pig_raising", "Nuôi lợn", "vi-du-4", 45, "confirmed", ""),
)  # fmt: skip


def people(house: "House") -> None:
    """An officer, a dozen registrations and some questions, once."""
    now = house.clock()
    with house.store.desk() as desk:
        if desk.officers.all():
            return
        officer = desk.officers.add(OFFICER, "officer", [CODE], now)
        for number, (name, born, hamlet, trade, title, course, ago, state, group) in enumerate(reversed(_PEOPLE), 1):
            who = Applicant(name, born, f"0900000{number:03}", "", CODE, hamlet)
            then = now - timedelta(days=ago)
            consents = {"list": True, "announce": number % 3 > 0, "forward": number % 2 > 0}
            details = {"target_group": group} if group else {}
            came = WalkIn(who, trade, title, course, consents, details, "demo", new_receipt())
            lead = desk.walk_ins.enter(officer, came, then)
            desk.work.set_state(Doer(officer, Scope(None), then), [lead], state)
    questions(house.store, officer, now)


def desk_link(house: "House", address: str) -> str:
    """A fresh one-time link for the demonstration's officer."""
    now = house.clock()
    with house.store.desk() as desk:
        working = [o.id for o in desk.officers.all() if not o.ended]
        officer = working[0] if working else desk.officers.add(OFFICER, "officer", [CODE], now)
        return link(address, give_link(desk, officer, now, LINK_LASTS["shell"]))
