"""Fields about the person: name, birth year, guardian, phone."""

from datetime import date

import phonenumbers

from bot.dialogue import sharing
from bot.dialogue.fields import Accepted, Ends, Field, Parsed, Refused, Values, answers
from bot.dialogue.world import Talk
from bot.effects import Json
from bot.frozen import replace
from bot.model import Reply, Turn
from intents import slots
from intents.normalise import fold

MINIMUM_AGE = 15  # who may be a worker at all: Luật Việc làm 74/2025 Điều 2 khoản 1
ADULT_AGE = 18
OLDEST = 100
MAX_NAME = 60
_UNSURE = frozenset(
    {"khong biet", "khong ro", "chua biet", "chiu", "khong nho", "k biet", "ko biet", "khong biet nua", "don t know"}
    | {"not sure", "i don t know", "chua ro", "khong chac", "toi khong biet", "em khong biet", "da khong biet"}
)


def unsure(said: str) -> bool:
    """ "Không biết" and its like, as a whole answer."""
    return fold(said) in _UNSURE


def key_of(values: Values, key: str) -> str:
    """The text of `key`, said to a helper when somebody registers for another."""
    return f"{key}_helper" if values.get("owner") == "helper" else key


def ask_name(values: Values, talk: Talk) -> Reply:
    """Full name; one that the person has shared is offered, never taken."""
    name = sharing.known("full_name", values, talk)
    choices = answers({name: name}) if isinstance(parse_name(name, values, talk), Accepted) else ()
    return Reply(talk.say.say(key_of(values, "registration.ask_name")), choices)


def parse_name(said: str, _values: Values, talk: Talk) -> Parsed:
    """Two to seven words of letters; kept as typed, with capitals."""
    name = " ".join(said.split()).strip(" .,")
    for start in ("tên tôi là ", "tôi tên là ", "tôi tên ", "em tên là ", "em tên ", "tên là ", "họ tên ", "tên "):
        if name.lower().startswith(start):
            name = name[len(start) :]
            break
    words = name.split()
    if len(name) > MAX_NAME or not all(w.replace("'", "").replace("-", "").replace(".", "").isalpha() for w in words):
        return Refused(talk.say.say("registration.name_letters") if any(c.isdigit() for c in name) else "")
    if len(words) == 1:
        return Refused(talk.say.say("registration.name_full"))
    return Accepted(" ".join(w[:1].upper() + w[1:] for w in words)) if 2 <= len(words) <= 7 else Refused()


def easier_name(values: Values, talk: Talk) -> Reply:
    """With an example."""
    return talk.reply(key_of(values, "registration.easier_name"))


def ask_birth_year(values: Values, talk: Talk) -> Reply:
    """Year of birth or age; a year reckoned from an age said before is offered, never taken."""
    said, shared = values.get("_born"), sharing.known("birth_date", values, talk)
    choices = answers({str(said): talk.say.say("registration.born_in", year=said)}) if said else ()
    if shared and slots.birth_date(shared):
        choices = answers({shared: shared})
    return Reply(talk.say.say(key_of(values, "registration.ask_birth_year")), choices)


def easier_birth_year(values: Values, talk: Talk) -> Reply:
    """The same with decades to tap."""
    this = talk.world.today.year
    decades = {str(y): talk.say.say("registration.born_about", year=y) for y in range(this - 60, this - 19, 10)}
    return Reply(talk.say.say(key_of(values, "registration.easier_birth_year")), answers(decades))


