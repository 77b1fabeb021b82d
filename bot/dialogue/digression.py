"""A message in the middle of a form: an answer first, a question second, and nobody is trapped."""

from collections.abc import Callable

from bot.dialogue import acts, form
from bot.dialogue.form import Form
from bot.dialogue.world import Talk
from bot.model import FormState, Reply, Turn
from intents.normalise import fold
from intents.recogniser import Recognition

LAST_WORDS = frozenset(["khong", "ko", "k", "hong", "gi", "may", "nao", "ai", "dau", "sao", "chua", "vay"])
PHRASES = ("bao nhieu", "o dau", "khi nao", "bao gio", "the nao", "lam sao", "bao lau", "may thang", "may ngay")
FEWEST_WORDS = 3
STAYS = frozenset({"thanks", "greeting", "affirm", "deny", "goodbye", "bot_identity"})


def asks_something(text: str) -> bool:
    """Whether the words look like a question or a request rather than a name or a place."""
    words = fold(text).split()
    if len(words) < FEWEST_WORDS:
        return "?" in text
    said = f" {' '.join(words)} "
    return "?" in text or words[-1] in LAST_WORDS or any(f" {phrase} " in said for phrase in PHRASES)


def in_a_form(
    the_form: Form, state: FormState, recognition: Recognition, talk: Talk, *, topic: Callable[[str, Talk], Turn]
) -> Turn:
    """Try the answer; then the question, answered and the field asked again; then a hint."""
    field = the_form.field_of(state.asking, state.values, talk)
    sure = recognition.decision == "answer" and bool(recognition.topics)
    best = recognition.topics[0].topic if recognition.topics else ""
    question_first = (
        field is not None and field.open_text and asks_something(talk.text) and recognition.decision != "unknown"
    )
    if not question_first:
        turn = form.answer(the_form, state, talk.text, talk)
        if turn is not None:
            return turn
    if sure and best not in ("affirm", "deny", "register", "out_of_scope"):
        return _aside(the_form, state, best, talk, topic)
    if asks_something(talk.text) and recognition.decision == "clarify":
        turn = acts.clarify(tuple(t.topic for t in recognition.topics), talk)
        resume = talk.choice("resume:", "form.resume")
        replies = tuple(Reply(r.text, (*r.choices[:-1], resume)) for r in turn.replies)
        return talk.turn(*replies, form=state, effects=turn.effects)
    return form.missed(the_form, state, talk)


def _aside(the_form: Form, state: FormState, best: str, talk: Talk, topic: Callable[[str, Talk], Turn]) -> Turn:
    """The answer to a question in the middle, then the same field again."""
    if best in ("human", "delete_data", "stop_messages", "cancel_registration", "register_status"):
        return topic(best, talk)
    if best in STAYS:
        told = Reply(talk.say.say(f"act.{best}" if best != "greeting" else "act.hello_in_form"))
        return form.ask_again(the_form, state, talk, before=(told,))
    told_turn = topic(best, talk)
    told = Reply("\n".join(r.text for r in told_turn.replies))
    return form.ask_again(the_form, state, talk, before=(told, talk.reply("form.back_to")))
