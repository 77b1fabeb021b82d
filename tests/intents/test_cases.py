"""Every sentence of tests/cases/intents is understood as its file says."""

import pytest

from tests.intents.conftest import cases


@pytest.mark.parametrize(("label", "accept", "text"), cases())
def test_a_sentence_is_understood(recogniser, label, accept, text):
    found = recogniser.recognise(text)
    if label == "_none":
        assert found.decision != "answer", found
        return
    fair = {label, *accept}
    assert found.best in fair or (found.decision == "clarify" and fair & {t.topic for t in found.topics}), found
    assert not (found.decision == "answer" and found.best not in fair), found
