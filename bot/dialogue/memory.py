"""A session as JSON, and back: what cannot be stored cannot be remembered."""

from dataclasses import fields
from typing import Any

from bot.json_text import compact, parsed
from bot.model import BotError, Choice, FormState, Session

VERSION = 1
# Values are JSON already: `dataclasses.asdict` would copy all of them, deeply.
_FIELDS = tuple(f.name for f in fields(Session))
_FORM_FIELDS = tuple(f.name for f in fields(FormState))
_ALWAYS = frozenset({"language", "offered", "form", "parked"})  # the others are left out while they say nothing


class SessionUnreadable(BotError):
    """Stored by another version of the program; the talk starts afresh."""


def dump(session: Session) -> str:
    """The session as one line of JSON with its version."""
    body = {name: value for name in _FIELDS if (value := getattr(session, name)) or name in _ALWAYS}
    body["offered"] = [{"value": c.value, "label": c.label} for c in session.offered]
    body["form"], body["parked"] = _form_body(session.form), _form_body(session.parked)
    body["version"] = VERSION
    return compact(body)


def load(text: str) -> Session:
    """The session of `dump`; raises SessionUnreadable for another version or shape."""
    try:
        body = parsed(text)
        if body.pop("version") != VERSION:
            raise SessionUnreadable(f"session of version other than {VERSION}: start a new one.")
        body["offered"] = _choices(body["offered"])
        body["form"] = _form(body["form"])
        body["parked"] = _form(body["parked"])
        return Session(**body)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise SessionUnreadable(f"session: {fault}: start a new one.") from fault


def _form_body(form: FormState | None) -> dict[str, Any] | None:
    return None if form is None else {name: getattr(form, name) for name in _FORM_FIELDS}


def _choices(rows: list[dict[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(**row) for row in rows)


def _form(body: dict[str, Any] | None) -> FormState | None:
    if body is None:
        return None
    values: dict[str, Any] = {k: v for k, v in body.items() if k in _FORM_FIELDS}
    return FormState(**values)
