"""100,000 invented registrations in 300 communes, written as the program writes them."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from desk.desk_stage import NOON

from bot.effects import Applicant
from bot.model import LEAD_STATES
from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.searching import group_digest, hashed, parts
from bot.store.sql_leads import person_values

FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Lò",
    "Vàng",
    "Giàng",
    "Sùng",
    "Hà",
    "Đèo",
    "Cà",
    "Quàng",
    "Lường",
    "Mùa",
]
MIDDLE = ["Thị", "Văn", "Ngọc", "Minh", "Thu", "Hồng", "Đức", "Quang"]
GIVEN = [
    "Mẫu",
    "Thử",
    "Một",
    "Hai",
    "Ba",
    "Bốn",
    "Năm",
    "Sáu",
    "Bảy",
    "Tám",
    "Chín",
    "Mười",
    "Hoa",
    "Lan",
    "Sơn",
    "Hải",
    "Xuân",
    "Hạ",
    "Thu",
    "Đông",
    "An",
    "Bình",
]
TRADES = ("cooking", "industrial_sewing", "pig_raising", "motorbike_repair")
GROUPS = ("poor", "near_poor", "ethnic", "other", "")
BATCH = 5_000


def people(number: int, communes: list[str]) -> Iterator[Applicant]:
    rng = random.Random(7)
    for n in range(number):
        name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)} {rng.choice(GIVEN)}"
        phone = f"09000{n:05}" if n % 10 else ""
        yield Applicant(name, rng.randrange(1960, 2010), phone, "", communes[n % len(communes)], f"Bản {n % 12}")


def fill(store: Any, number: int, communes: list[str]) -> None:
    cipher, rng = store._cipher, random.Random(11)
    rows: dict[Any, list[dict[str, Any]]] = {t.people: [], t.leads: [], d.search_words: [], t.lead_history: []}
    with store.engine.begin() as db:
        for n, who in enumerate(people(number, communes), 1):
            then = NOON - timedelta(minutes=(number - n) * 5)
            details = {"target_group": rng.choice(GROUPS)}
            rows[t.people].append({"id": n, "created_at": then, "changed_at": then, **person_values(cipher, who)})
            lead = {"id": n, "receipt": f"HN-{n:06}", "person_id": n, "commune": who.commune, "created_at": then}
            lead |= {"trade": rng.choice(TRADES), "trade_text": cipher.seal("Nghề", "lead.trade_text"), "course": ""}
            lead |= {
                "served": True,
                "state": rng.choices(LEAD_STATES, (5, 20, 20, 15, 20, 15, 4, 1))[0],
                "changed_at": then,
            }
            lead |= {
                "verification": "verified" if n % 9 else "waiting_person",
                "group_digest": group_digest(cipher, details),
            }
            rows[t.leads].append(lead | {"details": b""})
            for part in parts(who):
                rows[d.search_words].append({"word": hashed(cipher, part), "commune": who.commune, "person_id": n})
            rows[t.lead_history].append({"lead_id": n, "at": then, "who": "contact", "what": "new"})
            if n % BATCH == 0 or n == number:
                for table, made in rows.items():
                    db.execute(table.insert(), made)
                    made.clear()