def parse_birth_year(said: str, _values: Values, talk: Talk) -> Parsed:
    """ "1981", "81", "45 tuổi", "12/3/1981"; a whole date settles the birthdays that a year leaves open."""
    today = talk.world.today
    born = slots.birth_date(said)
    if born and born <= today and today.year - born.year <= OLDEST:
        return _of_age(born.year, _years(born, today), talk, born)
    year = slots.birth_year(said, this_year=today.year)
    if year is None:
        return Refused()
    if not today.year - OLDEST <= year <= today.year:
        return Refused(talk.say.say("registration.year_out_of_range"))
    return _of_age(year, today.year - year, talk, None)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _of_age(year: int, age: int, talk: Talk, born: date | None) -> Parsed:
    """With a year alone somebody may be a year younger than `age`; on the border the birthday is asked next."""
    if age < MINIMUM_AGE:
        return Ends(too_young(talk))
    return Accepted(year, {"birth_date": born.isoformat() if born else None})


def on_the_border(values: Values, talk: Talk) -> bool:
    """Turning 15 or 18 this year, by a year alone."""
    if not values.get("birth_year") or values.get("birth_date"):
        return False
    return talk.world.today.year - int(values["birth_year"]) in (MINIMUM_AGE, ADULT_AGE)


def ask_had_birthday(values: Values, talk: Talk) -> Reply:
    """Asked only of those who turn 15 or 18 this year."""
    age = talk.world.today.year - int(values["birth_year"])
    labels = {"yes": talk.say.say("form.yes"), "no": talk.say.say("form.no")}
    return Reply(talk.say.say("registration.ask_had_birthday", age=age), answers(labels))


def parse_yes_no(said: str, _values: Values, _talk: Talk) -> Parsed:
    """Yes or no, by tap or by words."""
    answer = {"yes": True, "no": False}.get(said, slots.yes_no(said))
    return Refused() if answer is None else Accepted(answer)


def parse_had_birthday(said: str, values: Values, talk: Talk) -> Parsed:
    """Not yet 15: no registration."""
    parsed = parse_yes_no(said, values, talk)
    turning = talk.world.today.year - int(values["birth_year"])
    if isinstance(parsed, Accepted) and parsed.value is False and turning <= MINIMUM_AGE:
        return Ends(too_young(talk))
    return parsed


def too_young(talk: Talk) -> Turn:
    """Under 15 there is no lead: the answer for pupils after lower secondary school."""
    choices = (talk.choice("topic:student_after_THCS", "registration.pupil"), talk.choice("act:human", "menu.officer"))
    return talk.turn(talk.reply("registration.too_young", *choices), form=None, parked=None)


def age_of(values: Values, today: date) -> int:
    """Age today, by the date when it is known, else by the year and the birthday."""
    if values.get("birth_date"):
        return _years(date.fromisoformat(values["birth_date"]), today)
    return today.year - int(values["birth_year"]) - (values.get("had_birthday") is False)


def is_minor(values: Values, talk: Talk) -> bool:
    """Under 18: the guardian's name, phone and consent are needed too (L91/2025 Đ24)."""
    return bool(values.get("birth_year")) and age_of(values, talk.world.today) < ADULT_AGE


def ask_guardian(_values: Values, talk: Talk) -> Reply:
    """Guardian's name."""
    return talk.reply("registration.ask_guardian")


def ask_guardian_phone(_values: Values, talk: Talk) -> Reply:
    """Guardian's phone."""
    return talk.reply("registration.ask_guardian_phone")


def ask_guardian_consent(values: Values, talk: Talk) -> Reply:
    """The guardian's own yes."""
    labels = {"yes": talk.say.say("registration.guardian_yes"), "no": talk.say.say("registration.guardian_no")}
    return Reply(talk.say.say("registration.ask_guardian_consent", guardian=values["guardian_name"]), answers(labels))


def parse_guardian_consent(said: str, values: Values, talk: Talk) -> Parsed:
    """Without the guardian's yes nothing is kept."""
    parsed = parse_yes_no(said, values, talk)
    if isinstance(parsed, Accepted) and parsed.value is False:
        ways = (talk.choice("menu:", "menu.ask"), talk.choice("act:human", "menu.officer"))
        return Ends(talk.turn(talk.reply("registration.guardian_needed", *ways), form=None))
    return parsed


