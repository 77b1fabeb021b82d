"""docs/knowledge.md names every fact, value and benefit, and its examples can be followed."""

import re
from datetime import date
from pathlib import Path

from knowledge.benefits import Fact
from knowledge.catalogue import Catalogue
from knowledge.check import faults
from knowledge.dated import Where
from knowledge.people import read_people
from knowledge.reading import DATA

PAGE = (Path(__file__).parents[2] / "docs" / "knowledge.md").read_text(encoding="utf-8")


def _values(fact: Fact) -> set[str]:
    return {choice.value for choice in fact.choices} - {"yes", "no", "none"}


def test_the_page_names_every_fact_value_and_benefit(catalogue: Catalogue) -> None:
    named = set(re.findall(r"`\"?([a-z0-9_]+)\"?`", PAGE))
    assert set(catalogue.facts) <= named
    assert {value for fact in catalogue.facts.values() for value in _values(fact)} <= named
    assert set(catalogue.nation.benefits) <= named


def test_the_page_names_every_group_of_trades(catalogue: Catalogue) -> None:
    for group in {trade.group for trade in catalogue.trades()}:
        assert re.search(rf"\b{group}\b", PAGE), group


def _blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", PAGE, flags=re.S)


def test_following_the_recipes_for_a_resolution_and_a_trade_leaves_no_fault(tmp_path: Path) -> None:
    root = tmp_path / "vn"
    for path in DATA.rglob("*.toml"):
        target = root / path.relative_to(DATA)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    law, value = (block for block in _blocks() if block.startswith("# 22-quang-ninh"))
    (root / "22-quang-ninh" / "laws.toml").write_text(law, encoding="utf-8")
    (root / "22-quang-ninh" / "parameters" / "training.toml").write_text(value, encoding="utf-8")
    trade = next(block for block in _blocks() if block.startswith("# trades.toml"))
    with (root / "trades.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + trade)
    assert [str(fault) for fault in faults(root, on=date(2026, 11, 22))] == []
    catalogue = Catalogue.load(root)
    assert catalogue.value("nd338.tuition", where=Where("22"), on=date(2027, 1, 1)).value == 5_000_000
    assert catalogue.trade("salt_making").group == "fishery"


def test_the_example_of_a_person_can_be_read(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "people.toml"
    path.write_text(next(block for block in _blocks() if "[[person]]" in block), encoding="utf-8")
    assert read_people(path, catalogue.facts)[0].facts["age"] == 41
