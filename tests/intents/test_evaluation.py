import json

import pytest

from intents.evaluation import Share, evaluate, items
from intents.recogniser import Recognition, Scored
from intents.slots import Slots
from intents.writers import WritersReport, without


def answer(topic, decision="answer", *others):
    return Recognition(decision, tuple(Scored(t, 0.5) for t in (topic, *others)))


FOUND = {
    "a": answer("cost"),
    "b": answer("location"),
    "c": answer("location", "clarify", "cost"),
    "d": answer("cost"),
    "e": answer("emergency"),
    "f": answer("greeting"),
    "g": Recognition("unknown", ()),
    "h": answer("cost"),
}
LABELS = {
    "a": ["cost"], "b": ["cost"], "c": ["cost"], "d": ["out_of_scope"], "e": ["out_of_scope"], "f": ["out_of_scope"],
    "g": ["out_of_scope"], "h": ["unemployment_benefit", "out_of_scope"],
}  # fmt: skip


@pytest.fixture
def report():
    lines = [
        json.dumps({"id": k, "text": k, "labels": v, "style": "proper", "slots": {"age": 45} if k == "a" else {}})
        for k, v in LABELS.items()
    ]
    return evaluate(items(lines), FOUND.__getitem__, lambda text: Slots(age=45 if text in "ab" else None))


def test_questions_are_scored_as_the_taxonomy_says(report):
    figures = report.to_json()
    assert figures["n"] == 8
    assert figures["top1"] == pytest.approx(1 / 3, abs=1e-3)
    assert figures["one_tap"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["answered"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["oos_answered"] == pytest.approx(1 / 4)
    assert figures["oos_refused"] == pytest.approx(2 / 4)
    assert figures["wrong_answer_rate"] == pytest.approx(3 / 8)
    assert figures["by_style"]["proper"]["n"] == 8


def test_slots_count_precision_and_recall(report):
    assert report.slots["age"] == {"precision": 0.5, "recall": 1.0, "n": 1}


def test_confusions_and_worst_topics_are_told(report):
    assert report.confusions() == [("cost", "location", 2)]
    assert report.worst_topics()[0][0] == "cost"
    assert {outcome.item.id for outcome in report.wrong_answers()} == {"b", "d", "f"}


def test_an_interval_holds_its_share():
    low, high = Share(8, 10).interval()
    assert low == pytest.approx(0.490, abs=0.002)
    assert high == pytest.approx(0.943, abs=0.002)


def test_a_writer_can_be_left_out():
    from intents import catalogue

    data = catalogue.load()
    rest = without(data, "tay-bac")
    assert "tay-bac" not in {phrase.writer for _, phrase in rest.phrases()}
    assert len(rest.phrases()) < len(data.phrases())


def test_thresholds_tell_what_would_be_answered_and_what_of_it_wrongly(report):
    steps = WritersReport({}, report, Share(0, 0)).thresholds((0.0, 0.99))
    assert steps[0].answered == 1
    assert steps[0].wrong > 0
    assert steps[1].answered < 1