def ask_phone(values: Values, talk: Talk) -> Reply:
    """The phone to call; "không có điện thoại" is an answer. One's own can be shared where the channel has a way."""
    shared = valid_phone(sharing.known("phone", values, talk))
    labels = {**({shared: shared} if shared else {}), "none": talk.say.say("registration.no_phone")}
    text = talk.say.say(key_of(values, "registration.ask_phone"))
    return Reply(text, answers(labels), asks="" if sharing.for_another(values) else "phone")


def easier_phone(values: Values, talk: Talk) -> Reply:
    """With an example, and the way without a phone."""
    return replace(ask_phone(values, talk), text=talk.say.say("registration.easier_phone"))


def valid_phone(said: str) -> str:
    """The Vietnamese number in `said` as digits with a leading 0, "" when there is none that can exist."""
    digits = slots.phone(said)
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        return ""
    return "0" + str(number.national_number)


def parse_phone(said: str, _values: Values, talk: Talk) -> Parsed:
    """A number that can exist in Vietnam, or none."""
    if found := valid_phone(said):
        return Accepted(found, {"told_by": None})
    if said == "none" or (slots.yes_no(said) is False and not any(c.isdigit() for c in said)):
        return Accepted("")
    return Refused(talk.say.say("registration.phone_wrong") if sum(c.isdigit() for c in said) >= 4 else "")


def parse_guardian_phone(said: str, _values: Values, talk: Talk) -> Parsed:
    """A guardian must be reachable: no "none" here."""
    found = valid_phone(said)
    return Accepted(found) if found else Refused(talk.say.say("registration.phone_wrong"))


def ask_told_by(_values: Values, talk: Talk) -> Reply:
    """Without a phone: who can bring the news."""
    labels = {v: talk.say.say(f"registration.told_by.{v}") for v in ("village_head", "neighbour", "come_by")}
    return Reply(talk.say.say("registration.ask_told_by"), answers(labels))


def parse_told_by(said: str, _values: Values, talk: Talk) -> Parsed:
    """A choice, or in their own words who is to be told."""
    if said in ("village_head", "neighbour", "come_by"):
        return Accepted(talk.say.say(f"registration.told_by.{said}"))
    words = " ".join(said.split())
    return Accepted(words) if 2 <= len(words) <= MAX_NAME else Refused()


def shown(value: Json, _talk: Talk) -> str:
    """The answer as it was given."""
    return str(value)


def show_phone(value: Json, talk: Talk) -> str:
    """The number in full: it is the person's own summary, for checking."""
    return str(value) or talk.say.say("registration.no_phone")


NAME = Field("full_name", ask_name, parse_name, shown, easier=easier_name, open_text=True)
BIRTH_YEAR = Field(
    "birth_year",
    ask_birth_year,
    parse_birth_year,
    shown,
    easier=easier_birth_year,
    resets=("birth_date", "had_birthday", "guardian_name", "guardian_phone", "guardian_consent"),
)
HAD_BIRTHDAY = Field("had_birthday", ask_had_birthday, parse_had_birthday, needed=on_the_border)
GUARDIAN_NAME = Field(
    "guardian_name",
    ask_guardian,
    parse_name,
    shown,
    needed=is_minor,
    open_text=True,
    resets=("guardian_phone", "guardian_consent"),
)
GUARDIAN_PHONE = Field(
    "guardian_phone", ask_guardian_phone, parse_guardian_phone, shown, needed=is_minor, resets=("guardian_consent",)
)
GUARDIAN_CONSENT = Field("guardian_consent", ask_guardian_consent, parse_guardian_consent, needed=is_minor)
PHONE = Field("phone", ask_phone, parse_phone, show_phone, easier=easier_phone, resets=("told_by",))
TOLD_BY = Field("told_by", ask_told_by, parse_told_by, shown, needed=lambda v, _t: v.get("phone") == "", open_text=True)
