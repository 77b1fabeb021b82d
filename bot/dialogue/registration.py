"""Registration by conversation: consent, trade, commune, hamlet, name, birth year, phone; summary; receipt."""

from datetime import date

from bot.dialogue import consent, counting, form, interest_fields, learning, person_fields
from bot.dialogue.fields import Accepted, Ends, Field, Fixed, Form, Goto, Parsed, Refused, Values, answers
from bot.dialogue.person_fields import key_of
from bot.dialogue.world import Talk
from bot.effects import Applicant, Effect, Json, LeadDetailed, LeadRegistered
from bot.model import FormState, LeadView, Reply, Turn
from intents.normalise import fold
from intents.slots import yes_no

NAME = "registration"
OPEN_STATES = frozenset({"new", "contacted", "confirmed"})
UNVERIFIED, WAITING_PERSON = "unverified", "waiting_person"


def _ask_agreed(_values: Values, talk: Talk) -> Reply:
    labels = {"yes": talk.say.say("registration.agreed_yes"), "no": talk.say.say("registration.agreed_no")}
    return Reply(talk.say.say("registration.ask_agreed"), answers(labels))


def _parse_agreed(said: str, values: Values, talk: Talk) -> Parsed:
    parsed = person_fields.parse_yes_no(said, values, talk)
    if isinstance(parsed, Accepted) and parsed.value is False:
        ways = (talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))
        return Ends(talk.turn(talk.reply("registration.agree_first", *ways), form=None))
    return parsed


AGREED = Field("agreed", _ask_agreed, _parse_agreed, needed=lambda v, _t: v.get("owner") == "helper")
FIELDS = (
    consent.FIELD,
    AGREED,
    interest_fields.TRADE,
    interest_fields.COMMUNE,
    interest_fields.HAMLET,
    person_fields.NAME,
    person_fields.BIRTH_YEAR,
    person_fields.HAD_BIRTHDAY,
    person_fields.GUARDIAN_NAME,
    person_fields.GUARDIAN_PHONE,
    person_fields.GUARDIAN_CONSENT,
    person_fields.PHONE,
    person_fields.TOLD_BY,
)


