"""Conversational acts: hello, thanks, who are you, yes without a question; and what nobody could answer."""

from bot.dialogue.answering import menu, step_choice
from bot.dialogue.parking import resume_choice
from bot.dialogue.scrubbing import scrub
from bot.dialogue.world import Talk
from bot.effects import OfficerAsked, QuestionUnanswered
from bot.frozen import replace
from bot.model import Choice, Reply, Turn

SIMPLE = frozenset({"thanks", "goodbye", "affirm", "deny", "bot_identity"})
# Topics that the interview answers better than a text does.
SCREENED = frozenset(
    {"support_tuition", "unemployment_insurance_training", "land_recovered", "ex_prisoner", "discharged_soldier"}
)
MISSES_BEFORE_OFFICER = 2


def greeting(talk: Talk) -> Turn:
    """Who this is (an automatic assistant), what it can do; shorter the second time; an unfinished form is offered."""
    key = "act.hello_again" if talk.session.greeted else "act.hello"
    return talk.turn(talk.reply(key, *_menu_or_resume(talk)), greeted=True, misses=0)


def _menu_or_resume(talk: Talk) -> tuple[Choice, ...]:
    """The menu; an unfinished registration takes the place of a new one."""
    if not talk.session.parked:
        return menu(talk)
    return (resume_choice(talk), *(c for c in menu(talk) if c.value != "form:registration"))


def simple(act: str, talk: Talk) -> Turn:
    """One text, and the menu where a next step is due."""
    choices: tuple[Choice, ...] = menu(talk) if act in ("bot_identity", "affirm", "deny") else _ways_on(talk)
    if act == "goodbye" and talk.world.shared_device:
        choices = (talk.choice("command:forget", "menu.forget"), *choices)
    return talk.turn(talk.reply(f"act.{act}", *choices), greeted=True, misses=0)


def show_menu(talk: Talk) -> Turn:
    """What can be asked."""
    return talk.turn(talk.reply("menu.what", *_menu_or_resume(talk)), misses=0)


def no_machine(talk: Talk) -> Turn:
    """'Không muốn máy xét' leads to the officer (NĐ 356/2025 Đ10)."""
    choices = (talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
    return talk.turn(talk.reply("act.no_machine", *choices))


def clarify(topics: tuple[str, ...], talk: Talk) -> Turn:
    """'Ý bà con là…?' with the likeliest topics."""
    offered = [t for n, t in enumerate(topics[:3]) if _offerable(t) and not (t == "emergency" and n)]
    choices = [step_choice(t, talk) for t in offered]
    if not choices:
        return unknown(talk)
    if any(t.startswith("eligibility_") or t in SCREENED for t in offered):
        choices.append(talk.choice("form:screening", "menu.screening"))
    choices.append(talk.choice("act:none_of_these", "menu.none_of_these"))
    turn = talk.knowing(asked=scrub(talk.text)).turn(Reply(talk.say.say("act.clarify"), tuple(choices)))
    return replace(turn, decision="clarified")


def none_of_these(talk: Talk) -> Turn:
    """None of the offered topics was meant: the question is kept, not the tap."""
    return _not_known(str(talk.session.facts.get("asked") or ""), "clarify", talk)


def _offerable(topic: str) -> bool:
    return topic not in SIMPLE and topic not in ("greeting", "out_of_scope", "stop_messages")


def unknown(talk: Talk) -> Turn:
    """Say so, keep the scrubbed question for the officers, offer the ways on; the second time, the officer first."""
    return _not_known(scrub(talk.text), "unknown", talk)


def _not_known(question: str, decision: str, talk: Talk) -> Turn:
    effects = (QuestionUnanswered(question, decision, talk.commune),) if question else ()
    misses = talk.session.misses + 1
    officer = talk.choice("act:human_unanswered", "menu.officer")
    if misses >= MISSES_BEFORE_OFFICER:
        reply = talk.reply("act.unknown_twice", officer, *menu(talk)[:4])
    else:
        reply = talk.reply("act.unknown", *menu(talk))
    facts = {k: v for k, v in talk.session.facts.items() if k != "asked"}
    return replace(talk.turn(reply, effects=effects, misses=misses, facts=facts), decision="unanswered")


def emergency(talk: Talk, text: str) -> Turn:
    """The numbers to call, before anything else; whatever was going on is kept."""
    ways: tuple[Choice, ...] = (talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
    if talk.session.parked or talk.session.form:
        ways = (*ways, resume_choice(talk))
    return talk.turn(Reply(text, ways))


def officer_told(talk: Talk, reason: str) -> Turn:
    """A refusal that still reaches a human (too many registrations from one phone)."""
    choices = (talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
    turn = talk.turn(talk.reply(f"limit.{reason}", *choices), form=None)
    return replace(turn, effects=(OfficerAsked(f"limit_{reason}", "", talk.commune),))


def _ways_on(talk: Talk) -> tuple[Choice, ...]:
    ways: list[Choice] = [talk.choice("menu:", "menu.ask"), talk.choice("form:registration", "menu.register")]
    if talk.session.parked or talk.session.form:
        ways.insert(0, resume_choice(talk))
    return tuple(ways)
