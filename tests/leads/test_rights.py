"""A person's file as it is handed to them."""

from store.factories import ME, NOW, consent, happen, lead, person, reply, turn

from bot.i18n import language
from bot.leads import rights


def test_a_person_can_read_their_file(sqlite):
    with sqlite.transaction() as unit:
        turn(unit, "u1", "tôi muốn học may", reply("Dạ"))
    happen(
        sqlite,
        lead(who=person(1)),
        consent("list", receipt="HN-AAAAAA"),
        consent("forward", False, "HN-AAAAAA"),
        contact=ME,
    )
    with sqlite.people() as unit:
        file = unit.rights.file(unit.rights.person("HN-AAAAAA"))
        assert unit.rights.communes(unit.rights.person("1")) == {person(1).commune}
        assert unit.rights.person("HN-NOBODY") is unit.rights.person("99") is unit.rights.person("'; --") is None
    text = rights.readable(file, language())
    assert f"họ tên: {person(1).full_name}" in text
    assert "việc: forward; đồng ý: Không" in text
    assert "nội dung: tôi muốn học may" in text
    assert f"{NOW:%d/%m/%Y}" in text
    assert "digest" not in text
    assert person(1).phone in rights.as_json(file)
