from datetime import date

from intents import catalogue
from intents.bands import Measured
from intents.check import _stale, faults


def write(folder, name, *said, writer="w1"):
    folder.mkdir(exist_ok=True)
    body = ",".join(f'"{text}"' for text in said)
    (folder / name).write_text(f'owner = "test"\n[{writer}]\nsay = [{body}]\n', encoding="utf-8")


def test_the_shipped_data_have_no_fault():
    assert faults() == []


def test_a_sentence_of_two_topics_is_a_fault(tmp_path):
    write(tmp_path / "vi", "cost.toml", "Học có mất tiền không?")
    write(tmp_path / "vi", "location.toml", "hoc co mat tien khong")
    write(tmp_path / "vi", "_none.toml", "mưa")
    assert any("belongs to cost too" in fault for fault in faults(tmp_path, cases=tmp_path / "none"))


def test_the_same_words_in_another_order_under_two_topics_are_a_fault(tmp_path):
    write(tmp_path / "vi", "cost.toml", "mất tiền không học")
    write(tmp_path / "vi", "location.toml", "học không mất tiền")
    write(tmp_path / "vi", "_none.toml", "mưa")
    assert any("has the words of a sentence of cost" in fault for fault in faults(tmp_path, cases=tmp_path / "none"))


def test_too_few_phrasings_near_duplicates_and_foreign_files_are_faults(tmp_path):
    write(tmp_path / "vi", "cost.toml", "học có mất tiền không", "học nghề có mất tiền không", "ở đâu")
    write(tmp_path / "vi", "khac.toml", "gì đó")
    write(tmp_path / "vi", "_none.toml", "mưa")
    told = "\n".join(faults(tmp_path, cases=tmp_path / "none"))
    assert "3 phrasings" in told
    assert "near duplicates" in told
    assert "no such topic" in told


def test_doubled_short_forms_and_commands_are_faults(tmp_path):
    write(tmp_path / "vi", "cost.toml", "a")
    write(tmp_path / "vi", "_none.toml", "mưa")
    (tmp_path / "vi" / "_words.toml").write_text('[a]\n"ko" = "không"\n[b]\n"ko" = "khổ"\n', encoding="utf-8")
    (tmp_path / "vi" / "_commands.toml").write_text('[commands]\nback = ["lùi"]\nskip = ["lui"]\n', encoding="utf-8")
    told = "\n".join(faults(tmp_path, cases=tmp_path / "none"))
    assert '"ko" stands in a too' in told
    assert '"lui" stands in back too' in told


def test_a_topic_without_cases_or_with_learnt_ones_is_a_fault(tmp_path):
    write(tmp_path / "vi", "cost.toml", "học có mất tiền không")
    write(tmp_path / "vi", "_none.toml", "mưa")
    cases = tmp_path / "cases"
    cases.mkdir()
    (cases / "cost.toml").write_text('toned = ["Học có mất tiền không?"]\nfoo = 1\n', encoding="utf-8")
    told = "\n".join(faults(tmp_path, cases=cases))
    assert "no cases for out_of_scope" in told
    assert "a case must be a sentence not learnt" in told
    assert "foo: unknown key" in told
    assert "dialect: no case of this style" in told


def test_a_missing_folder_is_one_fault(tmp_path):
    assert len(faults(tmp_path)) == 1


def test_a_calibration_on_other_data_is_stale():
    data = catalogue.load()
    sentences = len(data.phrases())
    writers = len({phrase.writer for _, phrase in data.phrases()})
    assert list(_stale(data, Measured(date(2026, 11, 27), sentences, writers))) == []
    assert "hocnghe eval --writers" in next(_stale(data, Measured(date(2026, 11, 27), sentences // 2, writers)))
    assert list(_stale(data, Measured(date(2026, 11, 27), sentences, writers - 2)))
