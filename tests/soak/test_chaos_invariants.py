"""Every invariant of the chaos run can fail: rows that are well, then one of them doctored."""

import copy
from datetime import datetime, timedelta

import pytest
from soak.chaos.evidence import Evidence
from soak.chaos.plan import plan
from soak.chaos.records import ALL, Form, Person, Run, Seen, Told
from soak.chaos.report import GROUPS, broken

from bot.store.records import VIETNAM

TABLES = (
    "contacts", "seen_updates", "messages", "people", "contact_people", "leads", "lead_history", "consents", "tickets",
    "announcements", "announcement_recipients", "audit", "sessions", "search_words", "follow_ups", "officers",
)  # fmt: skip
MORNING = datetime(2026, 12, 2, 9, 0, tzinfo=VIETNAM)
LATER = MORNING + timedelta(minutes=5)
ANSWERS = ("Chào anh/chị", "Đã ghi tên! Số biên nhận: HN-AAAAAA")


def message(number: int, update: str, text: str, *, out: bool, fate: str = "sent", contact: int = 1) -> dict:
    sent = {"at": MORNING, "sent_at": MORNING, "fate": fate if out else "", "claimed_by": ""}
    return {"id": number, "contact_id": contact, "update_id": update, "outgoing": out, "text": text, **sent}


def somebody() -> Person:
    told = [Told("u1", "chào", taken=True), Told("u2", "đúng", taken=True)]
    seen = [Seen(text, MORNING) for text in (*ANSWERS, "Qtin: xã mở lớp")]
    form = Form("Lò Thị Qmotmot", 1990, "0900000001", "Thôn 2", "cooking", ALL, "HN-AAAAAA", sent=True)
    return Person(1, "telegram", "bot", "900", "register", told, seen, [form], ["Qmotmot"])


def well() -> Evidence:
    """One person who registered, got one announcement, and another who asked an officer and refused to register."""
    rows: dict = {name: [] for name in TABLES}
    rows["contacts"] = [
        {"id": 1, "channel": "telegram", "external": "900", "unreachable_at": None},
        {"id": 2, "channel": "web", "external": "cookie", "unreachable_at": None},
    ]  # fmt: skip
    rows["seen_updates"] = [{"contact_id": 1, "update_id": u} for u in ("u1", "u2")]
    rows["seen_updates"] += [{"contact_id": 2, "update_id": u} for u in ("w1", "w2")]
    rows["messages"] = [
        message(1, "u1", "chào", out=False), message(2, "u1", ANSWERS[0], out=True),
        message(3, "u2", "đúng", out=False), message(4, "u2", ANSWERS[1], out=True),
        message(5, "w1", "gặp cán bộ", out=False, contact=2), message(6, "w1", "Dạ", out=True, contact=2, fate=""),
        message(7, "inbox-taken-1", "Em tạm im lặng", out=True, contact=2, fate=""),
        message(8, "officer-1-a", "Chào", out=True, contact=2, fate=""),
        message(9, "w2", "hỏi nữa", out=False, contact=2),
        message(10, "inbox-closed-1", "đã trả lời xong", out=True, contact=2, fate=""),
    ]  # fmt: skip
    rows["people"] = [
        {"id": 1, "full_name": "Lò Thị Qmotmot", "phone": "0900000001", "hamlet": "Thôn 2", "birth": "1990"}
    ]
    rows["contact_people"] = [{"contact_id": 1, "person_id": 1}]
    rows["leads"] = [{"id": 1, "receipt": "HN-AAAAAA", "person_id": 1, "trade": "cooking", "state": "new"}]
    rows["lead_history"] = [{"id": 1, "lead_id": 1, "what": "new"}]
    rows["consents"] = [{"id": n, "contact_id": 1, "lead_id": 1, "purpose": p, "given": 1} for n, p in enumerate(ALL)]
    rows["tickets"] = [{"id": 1, "contact_id": 2, "waiting_since": MORNING, "closed_at": MORNING}]
    rows["announcements"] = [{"id": 1, "text": "Qtin: xã mở lớp", "state": "running", "wave": 1}]
    rows["announcement_recipients"] = [
        {"id": 1, "announcement_id": 1, "person_id": 1, "contact_id": 1, "wave": 1, "state": "sent"}
    ]
    rows["audit"] = [{"id": 1, "act": "taken", "subject": "ticket:1", "officer_id": 1}]
    other = Person(
        2, "web", "", "cookie", "officer", [Told("w1", "gặp cán bộ", taken=True), Told("w2", "x", taken=True)]
    )
    other.refused = other.asked_officer = other.page = True
    other.shown = {r["id"]: r["text"] for r in rows["messages"] if r["contact_id"] == 2 and r["outgoing"]}
    e = Evidence(rows, [somebody(), other], Run(announced={"Qtin": 1}))
    e.logs, e.raw, e.histories = {"one": "[info] fine"}, [("db", b"sealed")], {2: [{"from": "me", "id": "w1"}]}
    e.most_mib, e.endings, e.desk = {"one": 150.0}, {"one": 0}, {"new": 1, "waiting": 0}
    return e


