"""The list of people to be called for an announcement."""

from desk.desk_stage import HERE

from bot.desk.call_list import by_hamlet
from bot.store.announcement_port import ToCall


def test_a_hamlet_written_in_two_ways_is_one_on_the_call_list():
    hamlets = ("Bản Mẫu", "bản Mẫu", "Bản Mẫu", "Bản Thử")
    people = [ToCall(HERE, hamlet, "Lò Thị Mẫu", 1981, "0900000001", "", "Nấu ăn", "window") for hamlet in hamlets]
    assert [(where, len(found)) for where, found in by_hamlet(people)] == [
        ((HERE, "Bản Mẫu"), 3),
        ((HERE, "Bản Thử"), 1),
    ]
