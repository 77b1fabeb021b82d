"""The outbox: order for each person, retries, holds, and what a crash leaves behind."""

import asyncio
import os
import socket
import subprocess
import sys
from datetime import timedelta

from channels.outbox.outbox_stage import LINE, NOW, contact, fates, queued

from bot.channels.holder import new_holder, surely_gone
from bot.channels.outbox import Failed, Hold, Outbox, Retry, Sent
from bot.store.channel_port import Quota


def ended():
    """The holder of a process of this machine that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return f"{socket.gethostname()}:{child.pid}:abcd"


class Wire:
    """A platform that answers as it is told, and remembers what it got."""

    def __init__(self, *answers):
        self.got = []
        self.answers = list(answers)

    async def send(self, message):
        self.got.append((message.contact.id, message.reply.text))
        await asyncio.sleep(0)
        return self.answers.pop(0) if self.answers else Sent()


async def delivered(store, run, wire, messages):
    box = Outbox(LINE, store, run, wire.send, clock=lambda: NOW)
    box.put(messages)
    await box.idle()
    return box


async def test_each_persons_messages_go_out_in_order_and_once(store, run):
    wire = Wire()
    first, second = queued(store, "a", "1", "2", "3"), queued(store, "b", "x")
    box = Outbox(LINE, store, run, wire.send, clock=lambda: NOW)
    box.put(first)
    box.put(second)
    box.put(first)  # delivered again by the platform meanwhile
    await box.idle()
    assert [t for who, t in wire.got if who == "a"] == ["1", "2", "3"]
    assert len(wire.got) == 4
    assert fates(store) == {"sent": 4}


async def test_what_was_not_taken_is_sent_again_and_the_next_one_waits(store, run):
    wire = Wire(Retry(0.01, "429"))
    await delivered(store, run, wire, queued(store, "a", "1", "2"))
    assert [t for _, t in wire.got] == ["1", "1", "2"]


async def test_a_person_held_up_holds_up_nobody_else(store, run):
    wire = Wire(Retry(0.3, "429"))
    box = Outbox(LINE, store, run, wire.send, clock=lambda: NOW)
    box.put(queued(store, "a", "1"))
    await asyncio.sleep(0.05)
    box.put(queued(store, "b", "x"))
    await asyncio.sleep(0.1)
    assert ("b", "x") in wire.got
    await box.idle()


async def test_without_a_token_all_wait_and_nothing_is_lost(store, run):
    wire = Wire(Hold(0.05, "token"))
    await delivered(store, run, wire, [*queued(store, "a", "1"), *queued(store, "b", "x")])
    assert fates(store) == {"sent": 2}


async def test_whom_nobody_can_reach_is_known_until_they_write_again(store, run):
    wire = Wire(Failed("unreachable", "403"))
    await delivered(store, run, wire, queued(store, "a", "1"))
    with store.channels() as unit:
        assert unit.reach(contact("a")).unreachable_why == "403"
    queued(store, "a", "2", update="u2")
    with store.channels() as unit:
        assert unit.reach(contact("a")).unreachable_at is None


async def test_the_free_replies_left_are_kept_as_the_platform_said(store, run):
    await delivered(store, run, Wire(Sent(Quota(7, 8, NOW))), queued(store, "a", "1"))
    with store.channels() as unit:
        assert unit.reach(contact("a")).quota == Quota(7, 8, NOW)


async def test_after_a_crash_the_unsent_go_out_and_the_interrupted_are_counted_and_not_sent(store, run):
    cut, _ = queued(store, "a", "cut off", "waiting")
    with store.channels() as unit:
        unit.claim([cut.id], ended(), NOW)
    wire = Wire()
    box = Outbox(LINE, store, run, wire.send, clock=lambda: NOW)
    await box.start()
    await box.idle()
    assert wire.got == [("a", "waiting")]
    assert fates(store) == {"unknown": 1, "sent": 1}
    assert box.counts["unknown"] == 1


async def test_a_stop_leaves_what_waits_for_the_next_start(store, run):
    box = Outbox(LINE, store, run, Wire(Retry(60, "429")).send, clock=lambda: NOW)
    box.put(queued(store, "a", "1"))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(box.stop(), 2)
    assert fates(store) == {"pending": 1}


async def test_an_unknown_fate_is_not_sent_again(store, run):
    wire = Wire(Failed("unknown", "timeout"))
    await delivered(store, run, wire, queued(store, "a", "1"))
    assert len(wire.got) == 1
    assert fates(store) == {"unknown": 1}


async def test_a_lease_has_one_holder_until_it_runs_out(store):
    later = NOW.replace(hour=6)
    with store.channels() as unit:
        assert unit.lease("poll", "a", NOW, later)
        assert unit.lease("poll", "a", NOW, later)
        assert not unit.lease("poll", "b", NOW, later)
        assert unit.lease("poll", "b", later, later.replace(hour=7))
        assert unit.leaseholder("poll") == "b"
        assert unit.leaseholder("other") == ""
        unit.give_up("poll", "a")
        assert not unit.lease("poll", "a", later, later)


async def test_waiting_for_a_token_is_no_failed_try(store, run):
    wire = Wire(*(Hold(0.001, "token") for _ in range(30)))
    await delivered(store, run, wire, queued(store, "a", "1"))
    assert fates(store) == {"sent": 1}


async def test_what_was_given_up_for_a_while_is_taken_up_again_and_the_rest_is_not_sent_twice(store, run):
    wire = Wire(*(Retry(0, "503") for _ in range(8)))
    box = await delivered(store, run, wire, queued(store, "a", "1"))
    assert (fates(store), box.counts["left"]) == ({"pending": 1}, 1)
    box.put(queued(store, "b", "x"))
    await box.again()
    await box.idle()
    assert [t for who, t in wire.got if who == "b"] == ["x"]
    assert fates(store) == {"sent": 2}


async def test_two_processes_send_each_message_once_and_those_of_one_person_in_order(store, run):
    wire, names = Wire(), "abcdefgh"
    messages = [queued(store, name, *(f"{name}{n}" for n in range(4))) for name in names]
    boxes = [Outbox(LINE, store, run, wire.send, clock=lambda: NOW) for _ in range(2)]
    for own in messages:  # each process was handed the half of everybody's messages
        boxes[0].put(own[::2])
        boxes[1].put(own[1::2])
    await asyncio.wait_for(asyncio.gather(*(box.idle() for box in boxes)), 20)
    assert sorted(wire.got) == sorted((name, f"{name}{n}") for name in names for n in range(4))
    for name in names:
        assert [text for who, text in wire.got if who == name] == [f"{name}{n}" for n in range(4)]


async def test_what_another_process_is_sending_is_left_to_it_until_its_claim_is_too_old(store, run):
    first, _ = queued(store, "a", "1", "2")
    with store.channels() as unit:
        assert unit.claim([first.id], "another-machine:7:abcd", NOW) == {first.id: "mine"}
    wire, now = Wire(), [NOW + timedelta(minutes=2)]
    box = Outbox(LINE, store, run, wire.send, clock=lambda: now[0])
    await box.start()
    await asyncio.sleep(0.1)
    assert wire.got == []
    now[0] += timedelta(minutes=2)
    await box._look()
    await asyncio.wait_for(box.idle(), 5)
    await box.stop()
    assert wire.got == [("a", "2")]
    assert fates(store) == {"unknown": 1, "sent": 1}


async def test_what_was_left_goes_before_the_next_message(store, run):
    _left, later = queued(store, "a", "1", "2")
    wire = Wire()
    box = Outbox(LINE, store, run, wire.send, clock=lambda: NOW)
    box.put([later])
    await asyncio.wait_for(box.idle(), 5)
    assert wire.got == [("a", "1"), ("a", "2")]


def test_a_holder_is_gone_when_its_process_of_this_machine_has_ended():
    mine = new_holder()
    machine, process, _ = mine.rsplit(":", 2)
    assert surely_gone(ended(), mine=mine)
    assert surely_gone(f"{machine}:{process}:0000", mine=mine)  # the same number, another life
    assert not surely_gone(mine, mine=mine)
    assert not surely_gone(f"{machine}:{os.getppid()}:abcd", mine=mine)
    assert not surely_gone(f"another:{process}:abcd", mine=mine)
    assert not surely_gone("", mine=mine)
