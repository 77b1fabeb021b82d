"""Which label every sealed column was sealed with, so that a person's file and the proofs of the tests can open it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, Table

from bot.store import tables as t
from bot.store.crypto import Cipher

# A new sealed column needs a line here: a test holds this table to the schema.
LABELS: Mapping[str, str] = {
    "contacts.external": "contact.external",
    "sessions.body": "session.body",
    "seen_updates.tally": "seen.tally",
    "messages.body": "message.body",
    "people.full_name": "person.full_name",
    "people.birth": "person.birth",
    "people.phone": "person.phone",
    "people.told_by": "person.told_by",
    "people.hamlet": "person.hamlet",
    "people.guardian": "person.guardian",
    "leads.trade_text": "lead.trade_text",
    "leads.details": "lead.details",
    "tickets.text": "ticket.text",
    "tickets.phone": "ticket.phone",
    "unanswered.text": "unanswered.text",
    "lesson_phrases.text": "lesson_phrase.text",
    "recipients.address": "recipient.address",
    "recipients.secret": "recipient.secret",
    "deliveries.note": "delivery.note",
    "data_requests.who": "data_request.who",
    "data_requests.note": "data_request.note",
    "officers.name": "officer.name",
    "officers.email": "officer.email",
    "lead_notes.text": "note.text",
    "surveys.job": "survey.job",
    "surveys.place": "survey.place",
    "identity_numbers.number": "identity.number",
    "announcements.text": "announcement.text",
}
OPEN = frozenset(
    {"search_words.word", "posters.body", "announcement_pictures.body"}
)  # bytes that are no sealed text: hashes, pictures for everybody
BY_NAME = frozenset({"tokens.access", "tokens.refresh"})  # sealed per token: `token.<name>`


def opened(cipher: Cipher, table: Table, row: RowMapping) -> dict[str, Any]:
    """A row by column name, its sealed columns as texts; fingerprints are left out."""
    found: dict[str, Any] = {}
    for column in table.c:
        value = row[column.name]
        place = f"{table.name}.{column.name}"
        if place in OPEN:
            continue
        if isinstance(value, bytes):
            value = cipher.open(value, f"token.{row['name']}" if place in BY_NAME else LABELS[place])
        if not column.name.endswith("_digest"):
            found[column.name] = value
    return found


def sealed_columns() -> frozenset[str]:
    """ "table.column" of every column of bytes."""
    columns = (column for table in t.metadata.sorted_tables for column in table.c)
    return frozenset(f"{c.table.name}.{c.name}" for c in columns if c.type.python_type is bytes) - OPEN