def put(table: str, at: int, **values):
    """A row changed."""
    return lambda e: e.rows[table][at].update(values)


def more(table: str, at: int, **values):
    """A row once more, a little different."""
    return lambda e: e.rows[table].append({**e.rows[table][at], "id": 99, **values})


def less(table: str, at: int):
    """A row gone."""
    return lambda e: e.rows[table].pop(at)


def of(number: int, **values):
    """A person who remembers otherwise."""
    return lambda e: [setattr(e.people[number], k, v) for k, v in values.items()]


def given(**values):
    """Something beside the rows."""
    return lambda e: [setattr(e, k, v) for k, v in values.items()]


SEEN = somebody().seen
SHOWN = well().people[1].shown
FORM = somebody().forms[0]
DOCTORED = {
    "answering.taken_once": (less("seen_updates", 1), more("messages", 0), more("messages", 0, update_id="nobody's")),
    "answering.answered_once": (less("messages", 3), more("messages", 3)),
    "answering.fates_known": (put("messages", 1, sent_at=None, fate=""), put("messages", 1, fate="unknown")),
    "answering.wire_agrees": (
        of(0, seen=SEEN[1:]), of(0, seen=[SEEN[1], SEEN[0]]), of(0, seen=[*SEEN, SEEN[0]]),
        of(0, seen=[SEEN[0], *SEEN]),
    ),
    "answering.histories_once": (given(histories={2: [{"from": "me", "id": "w1"}] * 2}),),
    "registering.receipts_are_rows": (less("leads", 0),),
    "registering.none_doubled": (
        more("leads", 0, receipt="HN-BBBBBB"), more("leads", 0, trade="x"),
    ),
    "registering.rows_as_said": (
        put("people", 0, hamlet="Thôn 9"), put("people", 0, birth="1991"), put("leads", 0, trade="x"),
        put("people", 0, full_name="Lò Thị Qhaihai"),
    ),
    "registering.nobody_invented": (put("people", 0, full_name="Lò Thị Lạ"),),
    "registering.consents_as_given": (less("consents", 0), put("consents", 2, given=0)),
    "registering.refusers_are_nowhere": (more("contact_people", 0, contact_id=2), put("consents", 0, contact_id=2)),
    "reaching.reach_as_it_is": (
        of(0, away=True, ever_away=True), put("contacts", 0, unreachable_at=MORNING),
        put("messages", 1, fate="unreachable"),
    ),
    "reaching.answered_after_coming_back": (
        lambda e: (of(0, ever_away=True)(e), put("messages", 3, fate="unreachable")(e)),
    ),
    "reaching.pages_show_each_reply": (
        of(1, shown={**SHOWN, 2: ANSWERS[0]}), of(1, shown={**SHOWN, 6: "Chào"}), of(1, shown_twice=1),
        of(1, shown={n: SHOWN[n] for n in (6, 8, 10)}),
    ),
    "announcing.at_most_once": (of(0, seen=[*SEEN, SEEN[2]]),),
    "announcing.nobody_after_stopping": (of(0, stopped=MORNING - timedelta(seconds=5)),),
    "announcing.ledger_is_the_wire": (
        of(0, seen=SEEN[:2]), put("announcement_recipients", 0, state="failed"),
        lambda e: [more("announcement_recipients", 0, state="unknown")(e) for _ in range(999)],
    ),
    "announcing.ledger_adds_up": (
        more("announcement_recipients", 0), put("announcement_recipients", 0, state="sending"),
        more("announcement_recipients", 0, person_id=None),
        put("announcement_recipients", 0, state="waiting"),
    ),
    "granting.no_token_in_vain": (given(renewals=[(MORNING, 0), (LATER, -14014)]),),
    "owning.one_officer": (
        lambda e: (e.rows["audit"].append({"id": 2, "act": "taken", "subject": "ticket:1", "officer_id": 2}),
                   e.rows["messages"].pop()),
    ),
    "owning.assistant_is_silent": (put("messages", 8, outgoing=True, text="Học phí thì"),),
    "owning.officers_words_once": (more("messages", 7),),
    "private.erased_are_gone": (of(0, erased=LATER),),
    "private.sealed_at_rest": (given(raw=[("db-wal", b"..Qmotmot..")]),),
    "private.logs_are_silent": (
        given(logs={"one": "sent to qmotmot"}), given(logs={"one": "call 0900000001"}), given(logs={"one": "cookie"}),
    ),
    "whole.sound": (given(database_faults=["row 3 missing from index"]),),
    "whole.no_orphans": (less("people", 0), less("contacts", 0), less("leads", 0), less("contact_people", 0)),
    "whole.history_of_each": (less("lead_history", 0), more("lead_history", 0)),
    "whole.desk_counts": (given(desk={"new": 2, "waiting": 0}), given(desk={"new": 1, "waiting": 1})),
    "whole.settled": (given(settled=False), given(pending=[7]), of(0, trouble="no receipt")),
    "whole.quiet_logs": (
        given(logs={"one": "t [error    ] something else"}), given(logs={"one": "Traceback (most recent"}),
    ),
    "whole.small": (given(most_mib={"one": 205.0}), given(most_mib={"one": 225.0}, hung=frozenset({"one"}))),
    "whole.ended": (given(endings={"one": -9}),),
}  # fmt: skip


