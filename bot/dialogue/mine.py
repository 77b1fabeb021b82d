"""What belongs to this person: their registrations, their messages, their data."""

from datetime import datetime, timedelta

from bot.dialogue import parking
from bot.dialogue.fields import clipped
from bot.dialogue.world import Talk
from bot.effects import Effect, Forgotten, LeadWithdrawn, MessagesStopped, PersonErased
from bot.frozen import replace
from bot.model import LEAD_OVER, Choice, LeadView, Reply, Session, Turn

SHARED_IDLE = timedelta(minutes=30)
KINDS = ("classes", "reminders", "surveys")
KINDS_SAID = frozenset({"stop_only_classes", *(f"{verb}_{kind}" for verb in ("stop", "start") for kind in KINDS)})
MOST = 5
MOST_SHOWN = 10


def visible(talk: Talk) -> tuple[LeadView, ...]:
    """What may be shown: on a shared device, registrations of this sitting or unlocked by their receipt number."""
    if not talk.world.shared_device:
        return talk.world.mine
    since = datetime.fromisoformat(talk.session.owns_from) if talk.session.owns_from else talk.world.now
    unlocked = set(talk.session.facts.get("unlocked") or ())
    return tuple(m for m in talk.world.mine if m.receipt in unlocked or datetime.fromisoformat(m.at) >= since)


def sitting(talk: Talk) -> Talk:
    """Notes when this sitting began; after 30 idle minutes at a shared screen a new one begins, all locked."""
    session, now = talk.session, talk.world.now
    last = datetime.fromisoformat(session.last_at) if session.last_at else None
    if last is None or not session.owns_from or now - last > SHARED_IDLE:
        session = replace(session, owns_from=now.isoformat(timespec="seconds"))
        if talk.world.shared_device and last is not None:
            session = _for_a_stranger(session)
    return replace(talk, session=replace(session, last_at=now.isoformat(timespec="seconds")))


def _for_a_stranger(session: Session) -> Session:
    """What the next person at the same screen may find: the place, and the wish of a form left unfinished."""
    facts = {k: v for k, v in session.facts.items() if k in ("commune_code", "useful_on")}
    parked = parking.wish_only(parking.keep(session.form) or session.parked)
    session = replace(session, counted={})  # another talk for the figures, too
    return replace(session, form=None, parked=parked, offered=(), facts=facts, topic="", misses=0, greeted=False)


