"""The list: filtered, searched over keyed hashes, a page at a time; one registration with all that belongs to it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, true

from bot.store import desk_tables as d
from bot.store import lead_records
from bot.store import tables as t
from bot.store.crypto import Cipher, masked_name, masked_phone
from bot.store.desk_port import PAGE, Answered, Case, Filter, Happened, Listing, Note, Row, Scope
from bot.store.port import LeadRecord
from bot.store.searching import asked, group_digest, hamlet_digest, hashed, index, unindexed

COUNTED = 1_000  # a longer list is "more than": nobody counts further than that
FEW_COMMUNES = 20  # beyond, walking the newest leads is quicker than looking into each commune's index
RARE = 20_000  # people a search word may have to be the one that is started from
LOST = ("unknown", "refused", "unreachable")  # fates of a message that an officer should know of
_WAITING = "waiting_person"


def within(scope: Scope, *, walk: bool = False) -> Any:
    """The leads an officer may see. `walk`: the newest are wanted; do not go commune by commune when there are many."""
    lead = t.leads.c
    seen: Any = true()
    if scope.communes is not None:
        few = not walk or len(scope.communes) <= FEW_COMMUNES
        seen = (lead.commune if few else lead.commune.concat("")).in_(sorted(scope.communes))
    if not scope.helpers:
        seen = and_(seen, or_(lead.verification != _WAITING, lead.served.is_(False)))
    return seen


def writable(scope: Scope, *, served: bool) -> bool:
    """Whether an officer may change a lead they see."""
    return scope.writes == "all" or (scope.writes == "unserved" and not served)


def not_reached(since: datetime) -> Any:
    """People whom a message of this time did not reach."""
    m, tie = t.messages.c, t.contact_people.c
    query = select(tie.person_id).join(t.messages, m.contact_id == tie.contact_id)
    return query.where(m.outgoing, m.fate.in_(LOST), m.at >= since)


_OTHER = d.search_words.alias("other")


def _has(word: bytes, same: Any) -> Any:
    return select(_OTHER.c.person_id).where(_OTHER.c.word == word, same).exists()


class SqlPeople:
    """Nothing here decrypts more than the rows it shows."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def listing(self, scope: Scope, wanted: Filter, *, size: int = PAGE) -> Listing:
        """A page of the list, newest first."""
        page = max(1, wanted.page)
        matching = self._matching(scope, wanted)
        if matching is None:
            return Listing((), 0, 1, more=False)
        ids = matching.order_by(t.leads.c.id.desc()).limit(size + 1).offset((page - 1) * size)
        found = list(self._db.execute(ids).scalars())
        counted = matching.limit(COUNTED).subquery()
        count = int(self._db.execute(select(func.count()).select_from(counted)).scalar_one())
        return Listing(self.rows(scope, found[:size]), count, page, more=len(found) > size)

    def ids(self, scope: Scope, wanted: Filter, *, most: int) -> list[int]:
        """The leads that match, newest first."""
        matching = self._matching(scope, wanted)
        if matching is None:
            return []
        return list(self._db.execute(matching.order_by(t.leads.c.id.desc()).limit(most)).scalars())

    def _matching(self, scope: Scope, wanted: Filter) -> Any:
        """A select of lead ids; None when nothing can match (the words are too short to be looked for)."""
        lead, person = t.leads.c, t.people.c
        query = select(lead.id).where(within(scope, walk=True))
        for column, value in (
            (lead.commune, wanted.commune),
            (lead.trade, wanted.trade),
            (lead.course, wanted.course),
            (lead.state, wanted.state),
            (lead.verification, wanted.verification),
        ):
            query = query.where(column == value) if value else query
        if wanted.group:
            query = query.where(lead.group_digest == group_digest(self._cipher, {"target_group": wanted.group}))
        query = query.where(lead.created_at >= wanted.since) if wanted.since else query
        query = query.where(lead.created_at < wanted.until) if wanted.until else query
        query = query.where(lead.waiting_since.is_not(None)) if wanted.waiting else query
        if wanted.due:
            note = d.lead_notes.c
            query = query.where(lead.id.in_(select(note.lead_id).where(note.due_on <= wanted.due)))
        if wanted.lost:
            query = query.where(lead.person_id.in_(not_reached(wanted.lost)))
        if wanted.hamlet:
            lives = select(person.id).where(person.id == lead.person_id, person.hamlet_digest == wanted.hamlet)
            query = query.where(lives.exists())
        return self._named(query, scope, wanted.text) if wanted.text.strip() else query

    def _named(self, query: Any, scope: Scope, text: str) -> Any:
        lead, w, o = t.leads.c, d.search_words.c, _OTHER.c
        if text.strip().upper().startswith("HN-"):
            return query.where(lead.receipt == text.strip().upper())
        words = [hashed(self._cipher, part) for part in asked(text)]
        if not words:
            return None
        counts = {word: self._people_with(word, scope) for word in words}
        rarest = min(words, key=lambda word: counts[word])
        if counts[rarest] < RARE:
            start = select(w.person_id).where(w.word == rarest, self._here(scope))
            for word in set(words) - {rarest}:
                start = start.where(_has(word, (o.commune == w.commune) & (o.person_id == w.person_id)))
            return query.where(lead.person_id.in_(start))
        for word in set(words):  # so many have them all that the newest fifty are soon found
            query = query.where(_has(word, (o.commune == lead.commune) & (o.person_id == lead.person_id)))
        return query

    def _here(self, scope: Scope) -> Any:
        few = scope.communes is not None and len(scope.communes) <= FEW_COMMUNES
        return d.search_words.c.commune.in_(sorted(scope.communes or ())) if few else true()

    def _people_with(self, word: bytes, scope: Scope) -> int:
        w = d.search_words.c
        some = select(w.person_id).where(w.word == word, self._here(scope)).limit(RARE).subquery()
        return int(self._db.execute(select(func.count()).select_from(some)).scalar_one())

    def rows(self, scope: Scope, ids: Iterable[int]) -> tuple[Row, ...]:
        """These leads as masked lines, in this order."""
        wanted = list(ids)
        lead, person = t.leads.c, t.people.c
        columns = (
            lead.id, lead.commune, lead.trade, lead.trade_text, lead.course, lead.state, lead.verification, lead.served,
            lead.waiting_since, lead.created_at, person.full_name, person.birth, person.phone, person.told_by,
            person.hamlet,
        )  # fmt: skip
        query = select(*columns).join(t.people, person.id == lead.person_id).where(lead.id.in_(wanted))
        made = {r.id: self._row(r, scope) for r in self._db.execute(query)}
        return tuple(made[i] for i in wanted if i in made)

    def _row(self, r: Any, scope: Scope) -> Row:
        opened = self._cipher.open
        return Row(
            id=r.id,
            name=masked_name(opened(r.full_name, "person.full_name")),
            birth_year=json.loads(opened(r.birth, "person.birth"))[0],
            hamlet=opened(r.hamlet, "person.hamlet"),
            commune=r.commune,
            trade=r.trade,
            trade_text=opened(r.trade_text, "lead.trade_text"),
            course=r.course,
            phone=masked_phone(opened(r.phone, "person.phone")),
            told=bool(r.told_by),
            state=r.state,
            verification=r.verification,
            waiting=r.waiting_since is not None,
            registered_at=r.created_at.astimezone(self._zone),
            writable=writable(scope, served=r.served),
        )

    def hamlets(self, scope: Scope, commune: str) -> tuple[tuple[str, str], ...]:
        """(fingerprint, name) of the hamlets people of a commune live in, by name."""
        person, lead = t.people.c, t.leads.c
        there = select(person.hamlet_digest, func.min(person.id)).join(t.leads, lead.person_id == person.id)
        there = there.where(lead.commune == commune, within(scope), person.hamlet_digest != "")
        first = [number for _digest, number in self._db.execute(there.group_by(person.hamlet_digest).limit(200))]
        query = select(person.hamlet_digest, person.hamlet).where(person.id.in_(first))
        named = ((r.hamlet_digest, self._cipher.open(r.hamlet, "person.hamlet")) for r in self._db.execute(query))
        return tuple(sorted(named, key=lambda pair: pair[1]))

    # ---- one registration

    def case(self, scope: Scope, lead: int, *, opened: bool) -> Case | None:
        """Everything about one registration; None when it is not there, or not this officer's to see."""
        c = t.leads.c
        more = lead_records.joined().add_columns(c.waiting_since).where(c.id == lead, within(scope))
        row = self._db.execute(more).mappings().first()
        if row is None:
            return None
        record = lead_records.record(self._cipher, row, self._zone, frozenset())
        since = row["waiting_since"]
        return Case(
            id=lead,
            record=record if opened else masked(record),
            opened=opened,
            writable=writable(scope, served=row["served"]),
            waiting_since=since,
            place_in_line=self._place_in_line(record.course, since) if since else 0,
            consents=self._consents(lead),
            history=self._history(lead),
            notes=self._notes(lead),
            alike=self._alike(scope, lead, record.person),
            others=self.rows(scope, self._of_person(scope, record.person, lead)),
            stopped=self._stopped(record.person),
        )

    def person_of(self, scope: Scope, lead: int) -> int | None:
        """The person of a registration that this officer may change; None when it is not theirs."""
        c = t.leads.c
        row = self._db.execute(select(c.person_id, c.served).where(c.id == lead, within(scope))).first()
        return int(row.person_id) if row is not None and writable(scope, served=row.served) else None

    def lead_of(self, scope: Scope, person: int) -> int:
        """A person's newest registration that this officer may see; 0 when there is none."""
        c = t.leads.c
        found = self._db.execute(select(func.max(c.id)).where(c.person_id == person, within(scope))).scalar()
        return int(found or 0)

    def _stopped(self, person: int) -> tuple[str, ...]:
        c, tie = t.contacts.c, t.contact_people.c
        query = select(c.stopped_at, c.stopped_kinds).join(t.contact_people, tie.contact_id == c.id)
        rows = self._db.execute(query.where(tie.person_id == person))
        kinds = [{"all"} if r.stopped_at else set(filter(None, r.stopped_kinds.split(","))) for r in rows]
        if not kinds:
            return ()
        return ("all",) if all("all" in k for k in kinds) else tuple(sorted(set.intersection(*kinds) - {"all"}))

    def _place_in_line(self, course: str, since: Any) -> int:
        c = t.leads.c
        before = select(func.count()).where(c.course == course, c.waiting_since <= since)
        return int(self._db.execute(before).scalar_one())

    def _consents(self, lead: int) -> tuple[Answered, ...]:
        c = t.consents.c
        latest: dict[str, Answered] = {}
        for r in self._db.execute(select(t.consents).where(c.lead_id == lead).order_by(c.id)):
            latest[r.purpose] = Answered(r.purpose, r.given, r.by, r.at.astimezone(self._zone))
        return tuple(latest.values())

    def _history(self, lead: int) -> tuple[Happened, ...]:
        h = t.lead_history.c
        rows = self._db.execute(select(t.lead_history).where(h.lead_id == lead).order_by(h.id.desc()))
        return tuple(Happened(r.at.astimezone(self._zone), r.who, r.what) for r in rows)

    def _notes(self, lead: int) -> tuple[Note, ...]:
        n = d.lead_notes.c
        rows = self._db.execute(select(d.lead_notes).where(n.lead_id == lead).order_by(n.id.desc()))
        opened = self._cipher.open
        return tuple(
            Note(r.id, r.at.astimezone(self._zone), r.officer_id, r.kind, opened(r.text, "note.text"), r.due_on)
            for r in rows
        )

    def _of_person(self, scope: Scope, person: int, lead: int) -> list[int]:
        c = t.leads.c
        query = select(c.id).where(c.person_id == person, c.id != lead, within(scope)).order_by(c.id)
        return list(self._db.execute(query).scalars())

    def _alike(self, scope: Scope, lead: int, person: int) -> tuple[Row, ...]:
        """One lead of each other person with the same folded name, birth year and commune, or the same phone there."""
        p, c = t.people.c, t.leads.c
        me = self._db.execute(select(p.likeness_digest, p.phone_digest, p.commune).where(p.id == person)).one()
        same: Any = p.likeness_digest == me.likeness_digest
        if me.phone_digest:
            same = or_(same, and_(p.phone_digest == me.phone_digest, p.commune == me.commune))
        others = select(p.id).where(same, p.id != person)
        query = select(func.min(c.id)).where(c.person_id.in_(others), c.id != lead, within(scope)).group_by(c.person_id)
        return self.rows(scope, sorted(self._db.execute(query.limit(10)).scalars()))


