"""Offered after the receipt: the target group, with a consent of its own for what is sensitive (NĐ 356/2025 Đ4, Đ6)."""

from bot.dialogue import consent, form
from bot.dialogue.fields import Accepted, Field, Fixed, Form, Parsed, Refused, Values, answers
from bot.dialogue.person_fields import parse_yes_no
from bot.dialogue.world import Talk
from bot.effects import ConsentGiven, Effect, LeadDetailed
from bot.model import Reply, Turn
from intents.normalise import fold

NAME = "details"
# In the order of the lists and plans.
TARGET_GROUPS = (
    "poor", "near_poor", "escaped_poverty", "policy_family", "land_recovered", "ethnic", "disability", "other",
)  # fmt: skip
GROUPS = (*TARGET_GROUPS, "unsaid")  # what somebody may choose
_BY_TOPIC = {
    "eligibility_poor_household": "poor",
    "eligibility_near_poor": "near_poor",
    "eligibility_policy_family": "policy_family",
    "eligibility_ethnic": "ethnic",
    "eligibility_disability": "disability",
    "land_recovered": "land_recovered",
}
SENSITIVE_GROUPS = frozenset({"ethnic", "disability"})


def begin(talk: Talk) -> Turn:
    """Ask for the group of the registration made last in this talk."""
    receipt = talk.session.facts.get("last_receipt")
    if not receipt:
        return talk.turn(talk.reply("details.no_registration", talk.choice("form:registration", "menu.register")))
    return form.start(FORM, talk, {"receipt": receipt})


def _ask_group(_values: Values, talk: Talk) -> Reply:
    labels = {g: talk.say.say(f"group.{g}") for g in GROUPS}
    return Reply(talk.say.say("details.ask_group"), answers(labels))


def _parse_group(said: str, _values: Values, talk: Talk) -> Parsed:
    if said in GROUPS:
        return Accepted(said)
    household = talk.world.understanding.slots.read(said).household_type
    if household in GROUPS:
        return Accepted(household)
    by_label = {fold(talk.say.say(f"group.{g}")): g for g in GROUPS}
    topic = talk.world.understanding.recogniser.recognise(said).best
    found = by_label.get(fold(said)) or _BY_TOPIC.get(topic)
    return Accepted(found) if found else Refused()


def _ask_sensitive(values: Values, talk: Talk) -> Reply:
    labels = {"yes": talk.say.say("consent.sensitive_yes"), "no": talk.say.say("consent.sensitive_no")}
    group = talk.say.say(f"group.{values['group']}")
    return Reply(talk.say.say("consent.ask_sensitive", group=group), answers(labels))


def _finish(values: Values, talk: Talk) -> Turn:
    receipt, group = values["receipt"], values["group"]
    agreed = bool(values.get("sensitive", True))
    kept = group if agreed and group != "unsaid" else ""
    effects: tuple[Effect, ...] = ()
    if "sensitive" in values:
        effects += (ConsentGiven(consent.SENSITIVE, agreed, consent.TEXT_VERSION, receipt),)
    if kept:
        effects += (LeadDetailed(receipt, {"target_group": kept}),)
    facts = dict(talk.session.facts)
    if kept in ("poor", "near_poor", "escaped_poverty"):
        facts["household_type"] = kept
    key = "details.kept" if kept else "details.not_kept"
    choices = (talk.choice("form:screening", "menu.screening"), talk.choice("menu:", "menu.ask"))
    return talk.turn(talk.reply(key, *choices), effects=effects, form=None, facts=facts)


GROUP = Field("group", _ask_group, _parse_group, optional=True)
SENSITIVE = Field("sensitive", _ask_sensitive, parse_yes_no, needed=lambda v, _t: v.get("group") in SENSITIVE_GROUPS)


def _finish_or_skip(values: Values, talk: Talk) -> Turn:
    return _finish({**values, "group": values.get("group") or "unsaid"}, talk)


_FIXED = Fixed((GROUP, SENSITIVE))
FORM = Form(NAME, _FIXED.field_of, _FIXED.following, _finish_or_skip, order=("group", "sensitive"))
