"""Consent: one screen in plain words, an answer per purpose (L91/2025 Đ9; NĐ 356/2025 Đ6)."""

from bot.dialogue import form
from bot.dialogue.form import Accepted, Ends, Field, Parsed, Refused, Values
from bot.dialogue.world import Talk
from bot.model import ConsentGiven, Reply, Turn
from intents.normalise import fold
from intents.slots import yes_no

# Kept with every answer: change it whenever a word of locales/*/consent.toml changes.
TEXT_VERSION = "2026-11-22"
LIST, ANNOUNCE, FORWARD = "list", "announce", "forward"
PURPOSES = (LIST, ANNOUNCE, FORWARD)
SENSITIVE, OFFICER, GUARDIAN = "sensitive", "officer", "guardian"
_LETTERS = dict(zip("abc", PURPOSES, strict=True))


def ask(values: Values, talk: Talk) -> Reply:
    """The screen. Under it: all three, two of them, the list alone, none, or "for somebody else"."""
    helper = values.get("owner") == "helper"
    key = "consent.ask_helper" if helper else "consent.ask"
    text = talk.say.say(key)
    if talk.world.foreign_service:
        text += "\n" + talk.say.say("consent.foreign")
    labels = {
        "abc": talk.say.say("consent.all"),
        "ab": talk.say.say("consent.list_announce"),
        "a": talk.say.say("consent.list_only"),
        "none": talk.say.say("consent.none"),
    }
    if not helper:
        labels["helper"] = talk.say.say("consent.for_other")
    return Reply(text, form.answers(labels))


def parse(said: str, values: Values, talk: Talk) -> Parsed:
    """Letters ("a và c"), a choice, or words. A bare "đồng ý" counts for the list alone: silence is no consent."""
    folded = fold(said)
    if folded in {"helper", "dang ky giup nguoi khac", "cho nguoi khac", "dang ky ho", "giup nguoi khac"}:
        return form.Narrow(ask({**values, "owner": "helper"}, talk), {"owner": "helper"})
    if folded in {"none", "khong dong y", "khong", "no", "toi khong dong y"}:
        return Ends(refused(talk))
    if folded in {"dong y ca ba", "dong y ca", "dong y het", "dong y tat ca", "ca ba", "tat ca", "all", "yes to all"}:
        return Accepted(list(PURPOSES))
    words = [w for w in folded.split() if w not in {"va", "muc", "and", "dong", "y", "voi", "chi", "viec", "only"}]
    letters = "".join(words)
    if words and len(letters) <= len(PURPOSES) and set(letters) <= set(_LETTERS):
        chosen = [_LETTERS[letter] for letter in sorted(set(letters))]
        return Accepted(chosen) if LIST in chosen else Refused(talk.say.say("consent.list_needed"))
    return Accepted([LIST]) if yes_no(said) else Refused()


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


FIELD = Field("consents", ask, parse, show, resets=())
