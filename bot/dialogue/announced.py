"""What follows a tap under an announcement: the form with everything known in it, the waiting list, who it is for."""

from datetime import date

from bot.dialogue import acts, courses, registration
from bot.dialogue.fields import clipped
from bot.dialogue.world import Talk
from bot.effects import AnnouncementTapped
from bot.frozen import replace
from bot.model import Choice, Course, LeadView, Reply, Turn
from intents.normalise import fold

MOST_PEOPLE = 4
# What people answer an announcement with on a channel without buttons; "1" too, while no form is under way.
WORDS = frozenset(
    {"dang ky", "dang ki", "dk", "dky", "co dang ky", "toi dang ky", "em dang ky", "tham gia", "register"}
)


def meant(said: str, talk: Talk, *, in_a_form: bool) -> str | None:
    """The button of the announcement that came last, when this answers it; `said` is folded."""
    if not talk.world.announced:
        return None
    return talk.world.announced if said in WORDS or (said == "1" and not in_a_form) else None


def course(rest: str, talk: Talk) -> Turn:
    """ "<class>@<announcement>", or a class alone (a poster's link): registration for it. Either may be long over."""
    number, _, announcement = rest.partition("@")
    found = next((c for c in talk.world.courses if c.id == number), None)
    return _noted(announcement, _class(found, talk))


def trade(rest: str, talk: Talk) -> Turn:
    """The same for a trade without a class."""
    name, _, announcement = rest.partition("@")
    if name not in talk.world.understanding.trade_names:
        return _noted(announcement, acts.show_menu(talk))
    return _noted(announcement, _for_whom(talk.knowing(trade=name, course=None)))


def waiting_list(rest: str, talk: Talk) -> Turn:
    """ "Ghi vào danh sách chờ": a full class, all the same."""
    found = next((c for c in talk.world.courses if c.id == rest), None)
    return _gone(talk) if found is None else _register(found, talk)


def somebody(receipt: str, talk: Talk) -> Turn:
    """Whom the registration is for: somebody of an earlier one, or another person."""
    known = next((m for m in _people(talk) if m.receipt == receipt), None)
    return registration.begin(_as(known, talk) if known else talk.knowing(known_as=None))


def _noted(announcement: str, turn: Turn) -> Turn:
    if not (announcement.isascii() and announcement.isdigit() and len(announcement) < 10):
        return turn
    return replace(turn, effects=(*turn.effects, AnnouncementTapped(int(announcement))))


def _class(found: Course | None, talk: Talk) -> Turn:
    if found is None or found.state not in ("planned", "open", "full"):
        return _gone(talk)
    mine = next((m for m in _people(talk) if m.course == found.id and m.state in registration.OPEN_STATES), None)
    if mine is not None and len(_people(talk)) == 1:
        ways: tuple[Choice, ...] = (talk.choice("act:mine", "topic.register_status"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("announced.already", *ways, title=found.title, receipt=mine.receipt))
    if _late(found, talk.world.today):
        later = Choice(f"trade:{found.trade}", talk.say.say("announced.next_class"))
        ways = (later, talk.choice("topic:course_list", "topic.course_list"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("announced.late", *ways, title=found.title))
    if found.state == "full":
        ways = (Choice(f"waitlist:{found.id}", talk.say.say("announced.waiting_list")),)
        ways = (*ways, talk.choice("topic:course_list", "topic.course_list"), talk.choice("menu:", "menu.ask"))
        return talk.turn(talk.reply("announced.full", *ways, title=found.title))
    return _register(found, talk)


def _register(found: Course, talk: Talk) -> Turn:
    turn = _for_whom(talk.knowing(trade=found.trade, course=found.id, commune_code=found.commune))
    first, *others = turn.replies
    return replace(turn, replies=(replace(first, image=courses.picture(talk, (found,))), *others))


def _for_whom(talk: Talk) -> Turn:
    """One person registered from here before: it is for them, as the summary shows; several: ask."""
    people = _people(talk)
    if len(people) <= 1:
        return registration.begin(_as(people[0], talk) if people else talk)
    choices = [Choice(f"for:{m.receipt}", clipped(f"{m.full_name}, {m.birth_year}")) for m in people[:MOST_PEOPLE]]
    choices.append(Choice("for:new", talk.say.say("announced.somebody_else")))
    return talk.turn(Reply(talk.say.say("announced.for_whom"), tuple(choices)))


def _as(known: LeadView, talk: Talk) -> Talk:
    return talk.knowing(known_as=known.receipt, **({"commune_code": known.commune} if known.commune else {}))


def _people(talk: Talk) -> list[LeadView]:
    """The newest registration of each person of this contact; none at a shared screen."""
    if talk.world.shared_device:
        return []
    found: dict[tuple[str, int], LeadView] = {}
    for lead in talk.world.mine:
        found.setdefault((fold(lead.full_name), lead.birth_year), lead)
    return list(found.values())


def _late(found: Course, today: date) -> bool:
    return bool((found.deadline and found.deadline < today) or (found.starts_on and found.starts_on < today))


def _gone(talk: Talk) -> Turn:
    turn = acts.show_menu(talk) if talk.session.greeted else acts.greeting(talk)
    return replace(turn, replies=(talk.reply("course.gone"), *turn.replies))
