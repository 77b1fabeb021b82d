"""What every store reckons alike: who is likely the same person, what a contact may see, how a reply is kept."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.effects import Applicant, Json
from bot.json_text import compact, parsed
from bot.model import Choice, LeadView, Reply
from bot.store.port import LeadRecord
from intents.normalise import fold

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")  # the days of a list are reckoned here unless wiring says otherwise


def likeness(who: Applicant) -> str:
    """Folded name, birth year and commune: who has the same is likely the same person (offered, never merged alone)."""
    return f"{fold(who.full_name)}|{who.birth_year}|{who.commune}"


def names(text: str, who: Applicant) -> bool:
    """Whether a text has the person's whole name or phone in it."""
    said, digits = f" {fold(text)} ", "".join(c for c in text if c.isdigit())
    name = fold(who.full_name)
    return bool(name and f" {name} " in said) or bool(who.phone and who.phone[1:] in digits)


def view_of(record: LeadRecord) -> LeadView:
    """The record without what is the officer's alone."""
    return LeadView(
        receipt=record.receipt,
        trade=record.trade,
        trade_text=record.trade_text,
        commune=record.applicant.commune,
        state=record.state,
        registered_on=record.registered_at.date(),
        full_name=record.applicant.full_name,
        verification=record.verification,
        at=record.registered_at.isoformat(),
        birth_year=record.applicant.birth_year,
        course=record.course,
        again=_again(record.applicant),
    )


def _again(who: Applicant) -> Mapping[str, Json]:
    if who.helper_relation or who.guardian_name:
        return {}
    born = {"birth_date": who.birth_date.isoformat()} if who.birth_date else {}
    told = {"told_by": who.told_by} if who.told_by else {}
    same = {"full_name": who.full_name, "birth_year": who.birth_year, "phone": who.phone or None}
    return same | {"hamlet": who.hamlet or None} | born | told


def reply_json(reply: Reply) -> str:
    """A reply as it is kept."""
    choices = [[c.value, c.label] for c in reply.choices]
    kept = {"text": reply.text, "choices": choices, "image": reply.image, "asks": reply.asks}
    return compact(kept)


def reply_of(body: str) -> Reply:
    """The reply of `reply_json`."""
    read = parsed(body)
    return Reply(read["text"], tuple(Choice(*pair) for pair in read["choices"]), read["image"], read.get("asks", ""))
