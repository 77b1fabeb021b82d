"""Where the commune's list goes: recipients, sending now, a test, what was sent and what failed."""

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, cast, get_args

from aiohttp import web

from bot.desk.guard import Refused, Visit
from bot.desk.pages import Values, back
from bot.leads import intake, parcels, webhook
from bot.leads.forwarding import explained
from bot.leads.parcels import Office
from bot.mail_server import plausible
from bot.model import BotError
from bot.store.people_port import Delivery, Every, Recipient
from bot.store.sql_desk import SqlDesk

if TYPE_CHECKING:
    from bot.desk.desk import Desk

PATH = "/desk/forwarding"
EVERY: tuple[Every, ...] = get_args(Every)
LATEST = 40  # deliveries shown
TEST_SECONDS = 25.0
_FIELDS = ("commune", "name", "address", "purpose", "every", "gets")


async def page(desk: "Desk", visit: Visit) -> web.Response:
    """Recipients of the officer's communes, and the latest deliveries."""
    return await _page(desk, visit)


async def _page(desk: "Desk", visit: Visit, key: str = "", told: str = "", whose: int = 0) -> web.Response:
    def work(d: SqlDesk) -> tuple[tuple[Recipient, ...], tuple[Delivery, ...], frozenset[str]]:
        communes = visit.scope.communes
        if communes is None:
            return d.forwarding.recipients(), d.forwarding.deliveries(most=LATEST), d.served()
        recipients = tuple(r for c in sorted(communes) for r in d.forwarding.recipients(c))
        sent = (s for c in sorted(communes) for s in d.forwarding.deliveries(c, most=LATEST))
        return recipients, tuple(sorted(sent, key=lambda s: -s.id)[:LATEST]), d.served()

    recipients, sent, served = await desk.ask(work)
    office = Office({}, "", visit.say)
    communes = desk.communes(visit.scope.communes, served)
    values: Values = {
        "recipients": [(r, gets(r)) for r in recipients],
        "deliveries": [(d, explained(d, office)) for d in sent],
        "offers": _offers(visit, recipients, communes),
        "many": len(communes) > 1,
        "key": key,
        "whose": whose,
        "can_mail": desk.settings.post is not None,
    }
    if told:
        values["told"] = told
    return desk.pages.show(visit, "forwarding.html", **values)


def _offers(
    visit: Visit, recipients: tuple[Recipient, ...], communes: list[tuple[str, str]]
) -> tuple[tuple[int, Recipient], ...]:
    """Today's offices that nobody entered yet, for an officer of one commune: without addresses, to be confirmed."""
    if len(communes) != 1:
        return ()
    names = {r.name for r in recipients}
    offered = enumerate(parcels.offers(visit.say, communes[0][0]))
    return tuple((n, o) for n, o in offered if o.name not in names)


def gets(recipient: Recipient) -> str:
    """What a recipient gets: link, attached or figures."""
    return "figures" if not recipient.consent else "attached" if recipient.attach else "link"


async def form(desk: "Desk", visit: Visit) -> web.Response:
    """An empty form, or one of the offices that the template proposes."""
    said = visit.request.query.get("offer", "")
    offered = parcels.offers(visit.say, "")
    typed = {"every": "month", "gets": "link"}
    if said.isascii() and said.isdigit() and int(said[:3]) < len(offered):
        typed = _typed(offered[int(said[:3])])
    return await _form(desk, visit, typed, {}, 200)


async def edit_form(desk: "Desk", visit: Visit) -> web.Response:
    """The recipient as it is."""
    return await _form(desk, visit, _typed(await desk.ask(lambda d: _mine(d, visit))), {}, 200)


def _typed(recipient: Recipient) -> dict[str, str]:
    shown = {name: str(getattr(recipient, name)) for name in ("commune", "name", "address", "purpose", "every")}
    return shown | {"gets": gets(recipient)}


async def _form(desk: "Desk", visit: Visit, typed: dict[str, str], faults: dict[str, str], status: int) -> web.Response:
    values: Values = {
        "communes": list((await desk.served(visit)).items()),
        "every": [(e, visit.say.say(f"desk.forwarding.every.{e}")) for e in EVERY],
        "gets": [(g, visit.say.say(f"desk.forwarding.gets.{g}")) for g in intake.GETS],
        "number": visit.request.match_info.get("id", ""),
        "typed": typed,
        "faults": faults,
    }
    return desk.pages.show(visit, "recipient.html", status=status, **values)


def _mine(d: SqlDesk, visit: Visit) -> Recipient:
    """Raises Refused for one of another commune, or one that has ended: the same answer as for none."""
    found = d.forwarding.recipient(visit.number())
    if found is None or found.ended_at is not None or not visit.scope.covers(found.commune):
        raise Refused(404, "not_found")
    return found


async def add(desk: "Desk", visit: Visit) -> web.Response:
    """A new recipient; a webhook's key is shown this once."""
    return await _save(desk, visit, None)


async def edit(desk: "Desk", visit: Visit) -> web.Response:
    """The recipient changed."""
    return await _save(desk, visit, await desk.ask(lambda d: _mine(d, visit)))


