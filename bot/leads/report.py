"""The yearly report on vocational training in the form of an administrative report: what the figures tell is filled in,
what is not held here stays a dotted line. Pure: `report_docx` and `tables_book` draw it.

The shape follows NĐ 30/2020/NĐ-CP (national heading, number, place and day, recipients, signature) and the plans of the
provinces (target groups, trades, work after training). It leaves the commune: small groups are hidden (`tables`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.leads import period_tables
from bot.leads.period_tables import Names
from bot.leads.tables import Cell, Table, by_group, share
from bot.store.figures_port import GROUPS, Figures
from bot.store.steps import PLACED, WANTED
from intents.normalise import fold

DOTS = "…" * 20
SHORT_DOTS = "…" * 6
FROM = (11, 20)  # month, day: from then on Today asks for it
UNHELD = ("women", "low_income", "jobless_women", "fishers", "ex_prisoners")  # in the plans; nobody is asked for these
FARMING = frozenset({"crops", "livestock", "fishery", "forestry"})
MEASURES = (WANTED, "enrolled", "completed", PLACED)
MOST_WANTED = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What a province's plan asks: the report's day ("10/12") and the plan's name, "" where it is not known."""

    due: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """Whose report it is. `code`: 5 digits a commune's, 2 digits a province's, with its communes in `communes`."""

    code: str
    name: str
    province: str
    communes: Mapping[str, str]
    plan: Plan = Plan()

    @property
    def is_province(self) -> bool:
        """A coordinator's, over all communes served here."""
        return len(self.code) == 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph: "heading", "text", or "dots" (a line to fill in by hand)."""

    words: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Report:
    """What is drawn, from the top."""

    superior: str
    office: str
    number: str
    dated: str
    title: str
    subject: str
    to: str
    body: tuple[Text | Table, ...]
    recipients_title: str
    recipients: tuple[str, ...]
    signed_for: str
    signed_by: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """The forms alone: the workbook's sheets."""
        return tuple(part for part in self.body if isinstance(part, Table))


@dataclass(frozen=True, slots=True)
class Year:
    """What a report is made of. `classes`: trade -> classes that began; `farming`: whether a trade is of the fields."""

    year: int
    on: date
    figures: Figures
    classes: Mapping[str, int]
    farming: Callable[[str], bool]


def make(office: Office, year: Year, names: Names) -> Report:
    """The report of an office on a year."""
    say = names.say.say
    level = "province" if office.is_province else "commune"
    plan = office.plan.basis or say("report.some_plan")
    body = [
        Text(say("report.according", plan=plan, year=year.year)),
        *_led(year, names),
        *_done(office, year, names),
        *_after(year, names),
        *_open(year, names),
    ]
    return Report(
        superior=say(f"report.superior_{level}", province=office.province.upper()),
        office=say(f"report.office_{level}", name=office.name.upper()),
        number=say(f"report.number_{level}"),
        dated=say("report.dated", place=_bare(office.name), year=year.on.year),
        title=say("report.title"),
        subject=say("report.subject", year=year.year),
        to=say(f"report.to_{level}", province=office.province[:1].lower() + office.province[1:]),
        body=tuple(body),
        recipients_title=say("report.recipients"),
        recipients=(say("report.recipient_to"), say("report.recipient_other"), say("report.recipient_kept")),
        signed_for=say(f"report.signed_for_{level}"),
        signed_by=say(f"report.signed_by_{level}"),
    )


def _bare(name: str) -> str:
    """ "Nà Pàn" of "Xã Nà Pàn": as the line of place and day has it."""
    kinds = ("Xã ", "Phường ", "Đặc khu ", "Tỉnh ", "Thành phố ")
    return next((name.removeprefix(kind) for kind in kinds if name.startswith(kind)), name)


def _dots(key: str, names: Names) -> list[Text]:
    return [Text(names.say.say(key)), Text(DOTS, "dots")]


def _led(year: Year, names: Names) -> list[Text]:
    """I. Direction and information."""
    say, figures = names.say.say, year.figures
    told = say(
        "report.informed",
        asked=figures.funnel["asked"],
        answered=figures.decisions["answered"],
        screened=figures.funnel["screened"],
    )
    return [Text(say("report.part_1"), "heading"), *_dots("report.documents", names), Text(told),
            *_dots("report.other_information", names)]  # fmt: skip


def _done(office: Office, year: Year, names: Names) -> list[Text | Table]:
    """II. Results: demand, training, groups."""
    say, figures = names.say.say, year.figures
    wanted, enrolled = figures.count(WANTED), figures.count("enrolled")
    numbers = {"wanted": wanted, "enrolled": enrolled, "completed": figures.count("completed")}
    parts: list[Text | Table] = [
        Text(say("report.part_2"), "heading"),
        Text(say("report.demand", wanted=wanted)),
        Text(say("report.trained", classes=sum(year.classes.values()), **numbers)),
        Text(say("report.rate", share=share(enrolled, wanted, SHORT_DOTS))),
        Text(say("report.target", dots=SHORT_DOTS)),
        by_trade(year, names),
        groups(year, names),
        survey(year, names),
    ]
    if office.is_province:
        parts.append(by_commune(office, year, names))
    return parts


