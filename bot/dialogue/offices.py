"""A commune's office as its officers entered it: said where people ask whom to turn to."""

from bot.dialogue.world import Talk
from bot.local import Office


def of(talk: Talk) -> Office | None:
    """The office of the commune this person speaks about, None when nobody entered it."""
    return talk.world.local.offices.get(talk.commune)


def told(talk: Talk) -> str:
    """One line with the name, phone, address and hours that are known; "" when none is."""
    office = of(talk)
    if office is None:
        return ""
    named = {"phone": office.phone, "address": office.address, "hours": office.hours}
    parts = [talk.say.say(f"local.office_{what}", **{what: said}) for what, said in named.items() if said]
    if not (office.name or parts):
        return ""
    name = office.name or talk.say.say("local.office")
    return f"{name}, {talk.world.commune_called(talk.commune)}" + "".join(f"; {part}" for part in parts) + "."
