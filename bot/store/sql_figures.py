"""A period's figures: the numbers kept by day, and what is still to be folded or has its rows yet."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, case, func, select

from bot.dialogue.counting import read
from bot.dialogue.registration import FORM as REGISTRATION
from bot.store import counting_rows as rows
from bot.store import desk_tables as d
from bot.store import feedback_figures, steps
from bot.store import figures_tables as f
from bot.store import tables as t
from bot.store.crypto import Cipher
from bot.store.figures_port import DECISIONS, FUNNEL, Demand, FieldAsked, Figures, Period
from bot.store.sql_surveys import employment
from bot.store.steps import ANSWERED, Cell

MOST_TOPICS = 12
_MARGIN = timedelta(days=1)  # a day is local, a moment is not


class SqlFigures:
    """Counts; opens nothing but the names of hamlets, one person of each."""

    def __init__(self, connection: Connection, cipher: Cipher, zone: tzinfo) -> None:
        self._db = connection
        self._cipher = cipher
        self._zone = zone

    def of(self, communes: frozenset[str] | None, period: Period) -> Figures:
        """Of these communes (None is all, talks of no known commune with them)."""
        found, talk = Counter[Cell](), Counter[str]()
        unfolded = tuple(self._unfolded(period))
        for cell, n in (*self._folded(communes, period), *self._counted(communes, period)):
            if period.holds(cell[0]):
                found[cell] += n
        found.update(cell for cell in unfolded if communes is None or cell[1] in communes)
        for (_day, _commune, what, *_rest), n in found.items():
            talk[what] += n
        by = Counter[tuple[str, str, str, str]]()
        for (_day, commune, what, trade, group, _hamlet), n in found.items():
            by[what, commune, trade, group] += n
        asked = talk["asked"] + (talk["placed"] if communes is not None else 0)
        topics = {w.partition(".")[2]: n for w, n in talk.items() if w.startswith("answered.")}
        decisions = {x: sum(n for w, n in talk.items() if w == x or w.startswith(f"{x}.")) for x in DECISIONS}
        return Figures(
            period=period,
            funnel={"asked": asked, **{step: talk[step] for step in FUNNEL[1:]}},
            steps=by,
            elsewhere=self._elsewhere(period, unfolded),
            demand=self._demand(found),
            decisions=decisions,
            topics=tuple(sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_TOPICS]),
            begun=talk["begun"],
            sent=talk["sent"],
            form=_form(talk),
            waits={name: talk[ANSWERED + name] for name in steps.WAITS},
            useful=feedback_figures.useful(self._db, period, communes),
            months=_months(found, period),
            employment=employment(self._db, self._zone, communes, period.since, period.until - timedelta(days=1)),
        )

    def communes(self, among: frozenset[str] | None) -> frozenset[str]:
        """Communes, of these, that anything was registered in."""
        c = t.leads.c
        found = self._db.execute(select(c.commune).where(rows.among(c.commune, among)).distinct()).scalars()
        return frozenset(found)

    def reported(self, subjects: Iterable[str], since: datetime) -> frozenset[str]:
        """Which of these reports ("report:22:2026") somebody has downloaded since then."""
        a = d.audit.c
        wanted = select(a.subject).where(a.at >= since, a.act == "report", a.subject.in_(sorted(subjects)))
        return frozenset(self._db.execute(wanted.distinct()).scalars())

    def classes(self, communes: frozenset[str] | None, period: Period) -> Mapping[str, int]:
        """Classes that began in the period and were not called off, by trade."""
        c = t.courses.c
        began = (c.starts_on >= period.since) & (c.starts_on < period.until) & c.state.in_(("running", "done", "full"))
        query = select(c.trade, func.count()).where(began, rows.among(c.commune, communes), c.demonstration.is_(False))
        return {trade: int(n) for trade, n in self._db.execute(query.group_by(c.trade))}

    # ---- what there is to count

    def _counted(self, communes: frozenset[str] | None, period: Period) -> Iterator[tuple[Cell, int]]:
        """What still has its rows: registrations, and people who asked for an officer."""
        since = datetime.combine(period.since, time(), self._zone) - _MARGIN
        here = (t.leads.c.changed_at >= since) & rows.among(t.leads.c.commune, communes)
        for lead in rows.leads(self._db, self._cipher, self._zone, here):
            yield from ((cell, 1) for cell in steps.cells(lead))
        asked = (t.tickets.c.at >= since) & rows.among(t.tickets.c.commune, communes)
        for commune, at, answered, is_open in rows.tickets(self._db, asked):
            what = ANSWERED + steps.waited(at, answered, is_open=is_open)
            yield (at.astimezone(self._zone).date(), commune, what, "", "", ""), 1

    def _folded(self, communes: frozenset[str] | None, period: Period) -> Iterator[tuple[Cell, int]]:
        """The months' numbers one by one; those of talks summed up, for which the day says nothing more."""
        c = f.tallies.c
        here = (c.day >= period.since) & (c.day < period.until) & rows.among(c.commune, communes)
        monthly = c.what.in_((*steps.STEPS, steps.OFFICE, steps.WANTED, steps.PLACED))
        for r in self._db.execute(select(f.tallies).where(here, monthly)):
            yield (r.day, r.commune, r.what, r.trade, r.target_group, ""), r.n
        summed = select(c.commune, c.what, func.sum(c.n)).where(here, ~monthly).group_by(c.commune, c.what)
        for commune, what, n in self._db.execute(summed):
            yield (period.since, commune, what, "", "", ""), int(n)

    def _unfolded(self, period: Period) -> Iterator[Cell]:
        """What the turns since the last fold counted, everywhere."""
        s = t.seen_updates.c
        for at, sealed in self._db.execute(select(s.at, s.tally).where(s.tally.is_not(None))):
            words = self._cipher.open(sealed, "seen.tally")
            for day, commune, what in read(words, at.astimezone(self._zone).date()):
                if period.holds(day):
                    yield day, commune, what, "", "", ""

    def _elsewhere(self, period: Period, unfolded: Iterable[Cell]) -> int:
        """Talks that asked and never said where they live: of no commune, so that every officer is told of them."""
        c = f.tallies.c
        nowhere = (c.what == "asked") & (c.commune == "")
        change = case((nowhere, c.n), (c.what == "placed", -c.n), else_=0)
        kept = select(func.sum(change)).where(
            c.day >= period.since, c.day < period.until, nowhere | (c.what == "placed")
        )
        n = int(self._db.execute(kept).scalar() or 0)
        return n + sum((what == "asked" and not code) - (what == "placed") for _day, code, what, *_rest in unfolded)

    # ---- the survey of demand

    def _demand(self, found: Mapping[Cell, int]) -> tuple[Demand, ...]:
        table: dict[tuple[str, str, str], Counter[str]] = {}
        for (_day, commune, what, trade, group, hamlet), n in found.items():
            if what == steps.WANTED:
                table.setdefault((commune, trade, hamlet), Counter())[group] += n
        names = self._hamlets({hamlet for _c, _t, hamlet in table} - {""})
        made = [Demand(c, trade, names.get(h, ""), groups) for (c, trade, h), groups in table.items()]
        return tuple(sorted(made, key=lambda row: (row.commune, row.trade, row.hamlet == "", row.hamlet)))

    def _hamlets(self, digests: set[str]) -> Mapping[str, str]:
        p = t.people.c
        first = select(func.min(p.id)).where(p.hamlet_digest.in_(sorted(digests))).group_by(p.hamlet_digest)
        query = select(p.hamlet_digest, p.hamlet).where(p.id.in_(first))
        return {r.hamlet_digest: self._cipher.open(r.hamlet, "person.hamlet") for r in self._db.execute(query)}


def _form(talk: Mapping[str, int]) -> tuple[FieldAsked, ...]:
    """In the order of the form; the summary last."""
    fields = (*REGISTRATION.order, "summary")
    made = (
        FieldAsked(name, talk.get(f"into.{name}", 0), talk.get(f"on.{name}", 0) - talk.get(f"off.{name}", 0))
        for name in fields
    )
    return tuple(row for row in made if row.asked)


def _months(found: Mapping[Cell, int], period: Period) -> tuple[tuple[date, int, int], ...]:
    counts = Counter[tuple[date, str]]()
    for (day, _commune, what, *_rest), n in found.items():
        counts[day.replace(day=1), what] += n
    months, at = [], period.since.replace(day=1)
    while at < period.until:
        months.append((at, counts[at, "registered"], counts[at, "completed"]))
        at = (at + timedelta(days=32)).replace(day=1)
    return tuple(months)
