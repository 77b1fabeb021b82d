"""step(): which topic answers this message. Pure: the same session, message and world give the same turn."""

import unicodedata
from collections.abc import Callable

from bot.dialogue import (
    acts,
    announced,
    answering,
    consent,
    context,
    counting,
    danger,
    details,
    digression,
    followup,
    form,
    handover,
    local,
    mine,
    mine_data,
    paper,
    parking,
    picking,
    registration,
    screening,
    sharing,
    steering,
    survey,
    useful,
)
from bot.dialogue.fields import Accepted
from bot.dialogue.learning import learn
from bot.dialogue.steering import FORMS
from bot.dialogue.world import Talk, World
from bot.frozen import replace
from bot.i18n import language
from bot.local import LOCAL
from bot.model import FormState, Incoming, Session, Turn
from intents.commands import Command
from intents.normalise import fold
from intents.recogniser import EMERGENCY, OUT_OF_SCOPE, Recognition
from knowledge.old_names import named

MOST_READ = 1000  # characters of a message that are read; the rest of a 100 kB paste says nothing more
UNREAD = frozenset({"Cc", "Cf", "Cs"})  # control and direction characters, broken pairs


def step(session: Session, incoming: Incoming, world: World) -> Turn:
    """Answer one message. Never raises for anything a person can send; every reply offers a next step."""
    talk = mine.sitting(Talk(session, incoming, world, language(session.language), cleaned(incoming.text)))
    turn = useful.noted(parking.way_back(_route(talk), talk), talk, session.last_at)
    known, tally = counting.counted(turn, talk)
    offered = turn.replies[-1].choices if turn.replies else ()
    return replace(turn, session=replace(turn.session, offered=offered, counted=known), tally=tally)


def cleaned(text: str) -> str:
    """What is read of a message: composed, without control and direction characters, cut."""
    read = text[: 4 * MOST_READ]  # a decomposed letter is up to four characters
    if read.isprintable() and unicodedata.is_normalized("NFC", read):
        return read.strip()[:MOST_READ]
    plain = "".join(" " if c.isspace() else c for c in read if c.isspace() or unicodedata.category(c) not in UNREAD)
    return unicodedata.normalize("NFC", plain).strip()[:MOST_READ]


def _route(talk: Talk) -> Turn:
    state = steering.form_under_way(talk)
    if talk.incoming.attachment:
        got = handover.attachment(talk)
        return got if state is None else form.ask_again(FORMS[state.name], state, talk, before=(steering.told(got),))
    if talk.incoming.shared:
        return _shared(state, sharing.kept(talk))
    value = talk.incoming.choice or picking.picked(talk, form.asked(FORMS[state.name], state, talk) if state else None)
    if value is not None:
        return _chosen(value, talk)
    recognition = talk.world.understanding.recogniser.recognise(talk.text)
    if danger.heard(recognition, talk.text, answers=_answers(state, talk)) and not picking.yes_or_no(talk.text):
        return _emergency(talk)
    command = talk.world.understanding.commands.read(talk.text)
    steered = steering.command(command, talk) if command is not None else None
    if steered is not None:
        return steered
    if state is None and (followed := survey.heard(talk)) is not None:
        return followed
    before, talk = talk, learn(talk)
    unlocked = mine.unlock(parking.parked(talk))
    if unlocked is not None:
        return unlocked
    if state is not None:
        again = form.repeated(FORMS[state.name], state, talk)
        return again or digression.in_a_form(FORMS[state.name], state, recognition, talk, topic=_topic)
    if taught := local.meant(recognition, talk):
        return _topic(taught, talk)
    return context.stated(recognition, before, talk) or _free(recognition, talk)


def _shared(state: FormState | None, talk: Talk) -> Turn:
    """Contact details from the platform's own form."""
    if state is None:
        return sharing.thanked(talk)
    the_form = FORMS[state.name]
    said = sharing.answer_to(form.asked(the_form, state, talk), state.values, talk)
    if not said:
        return form.ask_again(the_form, state, talk, before=(sharing.received(talk),))
    return form.answer(the_form, state, said, talk) or form.missed(the_form, state, talk)


def _answers(state: FormState | None, talk: Talk) -> bool:
    field = form.asked(FORMS[state.name], state, talk) if state is not None else None
    return field is not None and isinstance(field.parse(talk.text, state.values if state else {}, talk), Accepted)


