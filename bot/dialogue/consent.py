"""Consent: one screen in plain words, an answer per purpose (L91/2025 Đ9; NĐ 356/2025 Đ6)."""

from bot.dialogue.fields import Accepted, Ends, Field, Narrow, Parsed, Refused, Values, answers
from bot.dialogue.world import Talk
from bot.effects import ConsentGiven, Effect, MessagesStopped
from bot.model import Reply, Turn
from intents.normalise import fold
from intents.slots import yes_no

# Kept with every answer: change it whenever a word of [consent] in locales/*/registration.toml changes.
TEXT_VERSION = "2026-11-22.2"
LIST, ANNOUNCE, FORWARD = "list", "announce", "forward"
PURPOSES = (LIST, ANNOUNCE, FORWARD)
SENSITIVE, OFFICER, GUARDIAN = "sensitive", "officer", "guardian"
_LETTERS = dict(zip("abc", PURPOSES, strict=True))
_COMBINED = frozenset({"ab", "ac", "bc", "abc"})
_ASIDE = frozenset({"va", "muc", "and", "dong", "y", "voi", "chi", "viec", "only", "agree", "i", "to", "da", "thoi"})
_OTHERS = frozenset({"helper", "dang ky giup nguoi khac", "cho nguoi khac", "dang ky ho", "giup nguoi khac"})
_ALL = frozenset(
    {"dong y ca ba", "dong y ca", "dong y het", "dong y tat ca", "ca ba", "tat ca", "all", "yes to all", "het", "ca 3"}
)


def ask(values: Values, talk: Talk) -> Reply:
    """The screen. Under it: all three, two of them, the list alone, none, or "for somebody else"."""
    helper = values.get("owner") == "helper"
    text = talk.say.say("consent.ask_helper" if helper else "consent.ask")
    if talk.world.foreign_service:
        text += "\n" + talk.say.say("consent.foreign")
    labels = {
        "abc": talk.say.say("consent.all"),
        "ab": talk.say.say("consent.list_announce"),
        "a": talk.say.say("consent.list_only"),
        "none": talk.say.say("consent.none"),
    }
    labels |= {"self": talk.say.say("consent.for_me")} if helper else {"helper": talk.say.say("consent.for_other")}
    return Reply(text, answers(labels))


def parse(said: str, values: Values, talk: Talk) -> Parsed:
    """Letters ("a và c"), a choice, or words. A bare "đồng ý" counts for the list alone: silence is no consent."""
    folded = fold(said)
    for_other = folded in _OTHERS or talk.world.understanding.slots.read(said).relation
    if for_other and values.get("owner") != "helper":
        return _for("helper", values, talk)
    if folded == "self":
        return _for("self", values, talk)
    if folded in _ALL:
        return Accepted(list(PURPOSES))
    letters = [w for w in folded.split() if w not in _ASIDE]
    if letters and all(w in _LETTERS or w in _COMBINED for w in letters):
        chosen = [_LETTERS[letter] for letter in sorted(set("".join(letters)))]
        return Accepted(chosen) if LIST in chosen else Refused(talk.say.say("consent.list_needed"))
    agreed = False if folded == "none" else yes_no(said)
    if agreed is False and not set(letters) & set(_LETTERS):  # "không đồng ý c" is asked again, not guessed
        return Ends(refused(talk))
    return Accepted([LIST]) if agreed else Refused()


def _for(owner: str, values: Values, talk: Talk) -> Narrow:
    """The screen again, in the words for this person."""
    return Narrow(ask({**values, "owner": owner}, talk), {"owner": owner})


def show(value: object, talk: Talk) -> str:
    """ "ghi danh; báo lớp mới": what was agreed to."""
    agreed = value if isinstance(value, list) else []
    return "; ".join(talk.say.say(f"consent.short.{purpose}") for purpose in agreed)


def refused(talk: Talk) -> Turn:
    """Without consent nobody is put on a list; answers go on as before."""
    reply = talk.reply("consent.refused", talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))
    return talk.turn(reply, form=None)


def given(values: Values, receipt: str) -> tuple[ConsentGiven, ...]:
    """One effect per purpose, refusals too: the proof of what was answered."""
    agreed = values.get("consents") or []
    by = "helper" if values.get("owner") == "helper" else "self"
    facts = [ConsentGiven(p, p in agreed, TEXT_VERSION, receipt, by) for p in PURPOSES]
    if values.get("guardian_name"):
        facts.append(ConsentGiven(GUARDIAN, given=True, text_version=TEXT_VERSION, receipt=receipt, by="guardian"))
    return tuple(facts)


def announce(talk: Talk) -> Turn:
    """ "Nhắn tôi khi có lớp", tapped under the receipt: the purpose that was left out, agreed to after all."""
    receipt = str(talk.session.facts.get("last_receipt") or "")
    by = "helper" if talk.session.facts.get("last_by") == "helper" else "self"
    effects: tuple[Effect, ...] = (MessagesStopped(stopped=False),)
    if receipt:
        effects = (ConsentGiven(ANNOUNCE, given=True, text_version=TEXT_VERSION, receipt=receipt, by=by), *effects)
    return talk.turn(talk.reply("mine.started", talk.choice("menu:", "menu.ask")), effects=effects)


FIELD = Field("consents", ask, parse, show)
