"""incident: after a leak: close every way in, take out the record, list whom it concerns (docs/su-co.md)."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import common
from bot.commands.common import Demo
from bot.model import BotError

EVERYBODY = "everybody"  # whom the audit names
app = typer.Typer()
incident_app = typer.Typer(no_args_is_help=True, help="Khi lộ thông tin: đóng cửa, lấy nhật ký, lập danh sách.")
app.add_typer(incident_app, name="incident")
Out = Annotated[Path, typer.Option(help="Tệp .xlsx sẽ ghi (chỉ chủ máy đọc được).")]
Day = Annotated[str, typer.Option(help="Ngày, dạng 2026-12-31; để trống là không giới hạn.")]


@incident_app.command("close")
def close(
    officer: Annotated[int, typer.Option(help="Chỉ của một cán bộ (số trong officer list); 0 là mọi người.")] = 0,
    demo: Demo = False,
) -> None:
    """Đóng mọi phiên đăng nhập, đường dẫn, chat đã nối và đường dẫn tải danh sách; ai vào lại cần đường dẫn mới."""
    from bot import wiring

    with common.store(demo=demo) as store, store.desk() as desk:
        now = wiring.clock(common.settings(demo=demo))()
        if officer and desk.officers.one(officer) is None:
            raise BotError(f"--officer {officer}: there is none: look at `hocnghe officer list`.")
        done = desk.incident.close(now, officer=officer or None)
        desk.audit(None, "closed", f"officer:{officer}" if officer else EVERYBODY, now)
    typer.echo(f"phiên đăng nhập đã đóng / sessions: {done.sessions}")
    typer.echo(f"đường dẫn, mã đã hủy / links: {done.links}")
    typer.echo(f"chat cán bộ đã bỏ nối / chats: {done.chats}")
    typer.echo(f"đường dẫn tải danh sách đã hủy / file links: {done.files}")
    typer.echo("Cho cán bộ vào lại / to let somebody in again: hocnghe officer link SỐ")


@incident_app.command("audit")
def audit(out: Out, since: Day = "", until: Day = "", demo: Demo = False) -> None:
    """Xuất nhật ký của bàn làm việc: lúc nào, ai, làm gì, với cái gì (không có tên, số điện thoại của bà con)."""
    from bot.i18n import language
    from bot.leads import plain_book

    say, (first, last) = language(), _within(since, until, demo=demo)
    with common.store(demo=demo) as store, store.reading() as desk:
        names = {o.id: f"{o.id} {o.name}" for o in desk.officers.all()}
        lines, before = [], 0
        while portion := desk.audited(before=before, most=1000):
            lines += [
                line for _number, line in portion if (not first or line.at >= first) and (not last or line.at < last)
            ]
            before = portion[-1][0]
    shown = (
        (
            f"{line.at:%Y-%m-%d %H:%M:%S}",
            names.get(line.officer or 0, say.say("incident.shell")),
            line.act,
            line.subject,
        )
        for line in reversed(lines)
    )
    titles = [say.say(f"incident.audit.{name}") for name in ("at", "who", "act", "subject")]
    typer.echo(f"{plain_book.write(out, titles, shown)} dòng / lines → {out}")


@incident_app.command("people")
def people(
    out: Out,
    commune: Annotated[list[str] | None, typer.Option(help="Mã xã; để trống là mọi xã.")] = None,
    since: Day = "",
    until: Day = "",
    demo: Demo = False,
) -> None:
    """Danh sách người có thông tin trong máy, cách báo cho họ; --since: chỉ người ghi hoặc sửa từ ngày ấy."""
    from bot import wiring
    from bot.i18n import language
    from bot.leads import plain_book

    for code in commune or ():
        common.known_place(code)
    say, (first, last) = language(), _within(since, until, demo=demo)
    book, among = wiring.place_book().communes, frozenset(commune) if commune else None
    with common.store(demo=demo) as store, store.desk() as desk:
        lines = [
            (
                str(one.person), one.full_name, one.phone, one.told_by, one.hamlet,
                book.get(one.commune, (one.commune,))[0],
                ", ".join(one.ways) or say.say("incident.by_phone"), f"{one.since:%d/%m/%Y}", "", "",
            )
            for one in desk.incident.concerned(among, first, last)
        ]  # fmt: skip
        talks = desk.incident.talks()
        now = wiring.clock(common.settings(demo=demo))()
        desk.audit(None, "exported", f"incident:{','.join(commune or ())[:5]}:{len(lines)}", now)
    columns = ("number", "name", "phone", "told_by", "hamlet", "commune", "ways", "since", "told_at", "told_how")
    done = plain_book.write(out, [say.say(f"incident.people.{name}") for name in columns], lines)
    typer.echo(f"{done} người / people → {out}")
    typer.echo(f"cuộc trò chuyện đang lưu (cả người chưa đăng ký) / talks kept: {talks}")


def _within(since: str, until: str, *, demo: bool) -> tuple[datetime | None, datetime | None]:
    """From the first moment of one day to the last of the other."""
    zone = common.settings(demo=demo).zone

    def begins(said: str, option: str) -> datetime | None:
        try:
            return datetime.combine(date.fromisoformat(said), time(), zone) if said else None
        except ValueError as fault:
            raise BotError(f"{option} {said}: is no day: write it as 2026-12-31.") from fault

    last = begins(until, "--until")
    return begins(since, "--since"), last + timedelta(days=1) if last else None
