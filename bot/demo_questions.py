"""Questions for the demonstration's desk: what invented people asked in vain, and the invented office."""

from datetime import datetime, timedelta

from bot.demo import CODE
from bot.effects import QuestionUnanswered
from bot.local import Office
from bot.model import Contact
from bot.store.desk_port import Scope
from bot.store.learning_port import NEW
from bot.store.sql_desk_store import SqlDeskStore
from bot.store.sql_desk_work import Doer

NOBODY = Contact("terminal", "demo", "demo")
# what was asked, how it was understood, days ago
_ASKED = (
    ("có được mang theo con nhỏ vào lớp không", "clarify", 1),
    ("cho con nho theo vao lop duoc khong", "clarify", 2),
    ("mang theo con nhỏ vào lớp có được không ạ", "clarify", 6),
    ("nhà văn hóa có sóng wifi chưa", "unknown", 3),
    ("nha van hoa xa co song wifi chua", "unknown", 9),
    ("xe đi qua đập tràn lúc mưa được chưa", "unknown", 4),
    ("hôm nay giá lợn bao nhiêu", "unknown", 12),
)
_OFFICE = Office("Phòng Văn hóa – Xã hội (ví dụ)", "0900 000 000", "Trụ sở UBND xã (ví dụ)", "giờ hành chính")


def questions(store: SqlDeskStore, officer: int, now: datetime) -> None:
    """Some questions that wait at the desk, and the commune's office."""
    with store.transaction() as unit:
        contact = unit.lock(NOBODY, now)
        for text, decision, ago in _ASKED:
            unit.apply(contact, QuestionUnanswered(text, decision, CODE), now - timedelta(days=ago))
    with store.desk() as desk:
        desk.wordings.save_office(Doer(officer, Scope(frozenset({CODE})), now), CODE, NEW, _OFFICE)
