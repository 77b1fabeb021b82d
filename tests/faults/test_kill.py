"""kill -9 at the worst moments: nothing is lost, nothing is half done, nothing is answered twice."""

import random
import time

import pytest
from faults.stage import Left, Order, Program, assert_all_is_well, talk

pytestmark = pytest.mark.process
TALK = talk("cookie-1", "0900000001")
LAST = ("cookie-1", TALK[-1][1])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    started = Program(tmp_path_factory.mktemp("home"))
    yield started
    started.close()


def receipt(left):
    (lead,) = left.leads()
    return lead.receipt


def test_killed_just_before_the_commit_the_update_is_new_again(program, tmp_path):
    program.start(Order(str(tmp_path), TALK, halt="commit", halt_at=LAST))
    program.until("halted commit")
    assert program.kill()
    with Left(tmp_path) as left:
        assert left.faults() == []
        assert left.leads() == ()
        assert left.messages(*LAST) == ()
        assert left.counts()["seen_updates"] == len(TALK) - 1
        assert left.unsent() == ()

    told = program.run(Order(str(tmp_path), TALK[-1:]))
    with Left(tmp_path) as left:
        (answer,) = left.messages(*LAST)
        assert f"handled {' '.join(LAST)} new {answer.id} in 1" in told
        assert receipt(left) in answer.reply.text
    assert_all_is_well(tmp_path, TALK, kills=0)


def test_killed_between_commit_and_send_the_redelivered_update_gives_the_same_reply(program, tmp_path):
    program.start(Order(str(tmp_path), TALK, halt="send", halt_at=LAST))
    program.until("halted send")
    assert program.kill()
    with Left(tmp_path) as left:
        kept, before = receipt(left), left.messages(*LAST)
        assert left.unsent() == (before[0].id,)
        assert before[0].id not in left.sent()

    told = program.run(Order(str(tmp_path), TALK[-1:], resend=False))
    assert f"handled {' '.join(LAST)} again {before[0].id} in 1" in told
    with Left(tmp_path) as left:
        assert receipt(left) == kept
        assert [m.reply for m in left.messages(*LAST)] == [m.reply for m in before]
        assert left.sent()[before[0].id] == 1
    assert_all_is_well(tmp_path, TALK, kills=0)


def test_killed_between_commit_and_send_the_next_start_sends_it_without_being_asked(program, tmp_path):
    program.start(Order(str(tmp_path), TALK, halt="send", halt_at=LAST))
    program.until("halted send")
    assert program.kill()
    program.run(Order(str(tmp_path), ()))
    with Left(tmp_path) as left:
        assert left.unsent() == ()
        assert set(left.sent().values()) == {1}
    program.run(Order(str(tmp_path), TALK[-1:]))  # the platform delivers it again all the same
    assert_all_is_well(tmp_path, TALK, kills=0)


def test_killed_at_any_moment_everything_is_done_once_in_the_end(program, tmp_path):
    chance = random.Random(20261207)
    updates = tuple(u for n in (1, 2) for u in talk(f"cookie-{n}", f"090000000{n}"))
    kills, waiting = 0, updates
    while waiting:
        program.start(Order(str(tmp_path), waiting))
        for _ in range(min(chance.randint(1, 6), len(waiting))):
            program.until("handled")
        time.sleep(chance.uniform(0, 0.03))
        kills += program.kill()
        with Left(tmp_path) as left:
            assert left.faults() == []
            done = left.acknowledged()
        waiting = tuple(u for u in updates if u[:2] not in done)
    assert kills >= 2
    program.run(Order(str(tmp_path), ()))
    assert_all_is_well(tmp_path, updates, kills)
