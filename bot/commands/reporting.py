"""report: the yearly report from the shell."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import common
from bot.commands.common import Demo
from bot.model import BotError
from knowledge.dated import COMMUNE_DIGITS, PROVINCE_DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.leads.report import Office, Plan, Report

app = typer.Typer()
KINDS = (".docx", ".xlsx")


@app.command()
def report(
    year: Annotated[int, typer.Option(help="Năm báo cáo.")],
    out: Annotated[Path, typer.Option(help="Tệp .docx (văn bản) hoặc .xlsx (các biểu) sẽ ghi.")],
    commune: Annotated[str, typer.Option(help="Mã xã (5 số).")] = "",
    province: Annotated[str, typer.Option(help="Mã tỉnh (2 số): mọi xã của tỉnh đang dùng máy này.")] = "",
    demo: Demo = False,
) -> None:
    """Báo cáo năm về đào tạo nghề, điền sẵn số liệu; chỗ máy không có để dấu chấm."""
    from bot.i18n import language
    from bot.leads import report_files

    code = commune or province
    if bool(commune) == bool(province) or len(code) != (COMMUNE_DIGITS if commune else PROVINCE_DIGITS):
        raise BotError("report: give either --commune (5 digits) or --province (2 digits).")
    if out.suffix not in KINDS:
        raise BotError(f"{out}: name a file that ends in {' or '.join(KINDS)}.")
    if not 2020 <= year <= 2099:
        raise BotError(f"report: {year} is no year of these figures: give one from 2020 on.")
    common.known_place(code)
    made = _made(code, year, demo=demo)
    try:
        out.touch(mode=0o600)
        out.write_bytes(report_files.drawn(made, out.suffix[1:], language().code))
    except OSError as fault:
        raise BotError(f"{out}: cannot be written: {fault.strerror}: choose another folder, close the file.") from fault
    typer.echo(str(out))


def _made(code: str, year: int, *, demo: bool) -> "Report":
    """The report; written down that the shell took it out."""
    from bot import wiring
    from bot.i18n import language
    from bot.leads import report as reports
    from bot.leads.period_tables import Names
    from bot.store.figures_port import year_of

    facts, say = wiring.catalogue(), language()
    now = wiring.clock(common.settings(demo=demo))()
    trades = {t.id: t.name["vi"] for t in facts.trades()}
    names = Names(say, lambda t: trades.get(t, t) if t else say.say("desk.figures.other_trade"), common.known_place)
    farming = wiring.farming(facts)
    with common.store(demo=demo) as store, store.desk() as desk:
        office, communes = _office(code, desk.served(), wiring.plans(facts, now.date()))
        period = year_of(year)
        figures, classes = desk.figures.of(communes, period), desk.figures.classes(communes, period)
        desk.audit(None, "report", f"report:{code}:{year}", now)
    what = reports.Year(year, now.date(), figures, classes, lambda trade: trade in farming)
    return reports.make(office, what, names)


def _office(code: str, served: frozenset[str], plans: "Mapping[str, Plan]") -> "tuple[Office, frozenset[str]]":
    """Whose report, and the communes that are counted in it."""
    from bot import wiring
    from bot.demo import COMMUNE
    from bot.leads import report as reports

    book = wiring.place_book()
    communes = {**book.communes, **COMMUNE}
    province = code if len(code) == PROVINCE_DIGITS else communes[code][1]
    plan = plans.get(province, reports.Plan())
    one = len(code) == COMMUNE_DIGITS
    own = {code} if one else {c for c in served if c in communes and communes[c][1] == code}
    counted = (
        frozenset(own) if len(code) == COMMUNE_DIGITS else frozenset(c for c, (_n, p) in communes.items() if p == code)
    )
    name = communes[code][0] if one else book.provinces[code]
    listed = {c: communes[c][0] for c in own}
    return reports.Office(code, name, book.provinces.get(province, province), listed, plan), counted
