"""Steering words: menu, back, cancel, an officer, stop … and the form that is under way. Pure."""

from bot.dialogue import acts, details, form, handover, mine, mine_data, paper, parking, registration, screening, survey
from bot.dialogue.fields import Form
from bot.dialogue.learning import learn
from bot.dialogue.world import Talk
from bot.frozen import replace
from bot.i18n import language
from bot.model import FormState, Reply, Turn
from intents.commands import Command

FORMS: dict[str, Form] = {
    f.name: f for f in (registration.FORM, details.FORM, screening.FORM, handover.FORM, handover.CALL_BACK, survey.FORM)
}
MESSAGES = frozenset({"stop", "start_messages", *mine.KINDS_SAID})
ANYWHERE = MESSAGES | frozenset({"human", "erase", "mine", "data", "withdraw", "forget", "no_machine", "paper"})
LANGUAGE_COMMANDS = {"english": "en", "vietnamese": "vi"}  # steering word -> the language it asks for


def form_under_way(talk: Talk) -> FormState | None:
    """The form being filled in, if this version of the program still knows it."""
    state = talk.session.form
    return state if state is not None and state.name in FORMS else None


def resume(talk: Talk) -> Turn:
    """Go on with the form under way, or with the parked one."""
    state = talk.session.form or talk.session.parked
    if state is None or state.name not in FORMS:
        return acts.show_menu(talk)
    if talk.session.form is None:
        talk = replace(talk, session=replace(talk.session, parked=None))
    return form.ask_again(FORMS[state.name], state, talk)


def command(said: Command, talk: Talk) -> Turn | None:
    """A steering word; None when it means nothing here (then it is read as any other message)."""
    state = form_under_way(talk)
    if said.name in ANYWHERE:
        return _anywhere(said.name, talk)
    if said.name in LANGUAGE_COMMANDS:
        return _speak(LANGUAGE_COMMANDS[said.name], talk)
    if said.name in ("menu", "assistant"):
        return acts.show_menu(parking.parked(talk))
    if said.name == "resume":
        return resume(talk) if talk.session.form or talk.session.parked else None
    if said.name == "register":
        if state is not None and state.name == registration.NAME:
            return form.ask_again(registration.FORM, state, talk)
        return registration.begin(learn(parking.parked(talk)))
    if state is None:
        return mine.how_to_correct(talk) if said.name == "correct" and mine.visible(talk) else None
    if said.name == "cancel":
        return _left(talk)
    if said.name == "correct" and state.asking == "trade" and said.field not in state.values:
        return None  # "sửa điện thoại" is a trade, too
    return form.steer(FORMS[state.name], state, said, talk)


def _left(talk: Talk) -> Turn:
    """The form is left: a registration is kept to go on with, anything else is closed."""
    talk = parking.parked(talk)
    choices = (talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))
    if talk.session.parked is None:
        return talk.turn(talk.reply("form.closed", *choices))
    return talk.turn(talk.reply("form.left", parking.resume_choice(talk), *choices))


def _speak(code: str, talk: Talk) -> Turn:
    """From now on in this language; a form under way goes on."""
    talk = replace(talk, session=replace(talk.session, language=code), say=language(code))
    state = form_under_way(talk)
    return acts.show_menu(talk) if state is None else form.ask_again(FORMS[state.name], state, talk)


def _anywhere(name: str, talk: Talk) -> Turn:
    """What is heeded in any state; the form is parked, except by a word about messages."""
    state = form_under_way(talk)
    if name in MESSAGES:
        turn = mine.messages(talk, "stop_messages" if name == "stop" else name)
        if state is None:
            return turn
        return replace(form.ask_again(FORMS[state.name], state, talk, before=(told(turn),)), effects=turn.effects)
    if name == "withdraw" and state is not None and not mine.withdrawable(talk):
        return _left(talk)  # "hủy đăng ký" in the middle of the first one
    routes = {
        "human": handover.begin,
        "erase": mine.confirm_erase,
        "mine": mine.show,
        "data": mine_data.show,
        "paper": paper.give,
        "withdraw": mine.withdraw,
        "forget": mine.forgotten,
        "no_machine": acts.no_machine,
    }
    return routes[name](parking.parked(talk))


def told(turn: Turn) -> Reply:
    """A turn's last reply as words alone."""
    return Reply(turn.replies[-1].text)