def _chosen(value: str, talk: Talk) -> Turn:
    """What a choice means: `kind:rest`. One that was offered for an earlier question is not an answer to this one."""
    kind, _, rest = value.partition(":")
    state = steering.form_under_way(talk)
    if picking.stale(value, talk):
        turn = acts.show_menu(talk) if state is None else form.ask_again(FORMS[state.name], state, talk)
        return _after("form.past", turn, talk)
    if kind in picking.IN_FORM and state is not None:
        the_form = FORMS[state.name]
        if kind == "aside":
            return digression.aside(rest, talk, the_form=the_form, state=state, topic=_topic)
        if kind == "correct":
            return form.correct(the_form, state, rest, talk)
        return form.answer(the_form, state, rest, talk) or form.missed(the_form, state, talk)
    if kind == "command":
        return steering.command(Command(rest), talk) or acts.show_menu(parking.parked(talk))
    if kind == "resume":
        return steering.resume(talk)
    routes: dict[str, Callable[[str, Talk], Turn]] = {
        "topic": _topic,
        "aside": _topic,
        "more": answering.more,
        "act": _act,
        "form": _open,
        "course": announced.course,
        "trade": announced.trade,
        "waitlist": announced.waiting_list,
        "for": announced.somebody,
        "withdraw": mine.confirm_withdraw,
        "withdraw_yes": mine.withdrawn,
        followup.KIND: lambda rest, talk: survey.tapped(rest, talk) or acts.show_menu(talk),
        "useful": useful.judged,
    }
    talk = parking.parked(talk)
    return routes[kind](rest, talk) if kind in routes else acts.show_menu(talk)


def _open(name: str, talk: Talk) -> Turn:
    if name == "fresh_registration":
        return registration.fresh(replace(talk, session=replace(talk.session, parked=None)))
    openers = {"registration": registration.begin, "screening": screening.begin, "details": details.begin}
    return openers[name](talk) if name in openers else acts.show_menu(talk)


def _after(key: str, turn: Turn, talk: Talk) -> Turn:
    """The turn with a word before it."""
    return replace(turn, replies=(talk.reply(key), *turn.replies))


def _act(name: str, talk: Talk) -> Turn:
    """Acts that are tapped or recognised."""
    if name in acts.SIMPLE:
        return acts.simple(name, talk)
    if name in handover.REASONS:
        return handover.begin(talk, reason=handover.REASONS[name])
    routes: dict[str, Callable[[Talk], Turn]] = {
        "human": handover.begin,
        "greeting": acts.greeting,
        "delete_data": mine.confirm_erase,
        "erase": mine.confirm_erase,
        "erase_yes": mine.erased,
        "withdraw": mine.withdraw,
        "keep": mine.kept,
        "mine": mine.show,
        "data_file": mine_data.ask_file,
        "paper": paper.give,
        "none_of_these": acts.none_of_these,
        "announce_yes": consent.announce,
    }
    if name in routes:
        return routes[name](talk)
    if name in ("stop_messages", "start_messages", *mine.KINDS_SAID):
        return mine.messages(talk, name)
    return acts.show_menu(talk)


def _topic(topic: str, talk: Talk) -> Turn:
    """A topic of knowledge, or one that is done rather than told."""
    doing: dict[str, Callable[[Talk], Turn]] = {
        "register": registration.begin,
        "register_status": mine.show,
        "cancel_registration": mine.withdraw,
        "emergency": _emergency,
    }
    if topic in doing:
        return doing[topic](talk)
    if topic.startswith(LOCAL):
        return local.answer(topic, talk) or acts.unknown(talk)
    return _act(topic, talk) if topic in ACT_TOPICS else answering.answer(topic, talk)


ACT_TOPICS = acts.SIMPLE | {"greeting", "human", "delete_data", "stop_messages"}


def _free(recognition: Recognition, talk: Talk) -> Turn:
    """Outside any form: answer (and offer a second question asked with it), ask which was meant, or say so."""
    if not fold(talk.text):
        return acts.show_menu(talk) if talk.session.greeted else acts.greeting(talk)
    old = named(fold(talk.text), on=talk.world.today, names=talk.world.understanding.old_names, typed=talk.text)
    if old is not None:
        return answering.replaced(old, talk)
    topics = tuple(t.topic for t in recognition.topics)
    if again := context.follow_up(recognition, talk):
        return _topic(again, talk)
    if recognition.decision == "answer" and topics and topics[0] != OUT_OF_SCOPE:
        turn = _topic(context.of_their_group(topics[0], talk), talk)
        return answering.also_asked(turn, tuple(t.topic for t in recognition.further), talk)
    if recognition.decision == "clarify":
        return acts.clarify(topics, talk)
    return acts.unknown(talk)


def _emergency(talk: Talk) -> Turn:
    """The numbers to call, before anything else; whatever was going on is kept."""
    known = talk.world.knowledge.answer(EMERGENCY, where=talk.where, on=talk.world.today)
    text = answering.filled(known.short.get(talk.say.code) or known.short["vi"], talk) if known else ""
    return acts.emergency(talk, text)
