"""step(): which topic answers this message. Pure: the same session, message and world give the same turn."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import acts, answering, details, form, handover, mine, registration, screening
from bot.dialogue.digression import in_a_form
from bot.dialogue.form import Form
from bot.dialogue.world import Talk, World
from bot.i18n import language
from bot.model import Incoming, Session, Turn
from intents.commands import Command
from intents.normalise import fold

MOST_READ = 1000  # characters of a message that are read; the rest of a 100 kB paste says nothing more
FORMS: dict[str, Form] = {f.name: f for f in (registration.FORM, details.FORM, screening.FORM, handover.FORM)}
ANYWHERE = frozenset({"human", "stop", "start_messages", "erase", "mine", "withdraw", "forget", "no_machine"})


def step(session: Session, incoming: Incoming, world: World) -> Turn:
    """Answer one message. Never raises for anything a person can send; every reply offers a next step."""
    text = unicodedata.normalize("NFC", incoming.text).strip()[:MOST_READ]
    talk = mine.sitting(Talk(session, incoming, world, language(session.language), text))
    turn = _route(talk)
    last = next((r.choices for r in reversed(turn.replies) if r.choices), ())
    return replace(turn, session=replace(turn.session, offered=last))


def _route(talk: Talk) -> Turn:
    if talk.incoming.attachment:
        return handover.attachment(talk)
    value = talk.incoming.choice or _picked(talk)
    if value is not None:
        return _chosen(value, talk)
    recognition = talk.world.understanding.recogniser.recognise(talk.text)
    if recognition.topics and recognition.topics[0].topic == "emergency" and recognition.decision == "answer":
        return _emergency(talk)
    command = talk.world.understanding.commands.read(talk.text)
    if command is not None and (turn := _command(command, talk)) is not None:
        return turn
    talk = _learn(talk)
    if turn := mine.unlock(talk):
        return turn
    state = talk.session.form
    if state is not None and state.name in FORMS:
        return in_a_form(FORMS[state.name], state, recognition, talk, topic=_topic)
    return _free(recognition.decision, tuple(t.topic for t in recognition.topics), talk)


def _picked(talk: Talk) -> str | None:
    """The value of an offered choice, typed as its number or its label."""
    offered = talk.session.offered
    said = fold(talk.text)
    if said.isascii() and said.isdigit() and 1 <= int(said[:4]) <= len(offered):
        return offered[int(said) - 1].value
    return next((c.value for c in offered if said and fold(c.label) == said), None)


def _chosen(value: str, talk: Talk) -> Turn:
    """What a choice means: `kind:rest`."""
    kind, _, rest = value.partition(":")
    state = talk.session.form
    if kind in ("field", "correct") and state is not None and state.name in FORMS:
        the_form = FORMS[state.name]
        if kind == "correct":
            return form.correct(the_form, state, rest, talk)
        return form.answer(the_form, state, rest, talk) or form.missed(the_form, state, talk)
    if kind == "command":
        return _command(Command(rest), talk) or acts.show_menu(talk)
    if kind == "withdraw":
        return mine.confirm_withdraw(talk, rest)
    if kind == "withdraw_yes":
        return mine.withdrawn(talk, rest)
    if kind == "more":
        return answering.more(rest, _parked(talk))
    routes: dict[str, Callable[[str, Talk], Turn]] = {"topic": _topic, "act": _act, "form": _open, "course": _course}
    if kind in routes:
        return routes[kind](rest, _parked(talk))
    if kind == "resume":
        return _resume(talk)
    return acts.show_menu(_parked(talk))


def _parked(talk: Talk) -> Talk:
    """Leaving a form by a tap elsewhere parks it, to be taken up again."""
    if talk.session.form is None:
        return talk
    parked = handover.keep(talk.session.form) or talk.session.parked
    return replace(talk, session=replace(talk.session, form=None, parked=parked))


def _resume(talk: Talk) -> Turn:
    state = talk.session.form or talk.session.parked
    if state is None or state.name not in FORMS:
        return acts.show_menu(talk)
    talk = replace(talk, session=replace(talk.session, parked=None))
    return form.ask_again(FORMS[state.name], state, talk)


def _open(name: str, talk: Talk) -> Turn:
    if name == "fresh_registration":
        return registration.fresh(replace(talk, session=replace(talk.session, parked=None)))
    openers = {"registration": registration.begin, "screening": screening.begin, "details": details.begin}
    return openers[name](talk) if name in openers else acts.show_menu(talk)


def _course(course_id: str, talk: Talk) -> Turn:
    """Registration for one class: its trade and commune are known."""
    course = next((c for c in talk.world.courses if c.id == course_id), None)
    if course is None:
        return acts.show_menu(talk)
    return registration.fresh(talk.knowing(trade=course.trade, course=course.id, commune_code=course.commune))


def _command(command: Command, talk: Talk) -> Turn | None:
    """A steering word; None when it means nothing here (then it is read as any other message)."""
    state = talk.session.form
    if command.name in ANYWHERE:
        return _anywhere(command.name, talk)
    if command.name in ("english", "vietnamese"):
        code = "en" if command.name == "english" else "vi"
        session = replace(talk.session, language=code)
        return acts.show_menu(replace(talk, session=session, say=language(code)))
    if command.name == "menu":
        return acts.show_menu(_parked(talk))
    if command.name == "resume":
        return _resume(talk) if state or talk.session.parked else None
    if state is None or state.name not in FORMS:
        return None
    if command.name == "cancel":
        choices = (talk.choice("resume:", "form.resume"), talk.choice("menu:", "menu.ask"))
        left = _parked(talk)
        keeps = left.session.parked is not None
        return left.turn(left.reply("form.left" if keeps else "form.closed", *(choices if keeps else choices[1:])))
    return form.steer(FORMS[state.name], state, command, talk)


def _anywhere(name: str, talk: Talk) -> Turn:
    if name == "human":
        return handover.begin(talk)
    if name in ("stop", "start_messages"):
        return mine.messages(talk, stopped=name == "stop")
    routes = {
        "erase": mine.confirm_erase,
        "mine": mine.show,
        "withdraw": mine.withdraw,
        "forget": mine.forgotten,
        "no_machine": acts.no_machine,
    }
    return routes[name](_parked(talk))


def _act(name: str, talk: Talk) -> Turn:
    """Acts that are tapped or recognised."""
    if name in ("human", "human_attachment"):
        return handover.begin(talk, reason="attachment" if name == "human_attachment" else "asked")
    if name in acts.SIMPLE:
        return acts.simple(name, talk)
    routes: dict[str, Callable[[Talk], Turn]] = {
        "greeting": acts.greeting,
        "delete_data": mine.confirm_erase,
        "erase": mine.confirm_erase,
        "erase_yes": mine.erased,
        "withdraw": mine.withdraw,
        "none_of_these": acts.unknown,
    }
    if name in routes:
        return routes[name](talk)
    if name in ("stop_messages", "start_messages", "announce_yes"):
        return mine.messages(talk, stopped=name == "stop_messages")
    return acts.show_menu(talk)


def _topic(topic: str, talk: Talk) -> Turn:
    """A topic of knowledge, or one that is done rather than told."""
    if topic == "register":
        return registration.begin(talk)
    if topic == "register_status":
        return mine.show(talk)
    if topic == "cancel_registration":
        return mine.withdraw(talk)
    if topic in ACT_TOPICS:
        return _act(topic, talk)
    return answering.answer(topic, talk)


ACT_TOPICS = acts.SIMPLE | {"greeting", "human", "delete_data", "stop_messages"}


def _free(decision: str, topics: tuple[str, ...], talk: Talk) -> Turn:
    """Outside any form: answer, ask which was meant, or say that it is not known."""
    if not fold(talk.text):
        return acts.greeting(talk) if not talk.session.greeted else acts.show_menu(talk)
    if decision == "answer" and topics and topics[0] != "out_of_scope":
        return _topic(topics[0], talk)
    if decision == "clarify":
        return acts.clarify(topics, talk)
    return acts.unknown(talk)


def _emergency(talk: Talk) -> Turn:
    known = talk.world.knowledge.answer("emergency", where=talk.where, on=talk.world.today)
    text = answering.filled(known.short.get(talk.say.code) or known.short["vi"], talk) if known else ""
    return acts.emergency(talk, text)


def _learn(talk: Talk) -> Talk:
    """What is said anywhere is kept for the form and the screening: trade, household, age, commune."""
    found = talk.world.understanding.slots.read(talk.text)
    learnt = {
        "trade": found.trade,
        "household_type": found.household_type,
        "age": found.age,
        "commune_code": found.commune_code,
        "relation": found.relation,
    }
    learnt = {k: v for k, v in learnt.items() if v}
    return talk.knowing(**learnt) if learnt else talk
