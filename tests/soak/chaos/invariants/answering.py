"""Each genuine message is taken once and answered once, in order; what is of unknown fate is counted."""

from collections import Counter

from soak.chaos.evidence import Evidence, Row
from soak.chaos.records import Person, Seen

IN_FLIGHT = 32 * 3 + 32  # messages of one process at most on the wire: three outboxes, and its announcements
BEGINS, ENDS = ("inbox-taken-", "officer-"), ("inbox-closed-", "inbox-back-")
HALF = 60  # letters by which a message is recognised where a channel adds its choices or cuts it


def erasing(person: Person) -> bool:
    """Their talk is gone, or going."""
    return person.erasing or person.erased is not None


def owned(talk: list[Row]) -> set[str]:
    """Updates that came while an officer had the talk: the assistant may be silent there."""
    having, found = False, set[str]()
    back: set[str] = set()
    for row in talk:
        if row["outgoing"] and row["update_id"].startswith(BEGINS):
            having = True
        elif row["outgoing"] and row["update_id"].startswith(ENDS):
            having = False
        elif row["outgoing"] and "lại trả lời anh/chị" in row["text"]:
            having, back = False, back | {row["update_id"]}
        elif not row["outgoing"] and having:
            found.add(row["update_id"])
    return found - back


def taken_once(e: Evidence) -> list[str]:
    """Every message that the program said 200 to is marked as taken, and stands in its contact's talk at most once.

    A tap on an old button has no words: its mark alone tells of it.
    """
    faults, marks = [], dict[int, set[str]]()
    for row in e.rows["seen_updates"]:
        marks.setdefault(row["contact_id"], set()).add(row["update_id"])
    for person in e.people:
        contact = e.contact(person)
        if erasing(person) or not person.told:
            continue
        if contact is None:
            faults += [f"person {person.number} ({person.channel}): no contact"] if _taken(person) else []
            continue
        came = Counter(r["update_id"] for r in e.talk(contact["id"]) if not r["outgoing"])
        wanted = {t.update for t in person.told if t.taken}
        faults += [
            f"person {person.number}: message {u} is not there" for u in wanted - marks.get(contact["id"], set())
        ]
        faults += [f"person {person.number}: message {u} stands there {n} times" for u, n in came.items() if n > 1]
        strange = set(came) - {t.update for t in person.told}
        faults += [f"person {person.number}: message {u} was never sent" for u in strange]
    return faults


def _taken(person: Person) -> bool:
    return any(t.taken for t in person.told)


def answered_once(e: Evidence) -> list[str]:
    """An answer to each, no answer twice; none is owed where an officer has the talk."""
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if contact is None or erasing(person):
            continue
        talk = e.talk(contact["id"])
        answers = Counter(r["update_id"] for r in talk if r["outgoing"])
        silent = owned(talk)
        for told in person.told:
            if told.taken and not answers[told.update] and told.update not in silent:
                faults.append(f"person {person.number} ({person.channel}): {told.update} has no answer")
        same = Counter((r["update_id"], r["text"]) for r in talk if r["outgoing"])
        faults += [
            f"person {person.number}: {u} is answered {n} times: {x[:40]!r}" for (u, x), n in same.items() if n > 1
        ]
    return faults


def fates_known(e: Evidence) -> list[str]:
    """Nothing waits; unknown fates are no more than what was on the wire at the kills or spoilt by a platform."""
    pushed = {c["id"] for c in e.rows["contacts"] if c["channel"] != "web"}
    mine = [r for r in e.rows["messages"] if r["outgoing"] and r["contact_id"] in pushed]
    waiting = [r for r in mine if r["sent_at"] is None and r["fate"] == ""]
    unknown = [r for r in mine if r["fate"] == "unknown"]
    most = e.spoilt + IN_FLIGHT * (e.starts - 1 + e.run.hangs)
    faults = [
        f"message {r['id']} to contact {r['contact_id']} still waits (claimed {r['claimed_by']!r})" for r in waiting
    ]
    return faults + ([f"{len(unknown)} of unknown fate, {most} at most"] if len(unknown) > most else [])


def wire_agrees(e: Evidence) -> list[str]:
    """What a person saw is what the rows say was sent, once each and in order; an unknown one once or not at all.

    A reply in a webhook's own answer that Telegram refused (429) is one that the program cannot know of.
    """
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if person.channel == "web" or contact is None or erasing(person):
            continue
        rows = [r for r in e.talk(contact["id"]) if r["outgoing"]]
        seen = [s for s in person.seen if not any(m in s.text for m in e.run.announced)]
        if why := _unlike(rows, seen, e.vain):
            faults.append(f"person {person.number} ({person.channel}, contact {contact['id']}): {why}")
    return faults


def _unlike(rows: list[Row], seen: list[Seen], vain: set[str]) -> str:
    """Why the two cannot be the same talk, "" when they can. `places`: how many may have been seen so far."""
    places = {0}
    for row in rows:
        here = {p + 1 for p in places if p < len(seen) and _same(row["text"], seen[p].text)}
        if row["fate"] == "unknown" or row["update_id"] in vain:
            here |= places
        elif row["fate"] in ("refused", "unreachable") or row["sent_at"] is None:
            here = places
        if not here:
            other = seen[max(places)].text[:50] if max(places) < len(seen) else "nothing more"
            return f"message {row['id']} ({row['fate']}, to {row['update_id']}): {row['text'][:50]!r}; seen: {other!r}"
        places = here
    return "" if len(seen) in places else f"seen beyond the rows: {[s.text[:50] for s in seen[max(places) :]]}"


def _same(row: str, seen: str) -> bool:
    return seen.strip()[:HALF].split("\n")[0] == row.strip()[:HALF].split("\n")[0]


def histories_once(e: Evidence) -> list[str]:
    """A page shows each message once."""
    faults = []
    for number, shown in e.histories.items():
        twice = [i for i, n in Counter((m["from"], m["id"]) for m in shown).items() if n > 1]
        faults += [f"person {number}: the page shows {i} twice" for i in twice]
    return faults


CHECKS = (taken_once, answered_once, fates_known, wire_agrees, histories_once)
