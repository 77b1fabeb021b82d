"""What is sent to a recipient: the mail or the webhook's message of one delivery."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.effects import Json
from bot.i18n import Language
from bot.leads import WORK
from bot.leads import listing as listings
from bot.leads.columns import WIDTHS, cells
from bot.leads.listing import Listing
from bot.leads.mail import Attachment, Mail
from bot.model import LEAD_OVER, BotError
from bot.store.people_port import Delivery, Key, Recipient
from bot.store.sql_people import PeopleStore

LINK_DAYS = 7
NAMED_BY_CONSENT = frozenset({"provider"})  # "gửi tên cho nơi dạy nghề": purpose c of the consent names nobody else
ROUTE = "/files/"


class CannotSend(BotError):
    """Something of this installation is missing; `why` is a key of `forward.why`."""

    def __init__(self, why: str) -> None:
        super().__init__(f"forwarding: {why}: docs/settings.md says how it is set.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Office:
    """Who sends: names of places, the address people reach us at ("" when there is none), and the language.

    `workspace`: where a workbook is made, DATA_DIR/exports: a killed program's leavings are swept there.
    """

    communes: Mapping[str, str]
    public_url: str
    say: Language
    workspace: Path | None = None

    @property
    def name(self) -> str:
        """The commune, or how many."""
        names = list(self.communes.values())
        return names[0] if len(names) == 1 else self.say.say("sheet.communes", n=len(names))


@dataclass(frozen=True, slots=True)
class Parcel:
    """Ready to go. `leads`: whom it is about; `link_until`: how long its link holds, None without one."""

    listing: Listing
    link_until: datetime | None = None
    url: str = ""
    workbook: bytes = b""


def attaches(recipient: Recipient) -> bool:
    """Whether the list itself goes along: only where the consent that people gave names this kind of recipient."""
    return recipient.attach and recipient.kind in NAMED_BY_CONSENT


def offers(say: Language, commune: str) -> tuple[Recipient, ...]:
    """Today's offices, for the commune to confirm: without addresses, which are nobody's to guess."""
    return (
        Recipient(commune, say.say("forward.offer.provider"), "", purpose=say.say("forward.offer.provider_purpose")),
        *(
            Recipient(
                commune,
                say.say(f"forward.offer.{office}"),
                "",
                every="month",
                kind="office",
                purpose=say.say("forward.offer.office_purpose"),
                consent="",
            )
            for office in ("education", "home_affairs")
        ),
    )


def pack(store: PeopleStore, delivery: Delivery, office: Office, now: datetime) -> Parcel:
    """Read who goes along, and write the workbook where it is attached. Blocking; raises CannotSend."""
    if delivery.kind == "erased":
        return Parcel(Listing(len(delivery.note), {}, ()))
    recipient = delivery.recipient
    if delivery.kind == "figures":
        listing = listings.read(store, list(office.communes), lambda k: k.state not in LEAD_OVER, forwarded=True)
        return Parcel(replace(listing, leads=()), workbook=_workbook(listing, office, now, figures=True))
    keep = listings.to_forward(recipient.consent)
    listing = listings.read(store, list(office.communes), keep, forwarded=True)
    if not listing.total:
        return Parcel(listing)
    if attaches(recipient):
        return Parcel(listing, workbook=b"" if recipient.way == "webhook" else _workbook(listing, office, now))
    if not office.public_url:
        raise CannotSend("no_public_url")
    until = now + timedelta(days=LINK_DAYS)
    with store.people() as unit:
        token = unit.forwarding.token(delivery.id, until)
    return Parcel(listing, until, f"{office.public_url}{ROUTE}{token}")


def of_link(store: PeopleStore, delivery: Delivery, office: Office, now: datetime) -> bytes:
    """The workbook behind a link: who was on it then and still may be shown now."""
    with store.people() as unit:
        then = frozenset(unit.forwarding.leads_of(delivery.id))
    agreed = listings.to_forward(delivery.recipient.consent)

    def keep(key: Key) -> bool:
        return key.id in then and agreed(key)

    listing = listings.read(store, list(office.communes), keep, forwarded=True)
    return _workbook(listing, office, now)


def mail(delivery: Delivery, parcel: Parcel, office: Office, now: datetime) -> Mail:
    """The letter; nobody's name or phone stands in it."""
    say, recipient = office.say.say, delivery.recipient
    day = office.say.short_day(now.date())
    name = {"list": "subject", "figures": "subject_figures", "erased": "subject_erased"}[delivery.kind]
    lines = [say("forward.hello", name=recipient.name), ""]
    if delivery.kind == "erased":
        lines += [say("forward.erased", receipts="\n".join(delivery.note))]
    else:
        lines += [say(f"forward.{delivery.kind}", commune=office.name, n=parcel.listing.total, day=day)]
        lines += [say("forward.trade", trade=trade, n=n) for trade, n in _by_trade(parcel.listing).items()]
    if recipient.purpose and delivery.kind != "erased":
        lines += ["", say("forward.purpose", purpose=recipient.purpose)]
    if parcel.url and parcel.link_until:
        lines += ["", say("forward.link", url=parcel.url, until=office.say.short_day(parcel.link_until.date()))]
    if delivery.kind == "list":
        lines += [say("forward.attached")] if parcel.workbook else []
        lines += ["", say("forward.duty")]
    lines += ["", say("forward.bye", commune=office.name)]
    file = say("forward.file", code=recipient.commune, day=now.date().isoformat())
    files = (Attachment(file, parcel.workbook),) if parcel.workbook else ()
    subject = say(f"forward.{name}", commune=office.name, day=day)
    return Mail(recipient.address, subject, "\n".join(lines), f"hocnghe-{delivery.id}", files)


def told(delivery: Delivery, parcel: Parcel, office: Office, now: datetime) -> dict[str, Json]:
    """The webhook's message; rows only where the consent names the recipient."""
    message: dict[str, Json] = {
        "event": delivery.kind,
        "delivery": delivery.id,
        "commune": delivery.recipient.commune,
        "on": now.date().isoformat(),
        "people": parcel.listing.total,
    }
    if delivery.kind == "erased":
        return {**message, "receipts": list(delivery.note)}
    message["trades"] = [{"trade": t, "people": n} for t, n in _by_trade(parcel.listing).items()]
    if parcel.url and parcel.link_until:
        message |= {"link": parcel.url, "until": parcel.link_until.isoformat(timespec="seconds")}
    elif delivery.kind == "list":
        rows = (cells(r, n, office.say, forwarded=True) for n, r in enumerate(parcel.listing.records, 1))
        message["rows"] = [{k: v for k, v in zip(WIDTHS, row, strict=True) if v != ""} for row in rows]
    return message


def _by_trade(listing: Listing) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for (_, trade, _), n in sorted(listing.counts.items()):
        found[trade] = found.get(trade, 0) + n
    return found


def _workbook(listing: Listing, office: Office, now: datetime, *, figures: bool = False) -> bytes:
    from bot.leads import workbook

    head = workbook.Head(office.communes, now.date(), office.say, forwarded=True)
    if office.workspace is not None:
        office.workspace.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=WORK, dir=office.workspace) as folder:
        path = Path(folder) / "list.xlsx"
        if figures:
            workbook.figures(path, listing, head)
        else:
            workbook.stream(path, listing, head)
        return path.read_bytes()
