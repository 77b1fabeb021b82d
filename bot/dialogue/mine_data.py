""" "Xem thông tin của tôi": what is kept, in short; the whole of it is had from the commune (L91/2025 Đ4)."""

from bot.dialogue import mine
from bot.dialogue.world import Talk
from bot.effects import OfficerAsked
from bot.frozen import replace
from bot.model import LeadView, Reply, Turn

ASKED = "data_access"  # the ticket's reason; the store reckons the law's days from it


def show(talk: Talk) -> Turn:
    """The persons and registrations of this contact, what else is kept and for how long, and what can be done."""
    leads = mine.visible(talk)
    if not leads and talk.world.mine:
        return mine.show(talk)  # a shared screen: the receipt number first
    lines = [talk.say.say("data.kept" if leads else "data.nothing")]
    lines += [_line(lead, talk) for lead in leads[: mine.MOST_SHOWN]]
    lines += [talk.say.say("data.also" if leads else "data.talk")]
    choices = [talk.choice("menu:", "menu.ask")]
    if leads:
        choices = [talk.choice("act:data_file", "data.ask_file"), talk.choice("act:erase", "mine.erase"), *choices]
    elif talk.world.mine == ():
        choices = [talk.choice("act:erase", "mine.erase"), *choices]
    return talk.turn(Reply("\n".join(lines), tuple(choices)), topic="register_status")


def _line(lead: LeadView, talk: Talk) -> str:
    return talk.say.say(
        "data.line",
        receipt=lead.receipt,
        name=lead.full_name,
        year=lead.birth_year,
        trade=lead.trade_text,
        commune=talk.world.commune_called(lead.commune),
        day=talk.say.short_day(lead.registered_on),
        state=talk.say.say(f"state.{lead.state}"),
    )


def ask_file(talk: Talk) -> Turn:
    """A request for everything, to the commune of the newest registration; asked twice in a talk it is one request."""
    leads = mine.visible(talk)
    if not leads:
        return show(talk)
    ways = (talk.choice("act:mine", "topic.register_status"), talk.choice("menu:", "menu.ask"))
    commune = leads[0].commune
    reply = talk.reply("data.file_asked", *ways, commune=talk.world.commune_called(commune), receipt=leads[0].receipt)
    if talk.session.facts.get("file_asked") == leads[0].receipt:
        return talk.turn(reply)
    turn = talk.knowing(file_asked=leads[0].receipt).turn(reply)
    return replace(turn, effects=(OfficerAsked(ASKED, leads[0].receipt, commune),))
