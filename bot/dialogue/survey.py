"""What people say to a reminder or a survey: by a tap, in a word right after it, or days later."""

import re

from bot.dialogue import form, mine
from bot.dialogue.digression import NONE, question_marks
from bot.dialogue.fields import Accepted, Field, Fixed, Form, Parsed, Refused, Values, answers
from bot.dialogue.followup import KIND, SURVEY, SURVEYED, TEXT_VERSION
from bot.dialogue.world import Talk
from bot.effects import ConsentGiven, OfficerAsked, SurveyAnswered
from bot.frozen import replace
from bot.model import Choice, LeadView, Reply, Turn
from intents.normalise import fold
from intents.slots import yes_no

NAME = "survey"
LONGEST = 120
TELLING = 3  # words: a longer "yes" says what the work is
_PREFIX = f"{KIND}:"
JOBS = ("learned", "other", "own")
PLACES = ("commune", "province", "elsewhere", "abroad")
# "Muốn tìm việc" is a question to us, no answer; "chưa có việc" and "mất việc" say no, "đi làm rồi" says yes.
_HAS = re.compile(r"\b(co viec|di lam|dang lam|lam (o|cho|tai|cong|thue)|(tim|xin|kiem) duoc|mo (quan|tiem|xuong))\b")
_LACKS = re.compile(r"\b(chua|khong|ko) (\w+ ){0,2}(viec|di lam|lam|xin|tim|kiem)\b")
_LOST = re.compile(r"\b(that nghiep|mat viec|nghi viec|het viec)\b")
_WISH = re.compile(r"\b(muon|can|gioi thieu|tim giup|(tim|kiem|xin) viec)\b")
_NO = re.compile(r"\b(chua|khong|ko|o nha)\b")
_WHERE = re.compile(r"\b(lam|mo|cong ty|xuong|ban)\b")
_COMES = re.compile(r"\b(se den|se di|co den|co di|toi se|nho roi)\b")


def tapped(rest: str, talk: Talk) -> Turn | None:
    """A choice under such a message, "<what>:<receipt>[:<month>]"; None for a registration that is not theirs."""
    what, _, named = rest.partition(":")
    receipt, _, month = named.partition(":")
    lead = next((m for m in mine.visible(talk) if m.receipt == receipt), None)
    if lead is None:
        return None
    if what in ("yes", "no") and month.isdigit():
        return _answered(lead, int(month), talk, works=what == "yes")
    if what in ("agree", "refuse"):
        return _may_ask(lead, talk, agreed=what == "agree")
    return _cannot(lead, talk) if what == "cannot" else talk.turn(talk.reply("follow.come_thanks", *_on(talk)))


def heard(talk: Talk) -> Turn | None:
    """Words in answer to such a message: bare ones when it was the last that was said, plain ones at any time."""
    offered = [c.value.removeprefix(_PREFIX) for c in talk.session.offered if c.value.startswith(_PREFIX)]
    if not offered and SURVEYED not in talk.session.facts:
        return None
    said = fold(talk.text)
    if not said or question_marks(talk.text) != NONE:
        return None
    kinds = {value.partition(":")[0]: value for value in offered}
    if "yes" in kinds or _pending(talk):
        return _about_work(said, kinds.get("yes", ""), talk)
    agreed = yes_no(talk.text)
    if "come" in kinds:
        agreed = True if agreed is None and _COMES.search(said) else agreed
        pair = ("come", "cannot")
    elif "agree" in kinds:
        pair = ("agree", "refuse")
    else:
        return None
    return None if agreed is None else tapped(kinds[pair[0] if agreed else pair[1]], talk)


def _pending(talk: Talk) -> str:
    """The survey sent before and not answered yet, as its choice would name it."""
    asked = talk.session.facts.get(SURVEYED)
    return f"yes:{asked[0]}:{asked[1]}" if isinstance(asked, list) and len(asked) > 1 else ""


