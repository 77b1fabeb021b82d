"""Fields about the wish: trade, commune, hamlet."""

from bot.dialogue.fields import SAME, SKIP, Accepted, Field, Narrow, Parsed, Refused, Values, answers
from bot.dialogue.person_fields import key_of, unsure
from bot.dialogue.world import Talk
from bot.effects import Json
from bot.model import COURSE_JOINABLE, Choice, Reply
from intents import slots
from intents.normalise import fold
from intents.places import PlaceHit

MOST_CHOICES = 5
# What rural classes are asked for most, offered while no class is open; the rest is typed.
USUAL = ("industrial_sewing", "cooking", "pig_raising", "motorbike_repair", "welding")
MAX_TEXT = 60
CERTAIN = 0.9  # below it a place was guessed from a misspelling: it is asked back, never taken


def offered_trades(talk: Talk) -> dict[str, str]:
    """Trades of open classes first (of this commune first), then those asked for most everywhere."""
    courses = sorted(talk.world.courses, key=lambda c: (c.commune != talk.commune, c.starts_on is None, c.starts_on))
    ids = [c.trade for c in courses if c.state in COURSE_JOINABLE] + list(USUAL)
    return {i: talk.world.trade_name(i, i) for i in list(dict.fromkeys(ids))[:MOST_CHOICES]}


def ask_trade(_values: Values, talk: Talk) -> Reply:
    """The trade: tap, or write."""
    return Reply(talk.say.say("registration.ask_trade"), answers(offered_trades(talk)))


def parse_trade(said: str, values: Values, talk: Talk) -> Parsed:
    """A trade of the catalogue, or, confirmed once, the words themselves."""
    words = " ".join(said.split())
    if words == "again":
        return Narrow(ask_trade(values, talk), {})
    if words in talk.world.understanding.trade_names:
        return Accepted({"id": words, "text": talk.world.trade_name(words)})
    if words == "as_said" and values.get("_trade_said"):
        return Accepted({"id": "", "text": values["_trade_said"]})
    found = talk.world.understanding.trades.find(words)
    if len(found) == 1:
        return Accepted({"id": found[0], "text": talk.world.trade_name(found[0])})
    if not 2 <= len(words) <= MAX_TEXT or (not found and slots.phone(said)):
        return Refused()
    labels = {i: talk.world.trade_name(i) for i in found[: MOST_CHOICES - 1]}
    labels["as_said"] = talk.say.say("registration.trade_as_said", trade=words)
    if not found:
        labels["again"] = talk.say.say("registration.another_trade")
    key = "registration.which_trade" if found else "registration.unknown_trade"
    return Narrow(Reply(talk.say.say(key, trade=words), answers(labels)), {"_trade_said": words})


def show_trade(value: Json, _talk: Talk) -> str:
    """The trade's name."""
    return str(value["text"])


def ask_commune(values: Values, talk: Talk) -> Reply:
    """The commune: the served ones to tap when they are few, else write."""
    served = sorted(talk.world.served)
    labels = {c: talk.world.commune_name(c) for c in served} if len(served) <= MOST_CHOICES else {}
    if labels:
        labels["other"] = talk.say.say("registration.other_commune")
    return Reply(talk.say.say(key_of(values, "registration.ask_commune")), answers(labels))


def easier_commune(_values: Values, talk: Talk) -> Reply:
    """The province first, then the name: spelt out, one thing at a time."""
    return talk.reply("registration.easier_commune")


def parse_commune(said: str, values: Values, talk: Talk) -> Parsed:
    """A name of today or of before the mergers; the province is asked only when the name alone is ambiguous."""
    if fold(said) == "other":
        return Narrow(talk.reply("registration.write_commune"), {})
    if said in talk.world.understanding.book.communes:
        return _settle(said, "", talk)
    places = talk.world.understanding.places
    said = " ".join(said.split())[: 2 * MAX_TEXT]
    earlier = values.get("_commune_said")
    if earlier and (provinces := places.find_province(said)):
        hits = places.find(str(earlier), province=provinces[0].code)
        return _choose(hits, str(earlier), talk) if hits else _unknown(str(earlier), talk)
    return _choose(places.find(said), said, talk)


