"""announce: an announcement from the shell; the running program sends it."""

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import common
from bot.commands.common import AsJson, Demo
from bot.model import BotError

if TYPE_CHECKING:
    from bot.announcements.audience import Terms
    from bot.announcements.preflight import Preflight
    from bot.store.announcement_port import Announcement, Planned
    from bot.store.sql_announcing import Announcing
    from bot.wiring import House

app = typer.Typer()
MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%H:%M")


@app.command("announce")
def announce(  # noqa: PLR0913 - the options of the command
    commune: Annotated[str, typer.Option(help="Mã xã (5 số); nhiều xã thì cách nhau bằng dấu phẩy.")],
    text: Annotated[str, typer.Option(help="Lời nhắn; để trống khi có --course.")] = "",
    trade: Annotated[str, typer.Option(help="Chỉ người hỏi nghề này (mã hoặc tên nghề).")] = "",
    course: Annotated[str, typer.Option(help="Mã lớp: báo về lớp này.")] = "",
    at: Annotated[str, typer.Option(help="Gửi vào lúc, ví dụ 2026-12-01T08:00; để trống là ngay.")] = "",
    send_all: Annotated[bool, typer.Option("--all", help="Gửi tất cả một lượt, không theo đợt.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Gửi dù tin này đã gửi trong 24 giờ qua.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ xem ai nhận, ai không, vì sao.")] = False,
    as_json: AsJson = False,
    demo: Demo = False,
) -> None:
    """Báo lớp cho người đã đồng ý nhận tin. Máy đang chạy (hocnghe serve) sẽ gửi."""
    with common.house(demo=demo) as house:
        wanted = _composed(house, commune, text, trade, course, at)
        wanted = replace(wanted, waves=bool(wanted.course) and not send_all)
        told = _run(house, wanted, again=again, dry_run=dry_run)
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_lines(told)))


def _composed(house: "House", commune: str, text: str, trade: str, course: str, at: str) -> "Announcement":
    from bot.announcements import texts
    from bot.i18n import language
    from bot.store.announcement_port import Announcement

    communes = tuple(c.strip() for c in commune.split(",") if c.strip())
    names = [common.known_place(c) for c in communes]
    with house.store.announcing() as unit:
        found = unit.course(course)
    if course and found is None:
        raise BotError(f"--course {course}: no such class: look at `hocnghe courses` or at /desk/classes.")
    wanted = found.trade if found else _trade(house, trade)
    said = " ".join(text.split()) or (texts.of_class(found, names[0], language()) if found else "")
    if not said or not communes:
        raise BotError("announce: nothing to say: give --text, or --course for the words of a class.")
    if len(said) > texts.MOST_TEXT:
        raise BotError(f"--text: {len(said)} characters: {texts.MOST_TEXT} fit into one message: shorten it.")
    now = house.clock()
    return Announcement(
        0, "classes", "draft", "", communes, course, wanted, (wanted,) if wanted else (), (), "", said, "",
        waves=False, paid=False, last_seats=False, start_at=_moment(at, now), wave=0, next_wave_at=None, made_by=None,
        made_at=now,
    )  # fmt: skip


def _trade(house: "House", said: str) -> str:
    if not said or said in house.understanding.trade_names:
        return said
    found = house.understanding.trades.find(said)
    if len(found) != 1:
        raise BotError(f"--trade {said}: {'several trades' if found else 'no trade'} of that name: give its id.")
    return str(found[0])


def _moment(at: str, now: datetime) -> datetime | None:
    if not at:
        return None
    for form in MOMENTS:
        try:
            read = datetime.strptime(at, form).replace(tzinfo=now.tzinfo)
        except ValueError:
            continue
        return read if form != "%H:%M" else now.replace(hour=read.hour, minute=read.minute, second=0, microsecond=0)
    raise BotError(f"--at {at}: is no moment: write it as 2026-12-01T08:00 or 08:00.")


def _run(house: "House", one: "Announcement", *, again: bool, dry_run: bool) -> dict[str, Any]:
    from bot.announcements import audience, preflight, steps
    from bot.channels.outreach import terms_of

    now = house.clock()
    terms_for = terms_of(house.settings.lines(), house.understanding.book.communes)
    with house.store.announcing() as unit:
        terms = terms_for(unit, one)
        if dry_run:
            rows = audience.planned(one, unit.audience.candidates(one, now), terms, now)
            return {"dry_run": True, **_told(preflight.looked_at(one, rows, now))}
        if not again:
            unit.announcements.alone()
            _told_lately(unit, one, now)
        return _planned(unit, one, terms, steps.plan, now)


def _told_lately(unit: "Announcing", one: "Announcement", now: datetime) -> None:
    """Refuses what the same people were told within a day: a command is easily run twice, at the same moment, too."""
    from bot.store.announcement_port import SAME

    before = unit.announcements.same(one, now - SAME)
    if before is None or before.planned_at is None:
        return
    at = f"{before.planned_at.astimezone(now.tzinfo):%H:%M %d/%m}"
    raise BotError(
        f"announce: announcement {before.id} said the same to the same communes at {at}; nothing was sent now. "
        f"Look at /desk/announcements/{before.id}; if people are to get it twice, add --again."
    )


def _planned(unit: "Announcing", one: "Announcement", terms: "Terms", plan: Any, now: datetime) -> dict[str, Any]:
    from bot.announcements import preflight

    number = unit.announcements.draft(one)
    rows: list[Planned] = plan(unit, replace(one, id=number), terms, now)
    kept = unit.announcements.one(number)
    state = kept.state if kept else ""
    return {"dry_run": False, "id": number, "state": state, **_told(preflight.looked_at(one, rows, now))}


def _told(found: "Preflight") -> dict[str, Any]:
    return found.to_json()


def _lines(told: dict[str, Any]) -> list[str]:
    from bot.i18n import language

    say = language()
    head = "announce.shell_dry" if told["dry_run"] else "announce.shell_planned"
    lines = [say.say(head, n=told["recipients"], id=told.get("id", ""))]
    lines += [say.say("announce.shell_channel", channel=name, n=n) for name, n in told["channels"].items()]
    lines += [say.say("announce.shell_out", why=say.say(f"announce.why.{w}"), n=n) for w, n in told["excluded"].items()]
    lines.append(say.say("announce.shell_when", begins=told["begins"][:16].replace("T", " "), n=len(told["waves"])))
    if told["needs_approval"]:
        lines.append(say.say("announce.shell_approval"))
    return lines
