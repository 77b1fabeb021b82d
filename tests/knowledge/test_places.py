"""Provinces and communes of today, and the names from before the mergers."""

from pathlib import Path

from knowledge import places
from knowledge.places import Gazetteer


def test_there_are_34_provinces_and_3321_communes(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.provinces()) == 34
    assert len(gazetteer.communes()) == 3_321
    assert {commune.kind for commune in gazetteer.communes()} == {"xã", "phường", "đặc khu"}


def test_codes_keep_their_leading_zeros(gazetteer: Gazetteer) -> None:
    hanoi = gazetteer.province("01")
    assert hanoi is not None
    assert hanoi.name == "Hà Nội"
    assert all(len(commune.code) == 5 and len(commune.province) == 2 for commune in gazetteer.communes())


def test_a_commune_has_a_bare_name_and_a_full_one(gazetteer: Gazetteer) -> None:
    cat_hai = gazetteer.commune("11914")
    assert cat_hai is not None
    assert (cat_hai.name, cat_hai.kind, cat_hai.province, cat_hai.full()) == (
        "Cát Hải",
        "đặc khu",
        "31",
        "Đặc khu Cát Hải",
    )


def test_hai_phong_has_67_communes_45_wards_and_2_special_zones(gazetteer: Gazetteer) -> None:
    kinds = [commune.kind for commune in gazetteer.communes_of("31")]
    assert [kinds.count(kind) for kind in ("xã", "phường", "đặc khu")] == [67, 45, 2]


def test_unknown_codes_are_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.province("99") is None
    assert gazetteer.commune("1") is None
    assert gazetteer.communes_of("99") == ()


def test_every_old_name_leads_to_communes_of_today(gazetteer: Gazetteer) -> None:
    assert gazetteer.old_names()
    for old in gazetteer.old_names():
        assert old.name
        assert all(gazetteer.commune(code) for code in old.into)


def test_a_commune_divided_among_several_lists_them_all(tmp_path: Path) -> None:
    folder = tmp_path / "20-lang-son"
    folder.mkdir()
    (folder / "merged_communes.toml").write_text(
        """[source]
number = "1672/NQ-UBTVQH15"
[[merged]]
code = "06613"
name = "Xã Một"
district = "Huyện Cũ"
province = "Tỉnh Lạng Sơn"
whole = ["Xã Ba"]
part = ["Thị trấn Hai"]
[[merged]]
code = "06625"
name = "Xã Bốn"
district = "Huyện Cũ"
province = "Tỉnh Lạng Sơn"
part = ["Thị trấn Hai"]
""",
        encoding="utf-8",
    )
    old = {(commune.kind, commune.name): commune.into for commune in places.load(tmp_path).old_names()}
    assert old == {("xã", "Ba"): ("06613",), ("thị trấn", "Hai"): ("06613", "06625")}
