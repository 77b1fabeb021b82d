"""Contact details given by a platform's own form or button: they answer what is asked; the rest is offered.

Nothing of it is taken for granted: what was not asked for is offered as a choice when its question comes, and stands in
the summary like every other answer. A number that was shared proves nothing about who wrote (Zalo says so).
"""

from bot.dialogue.fields import Field, Values
from bot.dialogue.world import Talk
from bot.model import Reply, Turn

_ANSWERS = {"phone": "phone", "full_name": "full_name", "birth_year": "birth_date"}


def for_another(values: Values) -> bool:
    """What somebody shares is their own: of no use while they register another person."""
    return values.get("owner") == "helper"


def known(detail: str, values: Values, talk: Talk) -> str:
    """What was shared before and may be offered here, "" for nothing."""
    shared = talk.session.facts.get("shared")
    return "" if for_another(values) or not isinstance(shared, dict) else str(shared.get(detail) or "")


def kept(talk: Talk) -> Talk:
    """The talk that remembers what has just been shared."""
    return talk.knowing(shared=dict(talk.incoming.shared))


def answer_to(field: Field | None, values: Values, talk: Talk) -> str:
    """The part of it that answers this question, "" when none does."""
    return known(_ANSWERS.get(field.id, ""), values, talk) if field else ""


def thanked(talk: Talk) -> Turn:
    """Outside any form: what it is for, and the ways on."""
    choices = (talk.choice("form:registration", "menu.register"), talk.choice("act:human", "menu.officer"))
    return talk.turn(talk.reply("sharing.kept_for_later", *choices, talk.choice("menu:", "menu.ask")))


def received(talk: Talk) -> Reply:
    """In a form that asks something else: said before the question is put again."""
    return talk.reply("sharing.kept")
