"""docs/knowledge.md names every fact, value and benefit, and its examples can be followed."""

import re
import shutil
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
    assert {benefit for pack in catalogue.packs.values() for benefit in pack.benefits} <= named


def test_the_page_names_every_group_of_trades(catalogue: Catalogue) -> None:
    for group in {trade.group for trade in catalogue.trades()}:
        assert re.search(rf"\b{group}\b", PAGE), group


def _blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", PAGE, flags=re.S)


def test_following_the_recipes_for_a_resolution_an_answer_and_a_trade_leaves_no_fault(tmp_path: Path) -> None:
    root = tmp_path / "vn"
    shutil.copytree(DATA, root)
    province = root / "38-thanh-hoa"
    (province / "parameters").mkdir(parents=True)
    law, value = (block for block in _blocks() if block.startswith("# 38-thanh-hoa"))
    (province / "laws.toml").write_text(law, encoding="utf-8")
    (province / "parameters" / "training.toml").write_text(value, encoding="utf-8")
    answer = next(block for block in _blocks() if block.startswith("# 22-quang-ninh/answers/job_fair.toml"))
    (root / "22-quang-ninh" / "answers" / "job_fair.toml").write_text(answer, encoding="utf-8")
    inherited = root / "22-quang-ninh" / "inherited.toml"
    inherited.write_text(inherited.read_text("utf-8").replace('  "job_fair",\n', ""), "utf-8")
    trade = next(block for block in _blocks() if block.startswith("# trades.toml"))
    with (root / "trades.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + trade)
    assert [str(fault) for fault in faults(root, on=date(2026, 11, 22))] == []
    catalogue = Catalogue.load(root)
    assert catalogue.value("nd338.tuition", where=Where("38"), on=date(2027, 1, 1)).value == 5_000_000
    assert catalogue.value("nd338.tuition", where=Where("38"), on=date(2026, 12, 31)).value == 4_000_000
    fair = catalogue.answer("job_fair", where=Where("22"), on=date(2026, 11, 22))
    assert fair is not None
    assert fair.more["vi"].endswith("hỏi trung tâm trước khi đi.")
    assert catalogue.trade("salt_making").group == "fishery"


def test_following_the_recipe_for_a_value_changes_it_on_its_day(tmp_path: Path) -> None:
    root = tmp_path / "vn"
    shutil.copytree(DATA, root)
    path = root / "parameters" / "training.toml"
    block = next(block for block in _blocks() if "nd400_2027" in block)
    head, _, rest = path.read_text("utf-8").partition('id = "base_salary"')
    entries, _, others = rest.partition("\n[[parameter]]")
    path.write_text(f'{head}id = "base_salary"{entries}\n{block}\n[[parameter]]{others}', "utf-8")
    with (root / "laws.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[law]]\nid = "nd400_2027"\nkind = "NĐ"\nnumber = "400/2027/NĐ-CP"\n')
        file.write('title = "Nghị định về mức lương cơ sở"\nin_force = 2027-07-01\nconfidence = "V1"\n')
    assert [str(fault) for fault in faults(root, on=date(2027, 4, 1)) if not fault.warning] == []
    catalogue = Catalogue.load(root)
    assert catalogue.value("base_salary", on=date(2027, 6, 30)).value == 2_530_000
    assert catalogue.value("base_salary", on=date(2027, 7, 1)).value == 2_700_000


def test_the_example_of_a_person_can_be_read(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "people.toml"
    path.write_text(next(block for block in _blocks() if "[[person]]" in block), encoding="utf-8")
    assert read_people(path, catalogue.facts)[0].facts["age"] == 41
