"""Every file of tests/cases/dialogues is a talk that must go as written."""

import pytest
from dialogues.runner import read_cases, stage

CASES = list(read_cases())


def _param(name, case):
    marks = [pytest.mark.xfail(reason=case["known_failure"], strict=True)] if "known_failure" in case else []
    return pytest.param(case, id=name, marks=marks)


@pytest.mark.parametrize("case", [_param(name, case) for name, case in CASES])
def test_the_talk_goes_as_written(case, understanding, catalogue):
    stage(case, understanding, catalogue).play()


def test_there_are_at_least_thirty_talks():
    assert len(CASES) >= 30