def _after(year: Year, names: Names) -> list[Text]:
    """III. Work after training, and what people asked officers."""
    say, figures = names.say.say, year.figures
    done, work, heard = figures.count("completed"), figures.count(PLACED), figures.employment.latest
    told = share(heard.in_work, heard.answered, SHORT_DOTS)
    waits = figures.waits
    soon = waits["4h"] + waits["1d"]
    return [
        Text(say("report.part_3"), "heading"),
        Text(say("report.work", completed=done, work=work, share=share(work, done, SHORT_DOTS))),
        Text(say("report.surveyed", asked=heard.asked, answered=heard.answered, work=heard.in_work, share=told)),
        Text(say("report.work_target", dots=SHORT_DOTS)),
        Text(say("report.officers", asked=sum(waits.values()), soon=soon, waiting=waits["waiting"])),
        *_dots("report.loans", names),
        *_dots("report.money", names),
    ]


def _open(year: Year, names: Names) -> list[Text]:
    """IV, V. What is difficult, what comes next."""
    say, figures = names.say.say, year.figures
    most = period_tables.trades(figures, names)[:MOST_WANTED]
    listed = "; ".join(f"{trade} ({n})" for trade, n in most) or SHORT_DOTS
    return [
        Text(say("report.part_4"), "heading"),
        Text(say("report.unanswered", n=figures.decisions["unanswered"])),
        Text(DOTS, "dots"),
        Text(DOTS, "dots"),
        Text(say("report.part_5"), "heading"),
        Text(say("report.next_year", year=year.year + 1, trades=listed)),
        Text(DOTS, "dots"),
        Text(DOTS, "dots"),
        Text(say("report.method", day=names.say.short_day(year.on))),
    ]


def by_trade(year: Year, names: Names) -> Table:
    """Biểu 1: training by trade, fields and others apart."""
    say, figures = names.say.say, year.figures
    counts: dict[str, Counter[str]] = {trade: Counter({"classes": n}) for trade, n in year.classes.items()}
    for (what, _commune, trade, _group), n in figures.steps.items():
        if what in MEASURES:
            counts.setdefault(trade, Counter())[what] += n
    columns = ("classes", *MEASURES)
    rows: list[tuple[Cell, ...]] = []
    for kind in (True, False):
        of_kind = ((names.trade(t), t) for t in counts if t and year.farming(t) is kind)
        own = sorted(of_kind, key=lambda pair: fold(pair[0]))
        if not kind:
            own += [(names.trade(""), "")] if "" in counts else []
        total = Counter[str]()
        for _name, trade in own:
            total.update(counts[trade])
        heading = say("report.farming" if kind else "report.not_farming")
        rows.append((heading, *(total[c] for c in columns), share(total[PLACED], total["completed"])))
        rows += [
            (f"  {name}", *(counts[t][c] for c in columns), share(counts[t][PLACED], counts[t]["completed"]))
            for name, t in own
        ]
    whole = sum(counts.values(), Counter[str]())
    rows.append((say("desk.figures.total"), *(whole[c] for c in columns), share(whole[PLACED], whole["completed"])))
    heads = (say("desk.figures.trade"), *(say(f"report.column.{c}") for c in columns), say("report.column.share"))
    return Table(say("report.table_trade"), heads, tuple(rows), summed=True)


def groups(year: Year, names: Names) -> Table:
    """Biểu 2: the plan's target groups; those that nobody here is asked for stay dotted."""
    say, figures = names.say.say, year.figures
    measured = [{g: figures.count(what, group=g) for g in GROUPS} for what in MEASURES]
    told = [by_group([counts], GROUPS, beyond=True)[0] for counts in measured]
    rows: list[tuple[Cell, ...]] = [(names.group(g), *(column[at] for column in told)) for at, g in enumerate(GROUPS)]
    rows += [(say(f"report.group.{g}"), *(SHORT_DOTS,) * len(MEASURES)) for g in UNHELD]
    rows.append((say("desk.figures.total"), *(column[-1] for column in told)))
    heads = (say("report.column.group"), *(say(f"report.column.{m}") for m in MEASURES))
    return Table(say("report.table_group"), heads, tuple(rows), note=say("report.group_note"), summed=True)


def survey(year: Year, names: Names) -> Table:
    """Biểu 3: demand by trade and group."""
    say, figures = names.say.say, year.figures
    table: dict[str, Counter[str]] = {}
    for (what, _commune, trade, group), n in figures.steps.items():
        if what == WANTED:
            table.setdefault(names.trade(trade), Counter())[group] += n
    keys = sorted(table, key=fold)
    cells = by_group([table[key] for key in keys], GROUPS, beyond=True)
    rows = [(key, *row) for key, row in zip(keys, cells, strict=False)]
    rows.append((say("desk.figures.total"), *cells[-1]))
    heads = (say("desk.figures.trade"), *map(names.group, GROUPS), say("desk.figures.total"))
    return Table(say("report.table_survey"), heads, tuple(rows), note=say("desk.figures.small_note"), summed=True)


def by_commune(office: Office, year: Year, names: Names) -> Table:
    """Biểu 4: the communes of a province: those served, and those whose people are with the coordinator."""
    say, figures = names.say.say, year.figures
    rows: list[tuple[Cell, ...]] = []
    registered = {c: names.commune(c) for what, c, _t, _g in figures.steps if what in MEASURES}
    for code, name in sorted({**registered, **office.communes}.items(), key=lambda pair: fold(pair[1])):
        numbers = {m: figures.count(m, commune=code) for m in MEASURES}
        rows.append((name, *numbers.values(), share(numbers[PLACED], numbers["completed"])))
    whole = {m: figures.count(m) for m in MEASURES}
    rows.append((say("desk.figures.total"), *whole.values(), share(whole[PLACED], whole["completed"])))
    heads = (say("desk.figures.commune"), *(say(f"report.column.{m}") for m in MEASURES), say("report.column.share"))
    return Table(say("report.table_commune"), heads, tuple(rows), summed=True)
