"""The columns of the commune's official list, and what stands in them for one registration."""

from collections.abc import Mapping

from bot.dialogue.details import SENSITIVE_GROUPS, TARGET_GROUPS
from bot.i18n import Language
from bot.store.port import LeadRecord

# What is printed: the form that communes use (a custom, no form of law), then what only the file carries.
PRINTED: Mapping[str, int] = {
    "number": 5, "full_name": 24, "birth": 12, "sex": 6, "ethnicity": 8, "id_number": 13, "hamlet": 14, "schooling": 8,
    "group": 16, "trade": 18, "level": 9, "supported_before": 11, "distance_km": 8, "phone": 12, "wanted_job": 12,
    "note": 16,
}  # fmt: skip
CARRIED: Mapping[str, int] = {
    "told_by": 14, "guardian": 18, "state": 11, "verification": 12, "day": 11, "agreed": 20, "receipt": 12,
}  # fmt: skip
WIDTHS: Mapping[str, int] = {**PRINTED, **CARRIED}
# Kept with a registration under these names, as texts; the chat asks for none of them, officers fill them in.
DETAILS = (
    "sex",
    "ethnicity",
    "id_number",
    "schooling",
    "level",
    "supported_before",
    "distance_km",
    "wanted_job",
    "note",
)
SENSITIVE_DETAILS = frozenset({"ethnicity"})  # NĐ 356/2025 Điều 4
WITHIN_THE_COMMUNE = frozenset({"id_number", "note"})  # nobody else's business
GROUP_ORDER = (*TARGET_GROUPS, "")
PURPOSES = ("list", "announce", "forward", "sensitive")


def shown_group(group: str, agreed: frozenset[str], *, forwarded: bool) -> str:
    """The target group as it may stand on this sheet: a sensitive one with its own consent, and never outside."""
    if group in SENSITIVE_GROUPS and (forwarded or "sensitive" not in agreed):
        return ""
    return group


def shown_detail(name: str, record: LeadRecord, *, forwarded: bool) -> str:
    """One of DETAILS as it may stand on this sheet."""
    hidden = name in SENSITIVE_DETAILS and (forwarded or "sensitive" not in record.agreed)
    if hidden or (forwarded and name in WITHIN_THE_COMMUNE):
        return ""
    return str(record.details.get(name) or "")


def cells(record: LeadRecord, number: int, say: Language, *, forwarded: bool) -> tuple[str | int, ...]:
    """The row, in the order of WIDTHS."""
    who = record.applicant
    group = shown_group(str(record.details.get("target_group", "")), record.agreed, forwarded=forwarded)
    agreed = [say.say(f"sheet.agreed.{p}") for p in PURPOSES if p in record.agreed]
    row: dict[str, str | int] = {name: shown_detail(name, record, forwarded=forwarded) for name in DETAILS}
    row |= {
        "number": number,
        "full_name": who.full_name,
        "birth": say.short_day(who.birth_date) if who.birth_date else str(who.birth_year),
        "hamlet": who.hamlet,
        "group": say.say(f"group.{group}") if group else "",
        "trade": record.trade_text,
        "phone": who.phone,
        "told_by": who.told_by,
        "guardian": f"{who.guardian_name} {who.guardian_phone}".strip(),
        "state": say.say(f"sheet.state.{record.state}"),
        "verification": say.say(f"verification.{record.verification}"),
        "day": say.short_day(record.registered_at.date()),
        "agreed": "" if forwarded else "; ".join(agreed),
        "receipt": record.receipt,
    }
    return tuple(row[key] for key in WIDTHS)
