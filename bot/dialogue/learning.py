"""What is said anywhere is kept for the form and the screening; it never passes from one person to the next."""

from collections.abc import Mapping

from bot.dialogue.world import Talk
from bot.effects import Json
from bot.frozen import replace

# Facts about one person; the others (commune, trade) are about the place and the wish.
PERSONAL = frozenset(
    {"age", "birth_year", "household_type", "relation", "screened", "screening", "last_receipt", "last_by", "shared"}
)
_SAME_AGE = 1  # years between two ways of saying the same age


def learn(talk: Talk) -> Talk:
    """Trade, household, age, commune said in this message."""
    found = talk.world.understanding.slots.read(talk.text)
    said: dict[str, Json] = {
        "trade": found.trade,
        "household_type": found.household_type,
        "age": found.age,
        "birth_year": found.birth_year,
        "commune_code": found.commune_code,
        "relation": found.relation,
    }
    said = {k: v for k, v in said.items() if v}
    if not said:
        return talk
    if _somebody_else(talk.session.facts, said):
        talk = new_person(talk)
    return talk.knowing(**said)


def _somebody_else(known: Mapping[str, Json], said: Mapping[str, Json]) -> bool:
    """After a registration, a relation or another age means that a new person is spoken of."""
    if not known.get("last_receipt"):
        return False
    return "relation" in said or ("age" in said and not same_age(known.get("age"), said["age"]))


def new_person(talk: Talk) -> Talk:
    """The talk without what was known of the person before."""
    facts = {k: v for k, v in talk.session.facts.items() if k not in PERSONAL}
    return replace(talk, session=replace(talk.session, facts=facts))


def same_age(known: Json, age: int) -> bool:
    """Whether a screening was made of somebody of this age (or of an age not said)."""
    return not isinstance(known, int) or abs(known - age) <= _SAME_AGE
