"""A talk is one officer's at a time, and the assistant is silent in it."""

from soak.chaos.evidence import Evidence
from soak.chaos.invariants.answering import BEGINS, ENDS, erasing

MAY = ("ngoài giờ làm việc", "lại trả lời anh/chị", "113", "không nhắn tin", "xóa", "đăng ký")


def one_officer(e: Evidence) -> list[str]:
    """By the audit: between two officers' taking the same talk somebody closed it, or time gave it back."""
    faults = []
    ends = {r["contact_id"] for r in e.rows["messages"] if r["outgoing"] and r["update_id"].startswith(ENDS)}
    contact_of = {f"ticket:{k['id']}": k["contact_id"] for k in e.rows["tickets"]}
    holder: dict[str, int] = {}
    for row in sorted(e.rows["audit"], key=lambda r: r["id"]):
        if row["act"] in ("taken", "replied"):
            before = holder.get(row["subject"])
            if before not in (None, row["officer_id"]) and contact_of.get(row["subject"]) not in ends:
                faults.append(
                    f"{row['subject']} was officer {before}'s and officer {row['officer_id']} {row['act']} it"
                )
            holder[row["subject"]] = row["officer_id"]
        elif row["act"] == "answered":
            holder.pop(row["subject"], None)
    return faults


def assistant_is_silent(e: Evidence) -> list[str]:
    """While an officer has a talk nothing goes out to its person but what is allowed in any state."""
    faults = []
    for person in e.people:
        contact = e.contact(person)
        if contact is None or erasing(person) or not person.asked_officer:
            continue
        having = False
        for row in e.talk(contact["id"]):
            kind = row["update_id"]
            if not row["outgoing"]:
                continue
            if kind.startswith(BEGINS):
                having = True
            elif kind.startswith(ENDS) or "lại trả lời anh/chị" in row["text"]:
                having = False
            elif having and kind in {t.update for t in person.told} and not any(m in row["text"] for m in MAY):
                faults.append(
                    f"person {person.number}: an officer has the talk, the assistant says {row['text'][:60]!r}"
                )
    return faults


def officers_words_once(e: Evidence) -> list[str]:
    """The same words of one press of the button stand once."""
    seen: set[tuple[int, str]] = set()
    faults = []
    for row in e.rows["messages"]:
        if row["outgoing"] and row["update_id"].startswith("officer-"):
            key = (row["contact_id"], row["update_id"])
            faults += [f"contact {key[0]}: {key[1]} twice"] if key in seen else []
            seen.add(key)
    return faults


CHECKS = (one_officer, assistant_is_silent, officers_words_once)