def reindex(db: Connection, cipher: Cipher, zone: tzinfo, most: int = 1000) -> int:
    """Search words and fingerprints for people (and leads) written before there were any; how many people."""
    numbers = unindexed(db, most)
    rows = db.execute(lead_records.joined().where(t.leads.c.person_id.in_(numbers))).mappings().all()
    for row in rows:
        record = lead_records.record(cipher, row, zone, frozenset())
        index(db, cipher, record.person, record.applicant)
        home = {"hamlet_digest": hamlet_digest(cipher, record.applicant.hamlet)}
        db.execute(t.people.update().where(t.people.c.id == record.person).values(**home))
        group = {"group_digest": group_digest(cipher, record.details)}
        db.execute(t.leads.update().where(t.leads.c.id == row["id"]).values(**group))
    return len({row["person_id"] for row in rows})


def masked(record: LeadRecord) -> LeadRecord:
    """Enough to recognise a person by, not to call or visit them."""
    who = record.applicant
    hidden = replace(
        who,
        full_name=masked_name(who.full_name),
        phone=masked_phone(who.phone),
        birth_date=None,
        told_by="•••" if who.told_by else "",
        guardian_name=masked_name(who.guardian_name) if who.guardian_name else "",
        guardian_phone=masked_phone(who.guardian_phone),
    )
    details = {k: v for k, v in record.details.items() if k != "target_group"}
    hides = {"target_group": "hidden"} if record.details.get("target_group") else {}
    return replace(record, applicant=hidden, details={**details, **hides})
