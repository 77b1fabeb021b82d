"""No registration lost, none doubled, each as its person said it last, with the consents that were given."""

from collections import Counter

from soak.chaos.evidence import Evidence
from soak.chaos.invariants.answering import erasing
from soak.chaos.records import Form, Person


def _forms(e: Evidence) -> list[tuple[Person, Form]]:
    return [(p, f) for p in e.people if not erasing(p) for f in p.forms]


def receipts_are_rows(e: Evidence) -> list[str]:
    """A receipt that somebody saw is a lead."""
    have = {lead["receipt"] for lead in e.rows["leads"]}
    return [
        f"person {p.number}: receipt {f.receipt} is no row" for p, f in _forms(e) if f.receipt and f.receipt not in have
    ]


def none_doubled(e: Evidence) -> list[str]:
    """One lead a person and trade; one person a name that somebody gave."""
    faults = []
    for person, form in _forms(e):
        found = e.leads_of(form.name.split()[-1])
        trades = Counter(lead["trade"] for lead in found if lead["state"] != "withdrawn")
        faults += [f"person {person.number}: {n} open leads for {trade}" for trade, n in trades.items() if n > 1]
        if len({lead["person_id"] for lead in found}) > 1:
            faults.append(f"person {person.number}: {form.name} stands on the list as several people")
    receipts = Counter(lead["receipt"] for lead in e.rows["leads"])
    return faults + [f"receipt {r} was given {n} times" for r, n in receipts.items() if n > 1]


def rows_as_said(e: Evidence) -> list[str]:
    """Year, phone, hamlet and trade of the last form that was confirmed and acknowledged."""
    faults = []
    for person, form in _forms(e):
        if not form.receipt:
            continue
        found = [lead for lead in e.leads_of(form.name.split()[-1]) if lead["receipt"] == form.receipt]
        if not found:
            faults.append(f"person {person.number}: {form.receipt} is not under their name")
            continue
        lead, who = found[0], found[0]["person"]
        said = (form.trade, form.phone, form.hamlet.lower(), str(form.year))
        kept = (
            lead["trade"],
            who["phone"],
            who["hamlet"].lower(),
            str(form.year) if str(form.year) in who["birth"] else who["birth"],
        )
        if said != kept:
            faults.append(f"person {person.number}: said {said}, the row says {kept}")
        if form.cancelled and lead["state"] != "withdrawn":
            faults.append(f"person {person.number}: {form.receipt} was cancelled, the row says {lead['state']}")
    return faults


def nobody_invented(e: Evidence) -> list[str]:
    """Everybody on the list filled in a form or stands in a workbook that was brought."""
    known = {f.name.split()[-1].lower() for p in e.people for f in p.forms}
    strange = []
    for who in e.rows["people"]:
        mark = who["full_name"].split()[-1].lower()
        if mark not in known and not mark.startswith("qsheet"):
            strange.append(f"person row {who['id']} is nobody who wrote")
    return strange


def consents_as_given(e: Evidence) -> list[str]:
    """Each lead has the consents that its person gave, and no other; a lead without `list` is none."""
    given: dict[int, dict[str, bool]] = {}
    for row in sorted(e.rows["consents"], key=lambda r: r["id"]):
        if row["lead_id"] is not None:
            given.setdefault(row["lead_id"], {})[row["purpose"]] = bool(row["given"])
    faults = []
    for person, form in _forms(e):
        for lead in e.leads_of(form.name.split()[-1]):
            have = {p for p, yes in given.get(lead["id"], {}).items() if yes} & {"list", "announce", "forward"}
            if have != set(form.agreed) and not person.stopping:
                faults.append(f"person {person.number}: agreed to {form.agreed}, the rows say {sorted(have)}")
    faults += [
        f"lead {lead['id']} has no consent" for lead in e.rows["leads"] if not given.get(lead["id"], {}).get("list")
    ]
    return faults


def refusers_are_nowhere(e: Evidence) -> list[str]:
    """Who did not agree has no person, no lead, no consent."""
    tied = {r["contact_id"] for r in e.rows["contact_people"]} | {
        r["contact_id"] for r in e.rows["consents"] if r["given"]
    }
    refused = [(p, e.contact(p)) for p in e.people if p.refused]
    return [f"person {p.number} refused and is on the list" for p, c in refused if c is not None and c["id"] in tied]


CHECKS = (receipts_are_rows, none_doubled, rows_as_said, nobody_invented, consents_as_given, refusers_are_nowhere)
