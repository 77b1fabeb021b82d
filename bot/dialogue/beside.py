"""While an officer has the talk: the assistant is silent but for danger, stop words, data rights, its own return.

A wish to register (a tap under an announcement, its word, a poster's link) is kept: both are told, and the form is
there as soon as the assistant has the talk again.
"""

from bot.dialogue import answering, danger, engine, handover, mine, parking, picking
from bot.dialogue.world import Talk, World
from bot.effects import TalkReturned, WroteToOfficer
from bot.frozen import replace
from bot.i18n import language
from bot.model import Choice, Incoming, Reply, Session, Turn
from intents.recogniser import Recognition

BACK = "command:assistant"
# What is done in any state: by word, by tap, and (only when the whole message says nothing else) by meaning.
COMMANDS = mine.KINDS_SAID | {"stop", "start_messages", "erase", "mine", "data", "withdraw", "forget", "no_machine"}
ACTS = frozenset(
    {"act:erase", "act:erase_yes", "act:delete_data", "act:data_file", "act:mine", "act:withdraw", "act:keep"}
    | {"act:stop_messages", "act:start_messages"}
    | {f"act:{said}" for said in mine.KINDS_SAID}
)
KINDS = ("withdraw:", "withdraw_yes:")
WISHES = ("course:", "trade:", "waitlist:", "for:")  # what begins a registration
MEANT = frozenset({"delete_data", "stop_messages"})
CLOSED_TOLD = "told_closed"  # fact: for which opening hour the person was told that the office is closed


def step(session: Session, incoming: Incoming, world: World, *, at_the_desk: bool = True) -> Turn:
    """The turn of a talk that an officer has. What the assistant does not answer is the officer's: no reply at all.

    `at_the_desk`: they took it there or in their chat; else somebody answers in the platform's own application, and
    nothing is known of their hours.
    """
    talk = Talk(session, incoming, world, language(session.language), engine.cleaned(incoming.text))
    value = incoming.choice or picking.picked(talk, None)
    command = talk.world.understanding.commands.read(talk.text) if value is None else None
    if value == BACK or (command is not None and command.name == "assistant"):
        return asked_back(talk)
    if value is not None and value.startswith(WISHES):
        return _wished(value, talk)
    recognition = talk.world.understanding.recogniser.recognise(talk.text)
    if value is not None:
        answered = _allowed(value)
    else:
        heard = bool(talk.text) and danger.heard(recognition, talk.text, answers=False)
        in_danger = heard and not picking.yes_or_no(talk.text)
        answered = in_danger or (command is not None and command.name in COMMANDS) or _meant(recognition)
    return _answered(talk) if answered else _kept(talk, at_the_desk=at_the_desk)


def _allowed(value: str) -> bool:
    named = value.removeprefix("command:")
    return value in ACTS or value.startswith(KINDS) or (named != value and named in COMMANDS)


def _meant(recognition: Recognition) -> bool:
    alone = len(recognition.topics) == 1
    return alone and recognition.decision == "answer" and recognition.best in MEANT


def _answered(talk: Talk) -> Turn:
    """As ever, without any form, and leading to nothing but what is answered here."""
    session = replace(talk.session, form=None, parked=parking.keep(talk.session.form) or talk.session.parked)
    turn = engine.step(session, talk.incoming, talk.world)
    back = talk.choice(BACK, "inbox.ask_assistant")
    replies = tuple(replace(r, choices=tuple(c for c in r.choices if _allowed(c.value))) for r in turn.replies)
    last = replace(replies[-1], choices=(*replies[-1].choices, back))
    session = replace(turn.session, offered=last.choices)
    return replace(turn, replies=(*replies[:-1], last), session=session, effects=(*turn.effects, WroteToOfficer()))


def _wished(value: str, talk: Talk) -> Turn:
    """The registration that was asked for is ready to go on with; what comes before it (for whom?) is asked here."""
    before = replace(talk.session, form=None, parked=parking.keep(talk.session.form) or talk.session.parked)
    turn = engine.step(before, replace(talk.incoming, text="", choice=value), talk.world)
    back = talk.choice(BACK, "inbox.ask_assistant")
    effects = (*turn.effects, WroteToOfficer())
    if turn.session.form is not None:
        session = replace(turn.session, form=None, parked=turn.session.form, offered=(back,))
        told = talk.reply("announced.wish_kept", back, back=back.label)
        return replace(turn, replies=(told,), session=session, effects=effects)
    ways = tuple(c for c in turn.replies[-1].choices if c.value.startswith(WISHES) or _allowed(c.value))
    last = replace(turn.replies[-1], choices=(*ways, back))
    session = replace(turn.session, offered=last.choices)
    return replace(turn, replies=(*turn.replies[:-1], last), session=session, effects=effects)


def _kept(talk: Talk, *, at_the_desk: bool) -> Turn:
    """Nothing is said; out of hours, once, when the officer will be there."""
    now, session = talk.world.now, replace(talk.session, offered=())
    opens = talk.world.office.next_open(now)
    told = opens.isoformat(timespec="minutes")
    if not at_the_desk or opens <= now or talk.session.facts.get(CLOSED_TOLD) == told:
        return Turn((), session, (WroteToOfficer(),))
    choices = (talk.choice(BACK, "inbox.ask_assistant"),)
    session = replace(session, facts={**session.facts, CLOSED_TOLD: told}, offered=choices)
    return Turn((talk.reply("inbox.closed_now", *choices, when=handover.when(talk)),), session, (WroteToOfficer(),))


def asked_back(talk: Talk) -> Turn:
    """ "Trợ lý": the assistant answers again from now on."""
    choices = ways_on(talk)
    turn = talk.turn(talk.reply("inbox.back_asked", *choices), effects=(TalkReturned("person"),), offered=choices)
    return replace(turn, session=replace(turn.session, form=None, misses=0))


def ways_on(talk: Talk) -> tuple[Choice, ...]:
    """What can be done next when the assistant has the talk again."""
    if not talk.session.parked:
        return answering.menu(talk)
    return (parking.resume_choice(talk), *(c for c in answering.menu(talk) if c.value != "form:registration"))


def after_silence(turn: Turn, code: str) -> Turn:
    """The turn of the first message after the officer was silent for too long: the person is told whose talk it is."""
    told = Reply(language(code).say("inbox.back_timer"))
    return replace(turn, replies=(told, *turn.replies), effects=(TalkReturned("timer"), *turn.effects))


def described(incoming: Incoming, code: str) -> str:
    """What the officer reads of a message without words: a voice note, a picture, contact details, "Đăng ký" tapped."""
    say = language(code).say
    if incoming.choice is not None and incoming.choice.startswith(WISHES):
        return say("announced.wish_seen", n=incoming.choice.partition("@")[2])
    if incoming.attachment:
        return say(f"inbox.sent.{incoming.attachment}")
    return say("inbox.sent.shared", what=", ".join(incoming.shared.values())) if incoming.shared else ""