async def _save(desk: "Desk", visit: Visit, before: Recipient | None) -> web.Response:
    typed = {name: visit.fields.get(name, most=200) for name in _FIELDS}
    communes = await desk.served(visit)
    if before is not None:
        typed["commune"] = before.commune
    elif len(communes) == 1:
        typed["commune"] = next(iter(communes))
    faults = check(typed)
    if before is None and typed["commune"] not in communes:
        faults["commune"] = "commune"
    if faults:
        return await _form(desk, visit, typed, faults, 400)
    made = intake.recipient(typed["commune"], typed["name"], typed["address"], typed["every"], typed["gets"])
    made = replace(made, purpose=typed["purpose"])
    key = made.secret
    if before is not None:
        kept = made.way == "webhook" and before.way == "webhook"
        made = replace(made, id=before.id, secret=before.secret if kept else made.secret)
        key = "" if kept else key

    def work(d: SqlDesk) -> int:
        if before is not None:
            _mine(d, visit)  # ended meanwhile: it stays so
        number = d.forwarding.save(made, visit.now)
        d.audit(visit.me.id, "recipient_saved" if before else "recipient_added", f"recipient:{number}", visit.now)
        return number

    number = await desk.change(work)
    return await _page(desk, visit, key, whose=number) if key else back(PATH, "recipient")


def check(typed: dict[str, str]) -> dict[str, str]:
    """Field -> what is wrong (`desk.forwarding.fault.<…>`)."""
    address = typed["address"]
    hook = address.startswith(("http://", "https://"))
    right = {
        "name": bool(typed["name"]),
        "address": webhook.allowed(address) if hook else plausible(address),
        "every": typed["every"] in EVERY,
        "gets": typed["gets"] in intake.GETS,
    }
    return {name: "hook" if name == "address" and hook else name for name, fine in right.items() if not fine}


async def send(desk: "Desk", visit: Visit) -> web.Response:
    """Now: the program sends it within a minute."""

    def work(d: SqlDesk) -> None:
        number = d.forwarding.ask(_mine(d, visit), visit.doer.who, visit.now)
        d.audit(visit.me.id, "send_asked", f"delivery:{number}", visit.now)

    await desk.change(work)
    return back(PATH, "send_asked")


async def again(desk: "Desk", visit: Visit) -> web.Response:
    """One that failed, or whose fate is not known, once more."""

    def work(d: SqlDesk) -> bool:
        found = d.forwarding.delivery(visit.number())
        if found is None or not visit.scope.covers(found.recipient.commune) or found.recipient.ended_at:
            raise Refused(404, "not_found")
        done = d.forwarding.again(found.id, visit.doer.who, visit.now)
        if done:
            d.audit(visit.me.id, "send_again", f"delivery:{found.id}", visit.now)
        return done

    return back(PATH, "send_asked" if await desk.change(work) else "nothing_chosen")


async def stop(desk: "Desk", visit: Visit) -> web.Response:
    """Nothing more goes there; what was sent stays on record."""

    def work(d: SqlDesk) -> None:
        d.forwarding.end(_mine(d, visit).id, visit.now)
        d.audit(visit.me.id, "recipient_ended", f"recipient:{visit.number()}", visit.now)

    await desk.change(work)
    return back(PATH, "recipient_ended")


async def new_key(desk: "Desk", visit: Visit) -> web.Response:
    """Another key for a webhook, shown this once; the one before holds no longer."""

    def work(d: SqlDesk) -> str:
        found = _mine(d, visit)
        if found.way != "webhook":
            raise Refused(404, "not_found")
        key = secrets.token_urlsafe(32)
        d.forwarding.save(replace(found, secret=key), visit.now)
        d.audit(visit.me.id, "recipient_key", f"recipient:{found.id}", visit.now)
        return key

    return await _page(desk, visit, await desk.change(work), whose=visit.number())


async def test(desk: "Desk", visit: Visit) -> web.Response:
    """A letter (or signed message) without anybody's data, and at once what became of it."""
    found = await desk.ask(lambda d: _mine(d, visit))
    await desk.change(lambda d: d.audit(visit.me.id, "recipient_test", f"recipient:{found.id}", visit.now))
    say = visit.say.say
    try:
        await asyncio.wait_for(_test(desk, visit, found), TEST_SECONDS)
    except TimeoutError:
        return await _page(desk, visit, told=say("desk.forwarding.test_failed", name=found.name, why="timeout"))
    except BotError as fault:
        why = cast(str, getattr(fault, "why", type(fault).__name__))
        shown = explained_why(visit, why)
        return await _page(desk, visit, told=say("desk.forwarding.test_failed", name=found.name, why=shown))
    return await _page(desk, visit, told=say("desk.forwarding.test_sent", name=found.name))


def explained_why(visit: Visit, why: str) -> str:
    """In words where there are words."""
    key = f"forward.why.{why}"
    return visit.say.say(key) if key in visit.say.source else why


async def _test(desk: "Desk", visit: Visit, recipient: Recipient) -> None:
    if recipient.way == "webhook":
        if desk.settings.hook is None:
            raise parcels.CannotSend("no_public_url")
        return await desk.settings.hook(recipient.address, recipient.secret)
    if desk.settings.post is None:
        raise parcels.CannotSend("no_mail_server")
    text = visit.say.say("desk.forwarding.test_text", name=recipient.name, commune=desk.pages.place(recipient.commune))
    return await desk.settings.post(recipient.address, visit.say.say("desk.forwarding.test_subject"), text)
