"""What a commune's officers taught the assistant: asked before it decides by itself, never over what must be heeded."""

from bot.dialogue.world import Talk
from bot.frozen import replace
from bot.local import LOCAL
from bot.model import Reply, Turn
from intents.recogniser import EMERGENCY, Recognition

# Recognised as one of these, a message is never anything else, whatever was taught.
PROTECTED = frozenset({EMERGENCY, "human", "delete_data", "stop_messages"})


def meant(recognition: Recognition, talk: Talk) -> str:
    """The topic, or LOCAL and a number, that an officer taught this very question; "" when none."""
    if recognition.decision == "answer" and recognition.best in PROTECTED:
        return ""
    found = talk.world.local.phrases.find(talk.text, talk.commune)
    return found.target if found else ""


def answer(topic: str, talk: Talk) -> Turn | None:
    """The commune's own answer, with whose word it is or what it rests on; None when it was taken back."""
    known = talk.world.local.answers.get(topic.removeprefix(LOCAL))
    if known is None:
        return None
    if known.source:
        mark = talk.say.say("local.basis", source=known.source)
    elif known.commune:
        mark = talk.say.say("local.own_word", commune=talk.world.commune_called(known.commune))
    else:
        mark = talk.say.say("local.officers_word")
    ways = (talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))
    turn = talk.turn(Reply(f"{known.text}\n{mark}", ways), topic=topic, misses=0, greeted=True)
    return replace(turn, decision="answered")
