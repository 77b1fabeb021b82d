"""The figures of a period as tables, in the reader's language."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bot.dialogue.details import TARGET_GROUPS
from bot.i18n import Language
from bot.leads.tables import Cell, Table, by_group, share
from bot.store.figures_port import DECISIONS, FUNNEL, Figures
from bot.store.follow_port import TARGETS
from bot.store.steps import OFFICE, PLACED, WAITS, WANTED
from intents.normalise import fold


@dataclass(frozen=True, slots=True)
class Names:
    """Codes as words: trades ("" is another one), communes."""

    say: Language
    trade: Callable[[str], str]
    commune: Callable[[str], str]

    def group(self, group: str) -> str:
        """A target group; "" is who said none."""
        return self.say.say(f"group.{group}" if group else "desk.figures.unsaid")

    def topic(self, topic: str) -> str:
        """A topic as people tap it."""
        key = f"topic.{topic}"
        return self.say.say(key) if key in self.say.source else topic

    def field(self, name: str) -> str:
        """A question of the form."""
        own = f"desk.figures.field.{name}"
        key = own if own in self.say.source else f"field.{name}"
        return self.say.say(key) if key in self.say.source else name


def funnel(figures: Figures, names: Names) -> Table:
    """Asked … employed, each with its share of the step before."""
    say, rows = names.say.say, []
    for at, step in enumerate(FUNNEL):
        n = figures.funnel[step]
        before = figures.funnel[FUNNEL[at - 1]] if at else 0
        unlike = step == "registered"  # talks before, registrations from here on
        rows.append((say(f"desk.figures.step.{step}"), n, "" if unlike or not at else share(n, before)))
    columns = (say("desk.figures.step_column"), say("desk.figures.number"), say("desk.figures.of_before"))
    note = [say("desk.figures.funnel_note", office=figures.count(OFFICE))]
    if figures.elsewhere:
        note.append(say("desk.figures.elsewhere", n=figures.elsewhere))
    return Table(say("desk.figures.funnel"), columns, tuple(rows), note=" ".join(note))


def placed(figures: Figures, names: Names) -> Table:
    """Of those who completed in the period, how many have work by now."""
    say = names.say.say
    done, work = figures.count("completed"), figures.count(PLACED)
    columns = (say("desk.figures.completed"), say("desk.figures.in_work"), say("desk.figures.share"))
    row: tuple[Cell, ...] = (done, work, share(work, done))
    return Table(say("desk.figures.placed"), columns, (row,), texts=0, note=say("desk.figures.placed_note"))


def surveyed(figures: Figures, names: Names) -> Table:
    """What people answered 1, 3 and 6 months after their course, and what the plans ask for."""
    say = names.say.say
    asked = [(say("desk.figures.latest"), figures.employment.latest)]
    asked += [
        (say("desk.figures.after_months", n=month), of) for month, of in sorted(figures.employment.months.items())
    ]
    rows = tuple((name, s.completed, s.asked, s.answered, s.in_work, share(s.in_work, s.answered)) for name, s in asked)
    heads = ("survey", "completed", "surveyed", "answered_it", "in_work", "share")
    note = say("desk.figures.surveyed_note", town=f"{TARGETS['town']:.0%}", nation=f"{TARGETS['nation']:.0%}")
    return Table(say("desk.figures.surveys"), tuple(say(f"desk.figures.{h}") for h in heads), rows, note=note)


def demand(figures: Figures, names: Names, *, beyond: bool, full: bool = False) -> Table:
    """The survey: trade × hamlet (within a commune) or × commune (beyond it) × target group.

    `full`: all groups, as for a form to fill; else those that anybody is in.
    """
    say = names.say.say
    table: dict[tuple[str, str], Counter[str]] = {}
    for row in figures.demand:
        place = names.commune(row.commune) if beyond else row.hamlet or say("desk.figures.no_hamlet")
        table.setdefault((names.trade(row.trade), place), Counter()).update(row.groups)
    present = {g for count in table.values() for g, n in count.items() if n}
    groups = [g for g in TARGET_GROUPS if full or g in present] + [""]
    keys = sorted(table, key=lambda key: (fold(key[0]), fold(key[1])))
    cells = by_group([table[key] for key in keys], groups, beyond=beyond)
    place_column = say("desk.figures.commune" if beyond else "desk.figures.hamlet")
    rows = [(*key, *row) for key, row in zip(keys, cells, strict=False)]
    rows.append((say("desk.figures.total"), "", *cells[-1]))
    columns = (say("desk.figures.trade"), place_column, *map(names.group, groups), say("desk.figures.total"))
    note = say("desk.figures.small_note") if beyond else ""
    return Table(say("desk.figures.demand"), columns, tuple(rows) if keys else (), texts=2, note=note, summed=True)


def trades(figures: Figures, names: Names) -> list[tuple[str, int]]:
    """Trades with how many want them, the most wanted first."""
    wanted: Counter[str] = Counter()
    for (what, _commune, trade, _group), n in figures.steps.items():
        if what == WANTED:
            wanted[names.trade(trade)] += n
    return sorted(wanted.items(), key=lambda pair: (-pair[1], fold(pair[0])))


def form(figures: Figures, names: Names) -> Table:
    """Each question of the form: asked of how many, left by how many there."""
    say = names.say.say
    rows = tuple((names.field(r.field), r.asked, r.left, share(r.left, r.asked)) for r in figures.form)
    columns = tuple(say(f"desk.figures.{k}") for k in ("question", "asked_it", "left_there", "share"))
    note = say("desk.figures.form_note", begun=figures.begun, sent=figures.sent)
    return Table(say("desk.figures.form"), columns, rows, note=note)


def questions(figures: Figures, names: Names) -> Table:
    """Answered, asked back, not answered; with the share of each."""
    say, total = names.say.say, sum(figures.decisions.values())
    rows: list[tuple[Cell, ...]] = [
        (say(f"desk.figures.decision.{d}"), figures.decisions[d], share(figures.decisions[d], total)) for d in DECISIONS
    ]
    said = any(u.useful or u.wrong for u in figures.useful)
    wrong = sum(u.wrong for u in figures.useful) if said else "–"
    rows.append((say("desk.figures.wrong"), wrong, "" if isinstance(wrong, int) else say("desk.figures.not_yet")))
    columns = (say("desk.figures.decision_column"), say("desk.figures.number"), say("desk.figures.share"))
    return Table(say("desk.figures.questions"), columns, tuple(rows), note=say("desk.figures.questions_note"))


def topics(figures: Figures, names: Names) -> Table:
    """What was asked most, among what was answered."""
    say = names.say.say
    rows = tuple((names.topic(topic), n) for topic, n in figures.topics)
    return Table(say("desk.figures.topics"), (say("desk.figures.topic"), say("desk.figures.number")), rows)


def useful(figures: Figures, names: Names) -> Table:
    """What people said of the answers; without rows where nothing is kept."""
    say = names.say.say
    rows = tuple((names.topic(u.topic), u.shown, u.useful, u.wrong) for u in figures.useful or ())
    columns = tuple(say(f"desk.figures.{k}") for k in ("topic", "shown", "useful_said", "wrong_said"))
    return Table(say("desk.figures.useful"), columns, rows)


def waits(figures: Figures, names: Names) -> Table:
    """How long people who asked for an officer waited for the first answer."""
    say, total = names.say.say, sum(figures.waits.values())
    kept = [w for w in WAITS if figures.waits[w] or w not in ("unknown",)]
    rows = [(say(f"desk.figures.wait.{w}"), figures.waits[w], share(figures.waits[w], total)) for w in kept]
    rows.append((say("desk.figures.total"), total, ""))
    columns = (say("desk.figures.wait_column"), say("desk.figures.number"), say("desk.figures.share"))
    return Table(say("desk.figures.waits"), columns, tuple(rows), note=say("desk.figures.waits_note"), summed=True)


def months(figures: Figures, names: Names) -> Table:
    """Registered and completed by month."""
    say = names.say.say
    rows = tuple((f"{day:%m/%Y}", registered, completed) for day, registered, completed in figures.months)
    columns = tuple(say(f"desk.figures.{k}") for k in ("month", "registered", "completed"))
    return Table(say("desk.figures.months"), columns, rows)


def all_of_them(figures: Figures, names: Names, *, beyond: bool) -> tuple[Table, ...]:
    """For the workbook."""
    survey = demand(figures, names, beyond=beyond, full=True)
    made = [make(figures, names) for make in (funnel, placed, months, form, questions, topics, useful, waits)]
    return (made[0], survey, *made[1:])