def _about_work(said: str, offered: str, talk: Talk) -> Turn | None:
    """Right after the survey a bare word will do; later the message itself must speak of work."""
    works = _speaks_of_work(said)
    if works is None and offered and not _WISH.search(said):
        works = yes_no(talk.text)
        works = False if works is None and _NO.search(said) else works
    if works is None:
        return None
    receipt, _, month = (offered or _pending(talk)).partition(":")[2].partition(":")
    lead = next((m for m in mine.visible(talk) if m.receipt == receipt), None)
    if lead is None:
        return None
    tells = works and len(said.split()) > TELLING and _WHERE.search(said)
    return _answered(lead, int(month), talk, works=works, job=talk.text[:LONGEST] if tells else "")


def _speaks_of_work(said: str) -> bool | None:
    """Whether the words themselves say that somebody works, or does not; None when they say neither."""
    if _LOST.search(said) or (_LACKS.search(said) and not said.endswith(" roi")):
        return False
    return True if _HAS.search(said) and not _WISH.search(said) else None


def _answered(lead: LeadView, month: int, talk: Talk, *, works: bool, job: str = "") -> Turn:
    """Kept at once: whoever says no more has answered. Then what work and where, or what helps to find it."""
    effect = SurveyAnswered(lead.receipt, month, works, job)
    facts = {k: v for k, v in talk.session.facts.items() if k != SURVEYED}
    if not works:
        ways = [talk.choice(f"topic:{t}", f"topic.{t}") for t in ("job_referral", "job_fair", "loan_jobcreation")]
        reply = talk.reply("follow.no_work", *ways, talk.choice("act:human", "menu.officer"))
        return talk.turn(reply, effects=(effect,), facts=facts, form=None)
    values: dict[str, object] = {"receipt": lead.receipt, "month": month, **({"job": job} if job else {})}
    turn = form.start(FORM, talk, values)
    return replace(turn, session=replace(turn.session, facts=facts), effects=(effect,))


def _may_ask(lead: LeadView, talk: Talk, *, agreed: bool) -> Turn:
    effect = ConsentGiven(SURVEY, agreed, TEXT_VERSION, lead.receipt)
    facts = {k: v for k, v in talk.session.facts.items() if k != SURVEYED}
    key = "follow.agreed" if agreed else "follow.refused"
    return talk.turn(talk.reply(key, *_on(talk)), effects=(effect,), facts=facts)


def _cannot(lead: LeadView, talk: Talk) -> Turn:
    """A seat may become free: the commune hears of it."""
    note = talk.say.say("follow.cannot_ticket", receipt=lead.receipt, name=lead.full_name, trade=lead.trade_text)
    reply = talk.reply("follow.cannot_told", *_on(talk), commune=talk.world.commune_called(lead.commune))
    return talk.turn(reply, effects=(OfficerAsked("cannot_come", note, lead.commune),))


def _on(talk: Talk) -> tuple[Choice, ...]:
    return (talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))


# ---- what work, and where


def _ask_job(_values: Values, talk: Talk) -> Reply:
    return Reply(talk.say.say("follow.ask_job"), answers({j: talk.say.say(f"follow.job.{j}") for j in JOBS}))


def _parse_job(said: str, _values: Values, talk: Talk) -> Parsed:
    return Accepted(talk.say.say(f"follow.job.{said}")) if said in JOBS else _words(said)


def _ask_place(_values: Values, talk: Talk) -> Reply:
    return Reply(talk.say.say("follow.ask_place"), answers({p: talk.say.say(f"follow.place.{p}") for p in PLACES}))


def _parse_place(said: str, _values: Values, talk: Talk) -> Parsed:
    return Accepted(talk.say.say(f"follow.place.{said}")) if said in PLACES else _words(said)


def _words(said: str) -> Parsed:
    words = " ".join(said.split())[:LONGEST]
    return Accepted(words) if any(c.isalpha() for c in words) else Refused()


def _finish(values: Values, talk: Talk) -> Turn:
    job, place = str(values.get("job") or ""), str(values.get("place") or "")
    effect = SurveyAnswered(str(values["receipt"]), int(values["month"]), works=True, job=job, place=place)
    return talk.turn(talk.reply("follow.thanks", talk.choice("menu:", "menu.ask")), effects=(effect,), form=None)


_FIXED = Fixed(
    (
        Field("job", _ask_job, _parse_job, optional=True, open_text=True),
        Field("place", _ask_place, _parse_place, optional=True, open_text=True),
    )
)
FORM = Form(NAME, _FIXED.field_of, _FIXED.following, _finish, order=("job", "place"))
