"""The request for support, Mẫu số 01 of NĐ 338/2025, filled in from what was given: by a link that runs out."""

from bot.dialogue import mine
from bot.dialogue.world import Talk
from bot.model import LEAD_OVER, LeadView, Reply, Turn

MOST = 3


def give(talk: Talk) -> Turn:
    """A link for each person registered from here; the commune prints it for those who cannot be given one."""
    people = _people(talk)
    papers = talk.choice("topic:documents", "topic.documents")
    if not people:
        hidden = bool(talk.world.mine) and talk.world.shared_device
        ways = (talk.choice("form:registration", "menu.register"), papers, talk.choice("menu:", "menu.ask"))
        if hidden or talk.world.paper is None:
            return talk.turn(talk.reply("mine.ask_receipt" if hidden else "paper.none", *ways))
        return talk.turn(talk.reply("paper.blank", *ways, url=talk.world.paper("")))
    ways = (papers, talk.choice("act:human", "menu.officer"), talk.choice("menu:", "menu.ask"))
    if talk.world.paper is None:
        return talk.turn(talk.reply("paper.at_commune", *ways, commune=talk.world.commune_called(people[0].commune)))
    lines = [talk.say.say("paper.ready")]
    lines += [talk.say.say("paper.link", name=p.full_name, url=talk.world.paper(p.receipt)) for p in people]
    lines.append(talk.say.say("paper.lasts_short" if talk.world.shared_device else "paper.lasts"))
    return talk.turn(Reply("\n".join(lines), ways))


def _people(talk: Talk) -> list[LeadView]:
    """The newest registration of each person that may be shown."""
    found: dict[tuple[str, int], LeadView] = {}
    for lead in mine.visible(talk):
        if lead.state not in LEAD_OVER:
            found.setdefault((lead.full_name, lead.birth_year), lead)
    return list(found.values())[:MOST]
