"""To a human: who will see it is said first, then what to pass on, then a ticket. Voice, pictures and stickers too."""

from bot.dialogue import consent, form, offices, person_fields
from bot.dialogue.answering import filled, menu
from bot.dialogue.fields import Accepted, Ends, Field, Fixed, Form, Parsed, Refused, Values, answers
from bot.dialogue.interest_fields import COMMUNE
from bot.dialogue.parking import parked, resume_choice
from bot.dialogue.person_fields import parse_yes_no
from bot.dialogue.world import Talk
from bot.effects import CallBackAsked, ConsentGiven, OfficerAsked
from bot.frozen import replace
from bot.model import Choice, Reply, Turn
from intents.normalise import fold

NAME = "handover"
# Kept with the agreement: change it whenever a word of handover.ask_agree changes.
TEXT_VERSION = "2026-11-28.officer"
MOST_WORDS = 500
# An act's name -> the reason that the officer reads: where the person was when they asked for one.
REASONS = {
    "human_attachment": "attachment",  # a voice note, a picture, a file
    "human_unsure": "uncertain",  # the screening ended in "ask the officer"
    "human_lost": "lost",  # the form did not understand, again and again
    "human_unanswered": "unanswered",  # twice no answer
}
_COMPLAINTS = ("khieu nai", "to cao", "phan anh", "phan nan", "buc xuc", "complain", "complaint")  # folded


def begin(talk: Talk, *, reason: str = "asked", text: str = "") -> Turn:
    """Open the hand-over; a form under way is kept to go on with afterwards."""
    if reason == "asked" and any(f" {word} " in f" {fold(talk.text)} " for word in _COMPLAINTS):
        reason = "complaint"
    values: dict[str, object] = {"reason": reason}
    if text:
        values["message"] = text
    if talk.commune in talk.world.served:
        values["commune"] = talk.commune
    return form.start(FORM, parked(talk), values)


def attachment(talk: Talk) -> Turn:
    """Nothing is ever met with silence: say what was understood of it, offer the officer or typing."""
    kind = talk.incoming.attachment or "file"
    if kind == "sticker":
        return talk.turn(talk.reply("handover.got_sticker", *menu(talk)))
    choices = (talk.choice("act:human_attachment", "handover.pass_on"), talk.choice("menu:", "handover.type_instead"))
    if kind == "unsupported":
        return talk.turn(Reply("\n".join(_by_other_ways(talk)), choices))
    return talk.turn(talk.reply(f"handover.got_{kind}", *choices))


def _by_other_ways(talk: Talk) -> list[str]:
    """Zalo passes on nothing that children and people who cannot read send: let them call, or open the page."""
    known = talk.world.knowledge.contacts(where=talk.where, topic="contact_officer")
    named = next((filled(f"{{{o.phone}}}", talk) for o in known if o.phone), "")
    office = offices.of(talk)
    lines = [talk.say.say("handover.got_unsupported")]
    if phone := (office.phone if office else "") or named:
        lines.append(talk.say.say("handover.call_officer", phone=phone))
    if talk.world.site:
        lines.append(talk.say.say("handover.open_web", site=talk.world.site))
    return lines


def _ask_agree(values: Values, talk: Talk) -> Reply:
    labels = {"yes": talk.say.say("handover.yes"), "no": talk.say.say("handover.no")}
    commune = values.get("commune")
    who = talk.say.say("handover.officer_of", commune=talk.world.commune_called(str(commune))) if commune else ""
    return Reply(talk.say.say("handover.ask_agree", who=who or talk.say.say("handover.some_officer")), answers(labels))


def _parse_agree(said: str, values: Values, talk: Talk) -> Parsed:
    parsed = parse_yes_no(said, values, talk)
    if isinstance(parsed, Accepted) and parsed.value is False:
        return Ends(_left(talk))
    return parsed


def _left(talk: Talk) -> Turn:
    choices: tuple[Choice, ...] = (talk.choice("menu:", "menu.ask"),)
    if talk.session.parked:
        choices = (resume_choice(talk), *choices)
    return talk.turn(talk.reply("handover.left", *choices), form=None)


def _ask_message(_values: Values, talk: Talk) -> Reply:
    return talk.reply("handover.ask_message")


def _parse_message(said: str, _values: Values, _talk: Talk) -> Parsed:
    words = " ".join(said.split())
    return Accepted(words[:MOST_WORDS]) if words else Refused()


def _ask_phone(_values: Values, talk: Talk) -> Reply:
    return Reply(talk.say.say("handover.ask_phone"), (talk.choice("command:skip", "handover.no_call"),), asks="phone")


def _parse_phone(said: str, values: Values, talk: Talk) -> Parsed:
    parsed = person_fields.parse_phone(said, values, talk)
    return Accepted(parsed.value) if isinstance(parsed, Accepted) else parsed


def _finish(values: Values, talk: Talk) -> Turn:
    """The ticket is made now: whoever leaves at the next question is answered all the same."""
    ticket = OfficerAsked(values["reason"], values["message"], values["commune"])
    agreed = ConsentGiven(consent.OFFICER, given=True, text_version=TEXT_VERSION)
    turn = form.start(CALL_BACK, talk, {"commune": values["commune"]})
    return replace(turn, effects=(agreed, ticket))


def _finish_call_back(values: Values, talk: Talk) -> Turn:
    phone = values.get("phone") or ""
    choices: tuple[Choice, ...] = (talk.choice("menu:", "menu.ask"),)
    if talk.session.parked:
        choices = (resume_choice(talk), *choices)
    key = "handover.done_phone" if phone else "handover.done"
    reply = talk.reply(key, *choices, commune=talk.world.commune_called(values["commune"]))
    if not talk.world.office.open_at(talk.world.now):
        reply = Reply(f"{reply.text}\n{talk.say.say('handover.out_of_hours', when=when(talk))}", reply.choices)
    return talk.turn(reply, effects=(CallBackAsked(phone),) if phone else (), form=None, misses=0)


def when(talk: Talk) -> str:
    """ "07:30, Thứ Hai, 30/11/2026": when officers are there next."""
    opens = talk.world.office.next_open(talk.world.now)
    return talk.say.say("inbox.when", hour=f"{opens:%H:%M}", day=talk.say.day(opens.date()))


AGREE = Field("agree", _ask_agree, _parse_agree)
PLACE = Field("commune", COMMUNE.ask, COMMUNE.parse)  # elsewhere the answer says where to go
MESSAGE = Field("message", _ask_message, _parse_message, takes_all=True)
PHONE = Field("phone", _ask_phone, _parse_phone, optional=True)
_FIXED, _PHONE_ALONE = Fixed((AGREE, PLACE, MESSAGE)), Fixed((PHONE,))
FORM = Form(NAME, _FIXED.field_of, _FIXED.following, _finish, order=("agree", "commune", "message"))
CALL_BACK = Form("call_back", _PHONE_ALONE.field_of, _PHONE_ALONE.following, _finish_call_back, order=("phone",))