def _choose(hits: tuple[PlaceHit, ...], said: str, talk: Talk) -> Parsed:
    if not hits:
        return _unknown(said, talk)
    best = [h for h in hits if h.score >= hits[0].score]
    here = [h for h in best if h.code in talk.world.served]  # a bare name is read within the served places first
    hit = (here or best)[0]
    if hit.score >= CERTAIN and (len(here) == 1 or len(best) == 1):
        return _settle(hit.code, hit.via, talk)
    offered = list(dict.fromkeys((*here, *best, *hits)))[:MOST_CHOICES]
    key = "registration.which_commune" if hit.score >= CERTAIN else "registration.meant_commune"
    if hit.score >= CERTAIN and len(best) > MOST_CHOICES:
        key = "registration.which_province"
    labels = {h.code: _label(h, talk) for h in offered}
    return Narrow(Reply(talk.say.say(key, commune=said), answers(labels)), {"_commune_said": said})


def _label(hit: PlaceHit, talk: Talk) -> str:
    name = f"{talk.world.commune_name(hit.code)}, {talk.world.province_name(talk.world.province_of(hit.code))}"
    return f"{name} ({hit.via})" if hit.via else name


def _unknown(said: str, talk: Talk) -> Parsed:
    if not 2 <= len(said) <= MAX_TEXT or sum(c.isdigit() for c in said) > 2:
        return Refused()
    return Narrow(talk.reply("registration.unknown_commune", commune=said), {"_commune_said": said}, missed=True)


def _settle(code: str, via: str, talk: Talk) -> Parsed:
    """A commune that does not use HọcNghề is never silently accepted."""
    also: dict[str, Json] = {"_commune_via": via or None}
    if code in talk.world.served:
        return Accepted(code, also)
    if talk.world.province_of(code) in talk.world.coordinated:
        return Accepted(code, also)
    choices = (
        talk.choice("field:other", "registration.try_other_commune"),
        talk.choice("topic:contact_officer", "registration.where_to_go"),
        talk.choice("menu:", "menu.ask"),
    )
    return Narrow(talk.reply("registration.not_served", *choices, commune=talk.world.commune_name(code)), {})


def show_commune(value: Json, talk: Talk) -> str:
    """ "Xã Đầm Hà, Tỉnh Quảng Ninh"; says so when it goes to the province's coordinator."""
    code = str(value)
    name = f"{talk.world.commune_name(code)}, {talk.world.province_name(talk.world.province_of(code))}"
    return name if code in talk.world.served else talk.say.say("registration.by_coordinator", commune=name)


def ask_hamlet(values: Values, talk: Talk) -> Reply:
    """Hamlet, optional."""
    choices = (talk.choice(SKIP, "form.skip"),)
    return Reply(talk.say.say(key_of(values, "registration.ask_hamlet")), choices)


def _numbered(words: str, talk: Talk) -> Choice | None:
    """The choice that a bare number may be meant for; None: it is a hamlet's number."""
    shown = dict(enumerate((c for c in talk.session.offered if c.value in (SKIP, SAME)), 1))
    skip = talk.choice(SKIP, "form.skip") if words == "1" else None
    return next((choice for number, choice in shown.items() if words == str(number)), skip)


def parse_hamlet(said: str, _values: Values, talk: Talk) -> Parsed:
    """Whatever the place is called at home."""
    words = " ".join(said.split())
    if other := _numbered(words, talk):
        labels = {f"số {words}": talk.say.say("registration.hamlet_number", n=words)}
        return Narrow(Reply(talk.say.say("registration.which_hamlet", n=words), (*answers(labels), other)), {})
    if unsure(words):
        return Accepted(None)
    return Accepted(words) if 1 <= len(words) <= MAX_TEXT else Refused()


TRADE = Field("trade", ask_trade, parse_trade, show_trade, open_text=True, resets=("_trade_said", "course"))
COMMUNE = Field(
    "commune",
    ask_commune,
    parse_commune,
    show_commune,
    easier=easier_commune,
    open_text=True,
    resets=("_commune_said", "_commune_via", "hamlet"),
)
HAMLET = Field("hamlet", ask_hamlet, parse_hamlet, lambda v, _t: str(v), optional=True, open_text=True)