def begin(talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Start with what has been said anywhere; a form left earlier is offered first."""
    parked = talk.session.parked
    if parked is not None and parked.name == NAME and (parked.values.get("consents") or parked.values.get("trade")):
        choices = (talk.choice("resume:", "form.resume"), talk.choice("form:fresh_registration", "form.afresh"))
        trade = (parked.values.get("trade") or {}).get("text") or talk.say.say("registration.some_trade")
        key = "registration.unfinished_shared" if talk.world.shared_device else "registration.unfinished"
        return talk.turn(*before, talk.reply(key, *choices, talk.choice("menu:", "menu.ask"), trade=trade))
    return fresh(talk, before=before)


def fresh(talk: Talk, *, before: tuple[Reply, ...] = ()) -> Turn:
    """Start anew, prefilled with the facts of this talk; nothing of the person registered before."""
    if talk.session.facts.get("last_receipt"):
        talk = learning.new_person(talk)
    talk = counting.new_form(talk)
    facts = talk.session.facts
    values: dict[str, object] = {}
    if facts.get("relation"):
        values["owner"] = "helper"
    if facts.get("trade"):
        values["trade"] = {"id": facts["trade"], "text": talk.world.trade_name(str(facts["trade"]))}
    if any(c.id == facts.get("course") and c.trade == facts.get("trade") for c in talk.world.courses):
        values["course"] = facts["course"]
    if facts.get("birth_year") or facts.get("age"):
        values["_born"] = facts.get("birth_year") or talk.world.today.year - int(facts["age"])
    known = next((m for m in talk.world.mine if m.receipt == facts.get("known_as")), None)
    if known is not None and not facts.get("relation"):
        values |= known.again
    if facts.get("commune_code") in talk.world.served:
        values["commune"] = facts["commune_code"]
    return form.start(FORM, talk, values, before=before)


def _summary(values: Values, talk: Talk) -> Reply:
    lines = form.summary_text(FORM, values, talk)
    choices = (talk.choice("field:yes", "registration.send"), talk.choice("command:correct", "form.correct"))
    how = talk.say.say("registration.summary_how")
    return Reply(f"{talk.say.say(key_of(values, 'registration.summary'))}\n{lines}\n{how}", choices)


def _parse_summary(said: str, _values: Values, talk: Talk) -> Parsed:
    """Yes; or no, or a field's name: then that is put right first."""
    if named := talk.world.understanding.commands.field(said):
        return Goto(named)
    agreed = True if said == "yes" or fold(said) in {"gui", "gui di", "gui dang ky", "send"} else yes_no(said)
    return Refused() if agreed is None else Accepted(value=True) if agreed else Goto("")


SUMMARY_FIELD = Field(form.SUMMARY, _summary, _parse_summary)
_FIXED = Fixed(FIELDS)


def _field_of(field_id: str, values: Values, talk: Talk) -> Field | None:
    return SUMMARY_FIELD if field_id == form.SUMMARY else _FIXED.field_of(field_id, values, talk)


def _finish(values: Values, talk: Talk) -> Turn:
    applicant = _applicant(values)
    earlier = same_registration(applicant, values, talk.world.mine)
    receipt = earlier.receipt if earlier else talk.world.nonce
    helper = values.get("owner") == "helper"
    lead = LeadRegistered(
        receipt=receipt,
        applicant=applicant,
        trade=values["trade"]["id"],
        trade_text=values["trade"]["text"],
        course=str(values.get("course") or ""),
        served=applicant.commune in talk.world.served,
        verification=WAITING_PERSON if helper else UNVERIFIED,
    )
    effects: tuple[Effect, ...] = (lead, *consent.given(values, receipt))
    age = person_fields.age_of(values, talk.world.today)
    facts, screened = _facts_after(talk, age), talk.session.facts.get("screening")
    if screened and learning.same_age(talk.session.facts.get("age"), age):
        effects += (LeadDetailed(receipt, screened),)
    facts |= {"commune_code": applicant.commune, "last_receipt": receipt, "last_by": "helper" if helper else "self"}
    reply = _receipt(values, lead, talk, updated=earlier is not None)
    return talk.turn(reply, effects=effects, form=None, parked=None, facts=facts, topic="register")


def _facts_after(talk: Talk, age: int) -> dict[str, Json]:
    """What stays known of the person registered: what was said of somebody of another age was said of another."""
    before = talk.session.facts
    if not learning.same_age(before.get("age"), age):
        before = learning.new_person(talk).session.facts
    done = ("relation", "trade", "course", "birth_year", "screening", "shared", "known_as")
    return {**{k: v for k, v in before.items() if k not in done}, "age": age}


def _receipt(values: Values, lead: LeadRegistered, talk: Talk, *, updated: bool) -> Reply:
    say = talk.say.say
    commune = talk.world.commune_called(lead.applicant.commune)
    parts = [say("receipt.updated" if updated else "receipt.done", receipt=lead.receipt, trade=lead.trade_text)]
    if not lead.served:
        parts.append(say("receipt.coordinator", commune=commune))
    elif lead.verification == WAITING_PERSON:
        parts.append(say("receipt.waiting_person", commune=commune))
    elif lead.applicant.phone:
        parts.append(say("receipt.call", commune=commune))
    else:
        parts.append(say("receipt.no_phone", commune=commune, told_by=lead.applicant.told_by))
    parts += [told for told in (_waits(lead, talk), _how_told(values, lead, talk)) if told]
    parts.append(say("receipt.keep"))
    choices = [talk.choice("form:details", "receipt.details"), talk.choice("form:screening", "menu.screening")]
    choices.append(talk.choice("act:paper", "paper.offer"))
    if consent.ANNOUNCE not in (values.get("consents") or []):
        choices.append(talk.choice("act:announce_yes", "receipt.announce"))
    if talk.world.shared_device:
        choices.append(talk.choice("command:forget", "menu.forget"))
    return Reply("\n".join(parts), (*choices, talk.choice("menu:", "menu.ask")))


def _waits(lead: LeadRegistered, talk: Talk) -> str:
    """A class without seats left: the waiting list, said plainly."""
    full = any(c.id == lead.course and c.state == "full" for c in talk.world.courses)
    return talk.say.say("receipt.waiting_list") if full else ""


def _how_told(values: Values, lead: LeadRegistered, talk: Talk) -> str:
    """How they will hear of the class: in this chat where it may write by itself, else by a call."""
    if not lead.course or lead.verification == WAITING_PERSON:
        return ""
    if consent.ANNOUNCE not in (values.get("consents") or []):
        return talk.say.say("receipt.told_none")
    channel = talk.incoming.contact.channel
    way = {"telegram": "here", "zalo_bot": "here", "zalo_oa": "zalo"}.get(channel, "call")
    return talk.say.say(f"receipt.told_{way}")


def _applicant(values: Values) -> Applicant:
    born = values.get("birth_date")
    return Applicant(
        full_name=values["full_name"],
        birth_year=int(values["birth_year"]),
        birth_date=date.fromisoformat(born) if born else None,
        phone=values["phone"] or "",
        told_by=values.get("told_by") or "",
        commune=values["commune"],
        hamlet=values.get("hamlet") or "",
        guardian_name=values.get("guardian_name") or "",
        guardian_phone=values.get("guardian_phone") or "",
        helper_relation="helper" if values.get("owner") == "helper" else "",
    )


def same_registration(applicant: Applicant, values: Values, mine: tuple[LeadView, ...]) -> LeadView | None:
    """This contact's open lead of the same person and trade: it is updated, not doubled."""
    for lead in mine:
        same_person = fold(lead.full_name) == fold(applicant.full_name) and lead.birth_year == applicant.birth_year
        same_trade = lead.trade == values["trade"]["id"] and fold(lead.trade_text) == fold(values["trade"]["text"])
        if same_person and same_trade and lead.state in OPEN_STATES:
            return lead
    return None


def progress(state: FormState) -> tuple[int, int]:
    """(questions answered, questions in all) of the ordinary way through, for the page's progress line."""
    usual = ("consents", "trade", "commune", "hamlet", "full_name", "birth_year", "phone")
    return sum(1 for f in usual if f in state.values), len(usual)


FORM = Form(
    NAME,
    _field_of,
    _FIXED.following,
    _finish,
    summary=_summary,
    order=tuple(f.id for f in FIELDS),
)
