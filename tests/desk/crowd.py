"""10,000 invented people who ask, are screened, fill in forms and register: their rows, and a ledger kept beside them.

The ledger says what each person did; it is written by the plan of their talk, not by what the program counts.
"""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

from bot.dialogue.counting import counted, new_form
from bot.dialogue.world import Talk
from bot.effects import LeadRegistered, QuestionUnanswered
from bot.model import FormState, Session, Turn
from bot.store import tables as t
from bot.store.records import VIETNAM
from bot.store.searching import group_digest, hamlet_digest

COMMUNES = ("99001", "03595", "06862")
TRADES = ("cooking", "industrial_sewing", "pig_raising", "")
HAMLETS = ("Bản Mẫu", "Bản Thử", "Thôn Một", "")
GROUPS = ("poor", "near_poor", "ethnic", "disability", "other", "", "")
FIELDS = ("consents", "trade", "commune", "hamlet", "full_name", "birth_year", "phone", "summary")
TOPICS = ("cost", "location", "support_tuition")
FIRST, DAYS = date(2026, 1, 1), 330
STATES = ("contacted", "confirmed", "enrolled", "completed", "employed")


@dataclass
class Ledger:
    """What the people did: each Counter is by (day, commune) and the thing."""

    asked: Counter = field(default_factory=Counter)
    nowhere: Counter = field(default_factory=Counter)
    said: Counter = field(default_factory=Counter)
    screened: Counter = field(default_factory=Counter)
    begun: Counter = field(default_factory=Counter)
    sent: Counter = field(default_factory=Counter)
    into: Counter = field(default_factory=Counter)
    rests: Counter = field(default_factory=Counter)


class Person:
    """One talk: a turn changes the session, and gives a row."""

    def __init__(self, rng: random.Random, ledger: Ledger) -> None:
        self.rng, self.ledger, self.session = rng, ledger, Session()
        self.day = FIRST + timedelta(days=rng.randrange(DAYS))
        self.commune, self.told, self.began, self.rows = "", False, None, []

    def turn(self, **turn) -> None:
        changes = turn.pop("session", {})
        talk = self.talk()
        facts = {**self.session.facts, **({"commune_code": self.commune} if self.commune else {})}
        after = replace(talk.session, facts={**facts, **changes.pop("facts", {})}, **changes)
        known, tally = counted(Turn((), after, **turn), talk)
        self.session = replace(after, counted=known)
        if tally:
            self.rows.append((self.day, tally))
        self.told |= bool(self.commune)
        if tally and self.began is None:
            self.began = self.day
        self.day += timedelta(days=self.rng.choice((0, 0, 0, 1, 3)))

    def talk(self) -> Talk:
        world = SimpleNamespace(place="", today=self.day)
        return Talk(self.session, None, world, None, "")

    def live(self) -> list[tuple[date, str]]:
        rng, book = self.rng, self.ledger
        home = rng.choice(COMMUNES) if rng.random() < 0.85 else ""
        if rng.random() < 0.5:
            self.commune = home
        self.turn()  # hello: nothing is counted
        for _ in range(rng.choice((0, 1, 1, 2))):
            said = rng.choice(("answered", "answered", "clarified", "unanswered"))
            book.said[self.day, self.commune, said] += 1
            effects = (QuestionUnanswered("…", "unknown"),) if said == "unanswered" else ()
            about = rng.choice(TOPICS) if said == "answered" else ""
            self.turn(decision=said, about=about, effects=effects)
        self.commune = home
        if rng.random() < 0.3:
            book.screened[self.day, home] += 1
            self.turn(session={"facts": {"screening": {"b": "likely"}}})
            self.turn(session={"facts": {"screening": {"b": "unlikely"}}})  # of the same person: counted once
        for _ in range(rng.choice((0, 0, 0, 0, 1, 2))):
            self.form(home)
        if self.began is not None:
            (book.asked if self.told else book.nowhere)[self.began, home if self.told else ""] += 1
        return self.rows

    def form(self, home: str) -> None:
        """Some way through the form, sometimes back by one, sometimes aside, sometimes left and begun anew later."""
        rng, book = self.rng, self.ledger
        self.session = new_form(self.talk()).session
        book.begun[self.day, home] += 1
        stops, seen, rest = rng.randrange(1, len(FIELDS) + 4), set(), None
        for at, name in enumerate(FIELDS[:stops]):
            walk = [name] if at == 0 or rng.random() < 0.9 else [FIELDS[at - 1], name]
            for asking in (*walk, *([name] if rng.random() < 0.2 else [])):
                if asking not in seen:
                    book.into[self.day, home, asking] += 1
                    seen.add(asking)
                if rest is None or rest[2] != asking:
                    rest = (self.day, home, asking)
                self.turn(session={"form": FormState("registration", asking)})
        if stops > len(FIELDS):
            book.sent[self.day, home] += 1
            sent = LeadRegistered("HN-AAAAAA", None, "", "", "", served=True, verification="unverified")
            self.turn(effects=(sent,), session={"form": None})
        else:
            book.rests[rest] += 1
            parked = self.session.form
            self.turn(session={"form": None, "parked": parked})


