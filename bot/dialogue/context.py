"""A message read in the light of the talk: bare follow-ups, the same of another trade, facts without a question."""

from bot.dialogue.answering import menu
from bot.dialogue.digression import NONE, question_marks
from bot.dialogue.world import Talk
from bot.model import Reply, Turn
from intents.normalise import fold
from intents.recogniser import Recognition
from intents.sentence import Sentence

_MOST_IN_FOLLOW_UP = 8  # words: a longer message says itself what it is about
_OPENINGS = ("con ", "the con ", "vay con ", "the ", "vay ")
_OF_A_TRADE = frozenset({"schedule", "location", "duration", "support_tuition", "cost", "documents"})
_TRADE_ALONE = "course_specific"
_GROUPS = frozenset({"eligibility_poor_household", "eligibility_near_poor", "eligibility_age", "eligibility_residence"})
_SEVERAL, _NEVER = 2, 99


def follow_up(recognition: Recognition, talk: Talk) -> str:
    """The topic that a follow-up asks about, "" when the message is none."""
    last = talk.session.topic
    bare = talk.world.understanding.follow_ups.topic(talk.text, last)
    if bare:
        return bare
    return _same_of_another_trade(recognition, talk, last)


def _same_of_another_trade(recognition: Recognition, talk: Talk, last: str) -> str:
    """ "Còn nghề hàn thì sao?" asks the same (days, places, money) of the other trade, else whether it is taught."""
    said = fold(talk.text)
    if not last or not said.startswith(_OPENINGS) or len(said.split()) > _MOST_IN_FOLLOW_UP:
        return ""
    if recognition.decision == "answer" and recognition.best != _TRADE_ALONE:
        return ""
    if not talk.world.understanding.trades.mentioned(Sentence.of(talk.text))[0]:
        return ""
    return last if last in _OF_A_TRADE else _TRADE_ALONE


_OF_A_GROUP = {
    "poor": "eligibility_poor_household",
    "near_poor": "eligibility_near_poor",
    "escaped_poverty": "eligibility_near_poor",
    "low_income": "eligibility_near_poor",
}


def of_their_group(topic: str, talk: Talk) -> str:
    """ "Có được hỗ trợ không?" of somebody who has said which household theirs is asks about that household."""
    household = str(talk.session.facts.get("household_type") or "")
    return _OF_A_GROUP.get(household, topic) if topic == "eligibility_general" else topic


def stated(recognition: Recognition, talk: Talk, told: Talk) -> Turn | None:
    """Facts about the person and no question ("chị 45 tuổi, hộ cận nghèo"): say what was kept and offer what it is for.

    `talk` is the talk before this message, `told` with what it said.
    """
    if question_marks(talk.text) != NONE:
        return None
    kept = _new_facts(talk, told)
    # A group named alone is a question about that group; named among other facts it is one of them.
    least = 1 if recognition.decision != "answer" else _SEVERAL if recognition.best in _GROUPS else _NEVER
    if len(kept) < least:
        return None
    reply = Reply(told.say.say("act.noted", facts=", ".join(kept)), menu(told))
    return told.turn(reply, misses=0, greeted=True)


def _new_facts(talk: Talk, told: Talk) -> list[str]:
    """What this message added, in words; a trade alone is a wish, not a fact about the person."""
    before, now, say = talk.session.facts, told.session.facts, told.say
    new = {k: v for k, v in now.items() if before.get(k) != v}
    words: list[str] = []
    if new.get("age"):
        words.append(say.say("fact.age", age=new["age"]))
    elif new.get("birth_year"):
        words.append(say.say("fact.birth_year", year=new["birth_year"]))
    if new.get("household_type"):
        words.append(say.say(f"fact.{new['household_type']}"))
    if new.get("commune_code"):
        words.append(told.world.commune_called(str(new["commune_code"])))
    return words
