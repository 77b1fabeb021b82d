"""The database is whole, the figures are those of the rows, the programs ended in order and stayed small."""

import re
from collections import Counter

from soak.chaos.evidence import Evidence

MOST_MIB = 200.0  # 180 MB after a thousand turns; twelve times as many, the desk, pages
AFTER_A_HANG = 220.0  # a minute's connections come at once, and what they took stays in pieces
# What a program may say while its database, disk or platform is away.
EXPECTED = re.compile(
    r"waits for the database|could not be (sent|renewed|marked|settled|taken|read|looked)|will be delivered again"
    r"|could not take a turn|a job failed: it is tried again"
    r"|a message was not delivered|unknown fate|database is locked|OperationalError|disk (is )?full|sending again"
)
# From its head to the line that names the exception.
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ ].*\n)*(.*)")
OURS = re.compile(r"\[(error|critical)\s*\]|Traceback \(most recent")


def sound(e: Evidence) -> list[str]:
    """By the database's own checks."""
    return e.database_faults


def no_orphans(e: Evidence) -> list[str]:
    """What hangs on a contact, a person or a lead has one."""
    ids = {name: {r["id"] for r in e.rows[name]} for name in ("contacts", "people", "leads", "officers")}
    hangs = (
        ("sessions", "contact_id", "contacts"), ("seen_updates", "contact_id", "contacts"),
        ("messages", "contact_id", "contacts"), ("contact_people", "contact_id", "contacts"),
        ("contact_people", "person_id", "people"), ("leads", "person_id", "people"),
        ("lead_history", "lead_id", "leads"), ("tickets", "contact_id", "contacts"),
        ("search_words", "person_id", "people"), ("follow_ups", "lead_id", "leads"),
    )  # fmt: skip
    faults = []
    for table, column, whose in hangs:
        lost = [r for r in e.rows[table] if r[column] is not None and r[column] not in ids[whose]]
        faults += [f"{table}: {len(lost)} rows of {whose} that are gone"] if lost else []
    tied = {r["person_id"] for r in e.rows["contact_people"]}
    sheet = {p["id"] for p in e.rows["people"] if "qsheet" in p["full_name"].lower()}
    alone = ids["people"] - {lead["person_id"] for lead in e.rows["leads"]}
    faults += [f"people {sorted(alone)[:5]} have no lead"] if alone else []
    lonely = ids["people"] - tied - sheet
    return faults + ([f"people {sorted(lonely)[:5]} belong to no contact"] if lonely else [])


def history_of_each(e: Evidence) -> list[str]:
    """A lead's history says once how it came."""
    first = Counter(h["lead_id"] for h in e.rows["lead_history"] if h["what"] in ("new", "imported"))
    return [f"lead {lead['id']}: began {first[lead['id']]} times" for lead in e.rows["leads"] if first[lead["id"]] != 1]


def desk_counts(e: Evidence) -> list[str]:
    """What the desk says is what the rows say."""
    faults = []
    for what, said in e.desk.items():
        if what == "new":
            counted = sum(lead["state"] == "new" for lead in e.rows["leads"])
        else:
            waiting = (k for k in e.rows["tickets"] if k["waiting_since"] is not None and k["closed_at"] is None)
            counted = len({ticket["contact_id"] for ticket in waiting})  # people, as the page behind the number lists
        faults += [f"the desk counts {said} {what}, the rows say {counted}"] if counted != said else []
    return faults


def settled(e: Evidence) -> list[str]:
    """In bounded time after the last disturbance; no update is left with a platform; nobody gave up.

    But one whose answers rode in webhooks' own and were refused there (`Evidence.vain`): nobody knows of those.
    """
    faults = [] if e.settled else ["it did not settle in time"]
    faults += [f"Telegram still has {len(e.pending)} updates"] if e.pending else []
    gave_up = [p for p in e.people if p.trouble and not any(told.update in e.vain for told in p.told)]
    return faults + [f"person {p.number} ({p.channel}, {p.plan}): {p.trouble}" for p in gave_up]


def quiet_logs(e: Evidence) -> list[str]:
    """No error but of the kinds that an outage brings: a fault of the database, told by name or as a traceback."""
    faults = []
    for name, log in e.logs.items():
        lines = [ln for ln in TRACEBACK.sub(_brief, log).splitlines() if OURS.search(ln) and not EXPECTED.search(ln)]
        faults += [f"log of {name}: {ln[:200]}" for ln in lines[:10]]
    return faults


def _brief(traceback: re.Match[str]) -> str:
    return "" if EXPECTED.search(traceback[1]) else traceback[0].replace("\n", " ")


def small(e: Evidence) -> list[str]:
    """Resident memory of serve, the most of all moments."""
    most = {name: AFTER_A_HANG if name in e.hung else MOST_MIB for name in e.most_mib}
    return [f"{n} took {mib:.0f} MiB" for n, mib in e.most_mib.items() if mib > most[n]]


def ended(e: Evidence) -> list[str]:
    """SIGTERM at the end: an orderly one."""
    return [f"{n} ended with {code}" for n, code in e.endings.items() if code != 0]


CHECKS = (sound, no_orphans, history_of_each, desk_counts, settled, quiet_logs, small, ended)