def moment(day: date, rng: random.Random) -> datetime:
    return datetime.combine(day, time(rng.randrange(24), rng.randrange(60)), VIETNAM)


def talks(db, cipher, rng: random.Random, people: int) -> Ledger:
    """The talks' rows, written; and the ledger."""
    ledger, rows = Ledger(), []
    db.execute(t.contacts.insert(), [
        {"id": n, "channel": "web", "account": "site", "external_digest": f"{n:032}", "external": b"",
         "created_at": moment(FIRST, rng), "seen_at": moment(FIRST, rng)} for n in range(1, people + 1)
    ])  # fmt: skip
    for number in range(1, people + 1):
        for update, (day, tally) in enumerate(Person(rng, ledger).live()):
            sealed = cipher.seal(tally, "seen.tally") if tally else None
            at = moment(day, rng)
            rows.append({"contact_id": number, "update_id": f"u{update}", "at": at, "tally": sealed})
    db.execute(t.seen_updates.insert(), rows)
    return ledger


def registrations(db, cipher, rng: random.Random, people: int) -> None:
    """Registrations with their history, consents; every seventh was imported, states go on, back and out."""
    leads, history, consents, persons = [], [], [], []
    blank = dict.fromkeys(("full_name", "birth", "phone", "told_by", "guardian"), b"")
    digests = dict.fromkeys(("phone_digest", "likeness_digest"), "")
    for number in range(1, people + 1):
        day, commune, hamlet = FIRST + timedelta(days=rng.randrange(DAYS)), rng.choice(COMMUNES), rng.choice(HAMLETS)
        group, at = rng.choice(GROUPS), moment(day, rng)
        persons.append({**blank, **digests, "id": number, "hamlet": cipher.seal(hamlet, "person.hamlet"),
                        "hamlet_digest": hamlet_digest(cipher, hamlet), "commune": commune, "created_at": at,
                        "changed_at": at})  # fmt: skip
        imported, state = number % 7 == 0, "new"
        who, what = rng.choice((("contact", "new"), ("officer:1", "walk_in")))
        lines = [(at, "shell", "imported")] if imported else [(at, who, what)]
        if imported:
            state = rng.choice(("new", *STATES))
        else:
            for step in STATES[: rng.randrange(len(STATES) + 1)]:
                if rng.random() < 0.15:
                    step = rng.choice(("withdrawn", "contacted", "confirmed", "employed"))
                at += timedelta(days=rng.randrange(40), hours=1)
                lines += [(at, "officer:1", rng.choice(("reached", "note"))), (at, "officer:1", step)]
                state = step
        leads.append({"id": number, "receipt": f"HN-{number}", "person_id": number, "commune": commune,
                      "trade": rng.choice(TRADES), "trade_text": b"", "course": "", "served": True, "state": state,
                      "verification": "verified", "details": b"", "created_at": lines[0][0], "changed_at": at,
                      "group_digest": group_digest(cipher, {"target_group": group})})  # fmt: skip
        history += [{"lead_id": number, "at": a, "who": w, "what": x} for a, w, x in lines]
        for purpose in ("list", "sensitive"):
            consents.append({"lead_id": number, "purpose": purpose, "given": rng.random() < 0.8, "text_version": "",
                             "by": "self", "at": at})  # fmt: skip
    for table, rows in ((t.people, persons), (t.leads, leads), (t.lead_history, history), (t.consents, consents)):
        db.execute(table.insert(), rows)


def tickets(db, rng: random.Random, people: int) -> None:
    """People who asked for an officer; most are answered, some closed with nobody writing down when."""
    rows = []
    for number in range(1, people + 1):
        at, fate = moment(FIRST + timedelta(days=rng.randrange(DAYS)), rng), rng.random()
        rows.append({"id": number, "contact_id": number, "commune": rng.choice(COMMUNES), "reason": "asked",
                     "text": b"", "phone": b"", "state": "open" if fate < 0.2 else "closed", "at": at,
                     "answered_at": None, "closed_at": None})  # fmt: skip
        if fate > 0.3:
            told = at + timedelta(hours=rng.choice((1, 4, 5, 24, 30, 72, 100)))
            rows[-1]["answered_at" if fate > 0.5 else "closed_at"] = told
    db.execute(t.tickets.insert(), rows)
