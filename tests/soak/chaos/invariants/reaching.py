"""Who is out of reach is known to be; an open page shows each reply, once, and nobody else's."""

from itertools import pairwise

from soak.chaos.evidence import Evidence, Row
from soak.chaos.invariants.answering import erasing

from bot.dialogue.mine import SHARED_IDLE


def reach_as_it_is(e: Evidence) -> list[str]:
    """Who shut the chat is down as out of reach; who came back, or never left, is not.

    News that looks older than their last message, by a clock that ran ahead, is not believed: the next send tells.
    """
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if contact is None or erasing(person):
            continue
        down = contact["unreachable_at"] is not None
        if down != person.away and not (person.away_unsure and not down):
            faults.append(f"person {person.number} ({person.channel}): away {person.away}, down as out of reach {down}")
        lost = [r for r in e.talk(contact["id"]) if r["outgoing"] and r["fate"] == "unreachable"]
        if lost and not person.ever_away:
            faults.append(f"person {person.number} ({person.channel}): {len(lost)} messages out of reach, never left")
    return faults


def answered_after_coming_back(e: Evidence) -> list[str]:
    """The answer to the question that somebody came back with reached them."""
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if contact is None or erasing(person) or person.away or not person.ever_away:
            continue
        last = person.told[-1].update
        lost = [r for r in e.talk(contact["id"]) if r["outgoing"] and r["update_id"] == last]
        faults += [f"person {person.number}: {r['id']} is {r['fate']}" for r in lost if r["fate"] == "unreachable"]
    return faults


def pages_show_each_reply(e: Evidence) -> list[str]:
    """What an open page showed are rows of its own talk, each once a stream; of this sitting all of them."""
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if not person.page or contact is None or erasing(person):
            continue
        mine = {r["id"]: r for r in e.talk(contact["id"]) if r["outgoing"]}
        strange = [n for n, text in person.shown.items() if n not in mine or mine[n]["text"] != text]
        missing = [r["id"] for r in _sitting(e.talk(contact["id"])) if r["outgoing"] and r["id"] not in person.shown]
        who = f"person {person.number} (contact {contact['id']})"
        faults += [f"{who}: the page shows {strange}, which are no rows of theirs"] if strange else []
        faults += [f"{who}: the page lacks {missing}"] if missing else []
        faults += [f"{who}: {person.shown_twice} replies twice in one stream"] if person.shown_twice else []
    return faults


def _sitting(talk: list[Row]) -> list[Row]:
    """What was said after the last long pause: the page does not show to whoever sits there what was before."""
    starts = [n for n, (before, after) in enumerate(pairwise(talk), 1) if after["at"] - before["at"] > SHARED_IDLE]
    return talk[starts[-1] :] if starts else talk


CHECKS = (reach_as_it_is, answered_after_coming_back, pages_show_each_reply)
