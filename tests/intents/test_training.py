import numpy as np
import pytest

from intents import cache, catalogue, training
from intents.catalogue import IntentData, Phrase, Topic

SAID = {
    "cost": ["học có mất tiền không", "đóng bao nhiêu tiền học", "phải nộp tiền không"],
    "location": ["lớp học ở đâu", "địa chỉ lớp học chỗ nào", "học ở chỗ nào vậy"],
    "out_of_scope": ["hôm nay mưa không", "giá lợn hôm nay", "tỉ số bóng đá"],
}


@pytest.fixture
def small(tmp_path):
    topics = tuple(
        Topic(name, "test", tuple(Phrase(text, f"w{at}") for at, text in enumerate(said)), f"{name}.toml")
        for name, said in SAID.items()
    )
    return IntentData(topics, {"alo": "greeting"}, {}, {}, tmp_path)


def test_training_twice_gives_the_same_weights(small):
    assert np.array_equal(training.train(small).weights.values, training.train(small).weights.values)


def test_training_tells_how_far_it_is(small):
    told = []
    training.train(small, progress=lambda share, _step: told.append(share))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_what_was_kept_is_what_is_loaded(small, tmp_path):
    trained = training.train(small)
    cache.write(tmp_path / "intents-a.npz", trained)
    kept = cache.read(tmp_path / "intents-a.npz")
    assert kept is not None
    sentence = "hoc o dau vay"
    first, second = training.of(trained, small), training.of(kept, small)
    assert np.allclose(first.margins(sentence), second.margins(sentence))
    assert kept.topics == trained.topics
    assert kept.counts == trained.counts


def test_a_second_start_loads_and_does_not_train(small, tmp_path):
    calls = []

    def train():
        calls.append(1)
        return training.train(small)

    for _ in range(2):
        cache.load_or_train(tmp_path, "key", train)
    assert calls == [1]


def test_a_broken_file_is_trained_anew(small, tmp_path):
    (tmp_path / "intents-key.npz").write_bytes(b"broken")
    cache.load_or_train(tmp_path, "key", lambda: training.train(small))
    assert cache.read(tmp_path / "intents-key.npz") is not None


def test_a_folder_that_cannot_be_written_still_gives_a_recogniser(small, tmp_path):
    (tmp_path / "file").write_text("")
    assert cache.load_or_train(tmp_path / "file" / "x", "key", lambda: training.train(small)).topics


def test_changed_data_have_another_key(tmp_path):
    (tmp_path / "a.toml").write_text("x = 1")
    before = cache.key(tmp_path)
    (tmp_path / "a.toml").write_text("x = 2")
    assert cache.key(tmp_path) != before


def test_the_cache_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("HOCNGHE_CACHE_DIR", str(tmp_path))
    assert cache.folder() == tmp_path
    monkeypatch.delenv("HOCNGHE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "hocnghe"


def test_a_broken_data_file_says_where(tmp_path):
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "cost.toml").write_text("[w1]\nsay = [")
    (tmp_path / "vi" / "_none.toml").write_text('[w1]\nsay = ["mưa"]')
    with pytest.raises(catalogue.DataFault, match=r"cost\.toml"):
        catalogue.load(tmp_path)


def test_an_unknown_key_says_what_to_write(tmp_path):
    (tmp_path / "vi").mkdir()
    (tmp_path / "vi" / "cost.toml").write_text('[w1]\nsays = ["a"]')
    (tmp_path / "vi" / "_none.toml").write_text('[w1]\nsay = ["mưa"]')
    with pytest.raises(catalogue.DataFault, match="unknown key"):
        catalogue.load(tmp_path)
