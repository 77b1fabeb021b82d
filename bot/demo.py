"""The demonstration: an invented commune with four classes, marked as such wherever it shows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.model import Course
from bot.store.port import UnitOfWork

CODE = "99001"  # no GSO code: the state's communes end below 33000
COMMUNE: Mapping[str, tuple[str, str]] = {CODE: ("Xã Nà Pàn (xã ví dụ)", "12")}
TYPED: Mapping[str, tuple[str, str]] = {CODE: ("Xã Nà Pàn", "12")}
_CLASSES = (
    ("industrial_sewing", "May công nghiệp", 12, 90, "tối thứ Hai đến thứ Sáu, 18–21 giờ", 30),
    ("cooking", "Nấu ăn, chế biến món ăn", 20, 60, "sáng thứ Bảy và Chủ nhật", 25),
    ("motorbike_repair", "Sửa chữa xe máy", 33, 80, "cả ngày thứ Hai đến thứ Sáu", 18),
    ("pig_raising", "Nuôi lợn", 41, 45, "chiều thứ Ba, thứ Năm", 30),
)


def seed(unit: UnitOfWork, now: datetime) -> None:
    """Serve the invented commune and (re)place its classes, always some weeks ahead of today."""
    unit.serve(CODE, now)
    for number, (trade, title, days, length, schedule, seats) in enumerate(_CLASSES, 1):
        starts = now.date() + timedelta(days=days)
        unit.save_course(
            Course(
                id=f"vi-du-{number}",
                commune=CODE,
                trade=trade,
                title=f"{title} (lớp ví dụ)",
                provider="Trung tâm dạy nghề ví dụ",
                place="Nhà văn hóa xã",
                starts_on=starts,
                ends_on=starts + timedelta(days=length),
                schedule=schedule,
                seats=seats,
                deadline=starts - timedelta(days=3),
                target_groups=(),
                state="open",
                demonstration=True,
            )
        )
