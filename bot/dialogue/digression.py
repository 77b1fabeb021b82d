"""A message in the middle of a form: a question is answered and the field asked again; nobody is trapped."""

from collections.abc import Callable

from bot.dialogue import acts, form, local, parking
from bot.dialogue.fields import Accepted, Field, Form, Narrow
from bot.dialogue.scrubbing import scrub
from bot.dialogue.world import Talk
from bot.effects import QuestionUnanswered
from bot.frozen import replace
from bot.model import Choice, FormState, Reply, Turn
from intents.commands import Command
from intents.normalise import fold, words
from intents.recogniser import Recognition

Topic = Callable[[str, Talk], Turn]
ASIDE = "aside:"  # prefix of a choice that answers a question and comes back to the form

# How questions end and what stands in them; without tone marks "may" is the trade and "mấy".
_TONED_ENDS = frozenset({"gì", "mấy", "nào", "ai", "đâu", "sao", "vậy", "không", "chưa", "ko", "k", "hông", "hả"})
_ENDS = _TONED_ENDS | {"gi", "may", "nao", "dau", "khong", "chua", "vay", "hong", "ha"}
_YES_OR_NO = frozenset(["không", "chưa", "ko", "k", "hông", "khong", "chua"])
_PHRASES = ("bao nhieu", "o dau", "khi nao", "bao gio", "the nao", "lam sao", "bao lau", "tai sao", "vi sao")
_OPENINGS = ("cho hoi", "cho toi hoi", "cho em hoi", "toi hoi", "em hoi", "hoi ti", "hoi chut", "the con", "con tien")
_FEWEST_WORDS = 3
_SHORT = 3  # words of an answer that somebody is unsure of: "1981?"
NONE, WEAK, STRONG = 0, 1, 2

_NOT_ASKED = frozenset({"", "affirm", "deny", "register", "out_of_scope"})
_SMALL_TALK = {"thanks": "act.thanks", "greeting": "act.hello_in_form", "bot_identity": "act.bot_identity"}
_LEAVES = frozenset({"human", "delete_data", "stop_messages", "cancel_registration", "register_status", "goodbye"})


def question_marks(text: str) -> int:
    """How much `text` looks like a question: STRONG ("?", "bao nhiêu", "có … không"), WEAK (a last word), NONE."""
    typed = [w.lower() for w in words(text)]
    said = f" {fold(text)} "
    if "?" in text or any(f" {p} " in said for p in _PHRASES) or said.lstrip().startswith(_OPENINGS):
        return STRONG
    toned = not text.isascii() and any(
        c.isalpha() and not c.isascii() for c in text
    )  # who types "mấy" means a name by "Lò Thị May"
    if len(typed) < _FEWEST_WORDS or typed[-1] not in (_TONED_ENDS if toned else _ENDS):
        return NONE
    return STRONG if typed[-1] in _YES_OR_NO and typed[0] not in _YES_OR_NO else WEAK


def in_a_form(the_form: Form, state: FormState, recognition: Recognition, talk: Talk, *, topic: Topic) -> Turn:
    """Try the answer; a question is answered first and the field asked again; else a hint."""
    if not talk.world.understanding.commands.field(talk.text):
        state = form.pending(the_form, state, talk)
    field = form.asked(the_form, state, talk)
    if field is None:
        return form.ask_again(the_form, state, talk)
    if not fold(talk.text):
        return form.missed(the_form, state, talk)
    best, decision = recognition.best, recognition.decision
    marks = NONE if field.takes_all else question_marks(talk.text)
    if (taught := local.meant(recognition, talk)) and _asks(field, marks, state, talk):
        return aside(taught, talk, the_form=the_form, state=state, topic=topic)
    sure = decision == "answer" and best not in _NOT_ASKED and not field.takes_all
    said_only = _nothing_else(recognition)
    small_talk = best in _LEAVES - {"goodbye"} or (said_only and (best in _SMALL_TALK or best == "goodbye"))
    if sure and (marks == STRONG or (field.open_text and (marks == WEAK or small_talk))):
        return aside(best, talk, the_form=the_form, state=state, topic=topic)
    if field.open_text and said_only and best in ("affirm", "deny"):  # "dạ vâng" is nobody's name
        skip = form.steer(the_form, state, Command("skip"), talk) if field.optional and best == "deny" else None
        return skip or form.missed(the_form, state, talk)
    asked = marks == STRONG and decision != "answer" and len(words(talk.text)) > _SHORT
    guessed = sure and field.open_text and isinstance(field.parse(talk.text, state.values, talk), Narrow)
    if not (asked or guessed) and (turn := form.answer(the_form, state, talk.text, talk)) is not None:
        return turn
    if sure:
        return aside(best, talk, the_form=the_form, state=state, topic=topic)
    if marks and decision == "clarify":
        return _which(state, recognition, talk)
    return _unanswered(the_form, state, talk) if asked else form.missed(the_form, state, talk)


def _asks(field: Field, marks: int, state: FormState, talk: Talk) -> bool:
    """Whether a question that an officer taught is one here, and not the answer to what was asked."""
    if field.takes_all:
        return False
    return marks != NONE or not isinstance(field.parse(talk.text, state.values, talk), Accepted)


def _nothing_else(recognition: Recognition) -> bool:
    """The whole message is one act ("cảm ơn"), not a name that looks like it ("Lò Thị Ơn")."""
    return len(recognition.topics) == 1 and recognition.topics[0].score >= 1


def aside(best: str, talk: Talk, *, the_form: Form, state: FormState, topic: Topic) -> Turn:
    """The answer to a question in the middle, then the same field again; nothing that it did is lost."""
    if best in _LEAVES:
        return topic(best, parking.parked(talk))
    if best in _SMALL_TALK:
        return form.ask_again(the_form, state, talk, before=(talk.reply(_SMALL_TALK[best]),))
    found = topic(best, talk)
    told = Reply("\n".join(r.text for r in found.replies))
    turn = form.ask_again(the_form, state, talk)
    question = turn.replies[-1]
    again = replace(question, text=f"{talk.say.say('form.back_to')}\n{question.text}")
    turn = replace(turn, decision=found.decision, about=found.about)
    return replace(turn, replies=(told, again), effects=found.effects)


def _which(state: FormState, recognition: Recognition, talk: Talk) -> Turn:
    """ "Ý anh/chị là…?": each choice is answered within the form; the way back to the field stands below."""
    turn = acts.clarify(tuple(t.topic for t in recognition.topics), talk)
    reply = turn.replies[-1]
    choices = tuple(
        replace(c, value=ASIDE + c.value.removeprefix("topic:")) if c.value.startswith("topic:") else c
        for c in reply.choices
        if not c.value.startswith("act:none_of_these")
    )
    resume = Choice(parking.RESUME, talk.say.say("form.back_to_question"))
    asked_back = talk.turn(Reply(reply.text, (*choices, resume)), form=state, effects=turn.effects)
    return replace(asked_back, decision=turn.decision)


def _unanswered(the_form: Form, state: FormState, talk: Talk) -> Turn:
    """Said to be unknown and kept for the officers, and the form goes on."""
    turn = form.missed(the_form, state, talk, hint=talk.say.say("act.unknown_in_form"))
    return replace(
        turn, effects=(QuestionUnanswered(scrub(talk.text), "unknown", talk.commune),), decision="unanswered"
    )