def show(talk: Talk) -> Turn:
    """The registrations, with what can be done about them."""
    leads = visible(talk)
    if not leads:
        hidden = bool(talk.world.mine) and talk.world.shared_device
        choices = (talk.choice("form:registration", "menu.register"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("mine.ask_receipt" if hidden else "mine.none", *choices), topic="register_status")
    lines = [_line(lead, talk) for lead in leads[:MOST_SHOWN]]
    actions = (
        talk.choice("act:withdraw", "mine.withdraw"),
        talk.choice("act:erase", "mine.erase"),
        talk.choice("menu:", "menu.ask"),
    )
    text = "\n".join((talk.say.say("mine.yours"), *lines))
    return talk.turn(Reply(text, actions), topic="register_status")


def _line(lead: LeadView, talk: Talk) -> str:
    state = talk.say.say(f"state.{lead.state}")
    day = talk.say.short_day(lead.registered_on)
    place = talk.world.commune_called(lead.commune)
    return talk.say.say(
        "mine.line",
        receipt=lead.receipt,
        name=lead.full_name,
        trade=lead.trade_text,
        commune=place,
        day=day,
        state=state,
    )


def unlock(talk: Talk) -> Turn | None:
    """A receipt number typed at a shared screen opens that registration; None when the message holds none of ours."""
    words = {w.strip(".,;:!?").upper() for w in talk.text.split()}
    found = [m.receipt for m in talk.world.mine if m.receipt in words]
    if not found:
        return None
    known = sorted({*(talk.session.facts.get("unlocked") or ()), *found})
    return show(talk.knowing(unlocked=known))


def withdraw(talk: Talk) -> Turn:
    """Which one, when there are several; confirmed once."""
    leads = withdrawable(talk)
    if not leads:
        return show(talk)
    if len(leads) == 1:
        return confirm_withdraw(leads[0].receipt, talk)
    choices = [Choice(f"withdraw:{m.receipt}", clipped(f"{m.trade_text} – {m.full_name}")) for m in leads[:MOST]]
    return talk.turn(talk.reply("mine.which", *choices, talk.choice("act:keep", "mine.keep")))


def withdrawable(talk: Talk) -> list[LeadView]:
    """Registrations that can still be taken back."""
    return [m for m in visible(talk) if m.state not in LEAD_OVER]


def confirm_withdraw(receipt: str, talk: Talk) -> Turn:
    """Ask once more before taking it off the list."""
    lead = next((m for m in visible(talk) if m.receipt == receipt), None)
    if lead is None:
        return show(talk)
    choices = (
        Choice(f"withdraw_yes:{receipt}", talk.say.say("mine.withdraw_yes")),
        talk.choice("act:keep", "mine.keep"),
    )
    return talk.turn(talk.reply("mine.withdraw_sure", *choices, trade=lead.trade_text, name=lead.full_name))


def withdrawn(receipt: str, talk: Talk) -> Turn:
    """Taken off the list."""
    if all(m.receipt != receipt for m in visible(talk)):
        return show(talk)
    choices = (talk.choice("form:registration", "menu.register"), talk.choice("menu:", "menu.ask"))
    return talk.turn(talk.reply("mine.withdrawn", *choices, receipt=receipt), effects=(LeadWithdrawn(receipt),))


def confirm_erase(talk: Talk) -> Turn:
    """Say what erasing means, ask once. At a shared screen nobody erases what others did there."""
    if talk.world.shared_device and len(visible(talk)) < len(talk.world.mine):
        ways = (talk.choice("command:forget", "menu.forget"), talk.choice("act:human", "menu.officer"))
        return talk.turn(talk.reply("mine.erase_receipt", *ways, talk.choice("menu:", "menu.ask")))
    choices = (talk.choice("act:erase_yes", "mine.erase_yes"), talk.choice("act:keep", "mine.keep"))
    return talk.turn(talk.reply("mine.erase_sure", *choices))


def erased(talk: Talk) -> Turn:
    """Everything about this contact goes: registrations made from here, messages, the session itself."""
    turn = talk.turn(talk.reply("mine.erased", talk.choice("menu:", "menu.ask")), effects=(PersonErased(),))
    return replace(turn, session=_blank(talk))


def forgotten(talk: Talk) -> Turn:
    """'Xong, xóa khỏi máy này': this device forgets; the registration stays with the commune."""
    turn = talk.turn(talk.reply("mine.forgotten", talk.choice("menu:", "menu.ask")), effects=(Forgotten(),))
    return replace(turn, session=_blank(talk))


def _blank(talk: Talk) -> Session:
    return replace(
        talk.session, form=None, parked=None, facts={}, topic="", offered=(), misses=0, greeted=False, owns_from=""
    )


def kept(talk: Talk) -> Turn:
    """Not withdrawn, not erased after all."""
    ways = (talk.choice("act:mine", "topic.register_status"), talk.choice("menu:", "menu.ask"))
    return talk.turn(talk.reply("mine.kept", *ways))


def how_to_correct(talk: Talk) -> Turn:
    """ "Sửa số điện thoại" when all has been sent: the same person and trade again are an update."""
    ways = (talk.choice("form:registration", "menu.register"), talk.choice("act:human", "menu.officer"))
    return talk.turn(talk.reply("mine.how_to_correct", *ways, talk.choice("menu:", "menu.ask")))


def messages(talk: Talk, said: str) -> Turn:
    """Messages off or on again by one word: `stop_messages`, `start_messages`, or of one kind (`KINDS_SAID`)."""
    verb, _, kind = said.partition("_")
    if said == "stop_only_classes":
        verb, kind = "stop", "classes"
    kind = kind if kind in KINDS else ""
    stopped = verb == "stop"
    key = f"{'stopped' if stopped else 'started'}_{kind}" if kind else "stopped" if stopped else "started"
    ways = [talk.choice("menu:", "menu.ask")]
    if stopped:
        ways.insert(0, talk.choice(f"act:start_{kind or 'messages'}", "mine.start_again"))
        if not kind:
            ways.insert(1, talk.choice("act:stop_only_classes", "mine.only_classes"))
    effects: tuple[Effect, ...] = (MessagesStopped(stopped, kind),)
    if said == "stop_only_classes":
        effects = (MessagesStopped(stopped=False), *effects)
    return talk.turn(talk.reply(f"mine.{key}", *ways), effects=effects)