def test_rows_that_are_well_break_nothing():
    assert broken(well()) == []


def test_a_process_killed_with_the_new_token_in_its_hands_is_no_fault():
    evidence = well()
    evidence.renewals = [(MORNING, 0), (LATER, -14014)]
    evidence.run.harms.append(MORNING + timedelta(seconds=2))
    assert broken(evidence) == []


def test_who_gave_up_because_answers_were_lost_that_nobody_knows_of_is_no_fault():
    evidence = well()
    of(0, trouble="no receipt")(evidence)
    evidence.vain = {"u2"}
    assert broken(evidence) == []


@pytest.mark.parametrize(("name", "number"), [(n, k) for n, doctors in DOCTORED.items() for k in range(len(doctors))])
def test_each_invariant_can_fail(name, number):
    evidence = copy.deepcopy(well())
    DOCTORED[name][number](evidence)
    assert name in [found for found, _faults in broken(evidence)]


def test_no_invariant_is_left_out():
    every = {f"{g.__name__.rpartition('.')[2]}.{c.__name__}" for g in GROUPS for c in g.CHECKS}
    assert every == set(DOCTORED)


def test_the_plan_comes_from_the_seed_alone():
    assert plan(7, 6, 2000) == plan(7, 6, 2000)
    assert plan(7, 6, 2000).acts != plan(9, 6, 2000).acts
    assert [s for s in range(8) if plan(s, 6, 2000).rides] == [0, 1]
    assert {plan(7, 6, 2000).postgres, plan(8, 6, 2000).postgres} == {False, True}
    assert {a.what for a in plan(7, 6, 2000).acts} >= {"kill", "term", "stop", "database", "full", "clock", "peer_down"}
