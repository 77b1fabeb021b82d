"""The tables. Columns of bytes hold sealed texts (`Cipher`); columns named `*_digest` hold keyed fingerprints."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as UTC; SQLite has no time zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite gets it without the zone."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back with its zone."""
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


contacts = Table(
    "contacts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("account", String(80), nullable=False),
    Column("external_digest", String(32), nullable=False),
    Column("external", LargeBinary, nullable=False),
    Column("stopped_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("unreachable_at", Moment),
    Column("unreachable_why", String(80), nullable=False, server_default=""),
    Column("paused_until", Moment),
    Column("owner_id", Integer),
    Column("replies_left", Integer),
    Column("replies_total", Integer),
    Column("quota_read_at", Moment),
    Column("stopped_kinds", String(60), nullable=False, server_default=""),
    Column("announced", String(80), nullable=False, server_default=""),
    UniqueConstraint("channel", "account", "external_digest"),
    sqlite_autoincrement=True,  # here and below: a number once given is never given to somebody else
)
sessions = Table(
    "sessions",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False, index=True),
)
seen_updates = Table(
    "seen_updates",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("update_id", String(80), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("tally", LargeBinary),  # what the figures count of the turn, until the day's fold
)
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    Column("update_id", String(80), nullable=False),
    Column("outgoing", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("sent_at", Moment),
    Column("claimed_at", Moment),
    Column("claimed_by", String(80), nullable=False, server_default=""),
    Column("fate", String(12), nullable=False, server_default=""),
    Column("why", String(80), nullable=False, server_default=""),
    Index("ix_messages_talk", "contact_id", "id"),
    sqlite_autoincrement=True,
)
# Small while everything is sent: the start of the program looks only here.
Index(
    "ix_messages_unsent",
    messages.c.contact_id,
    messages.c.id,
    sqlite_where=messages.c.sent_at.is_(None),
    postgresql_where=messages.c.sent_at.is_(None),
)
people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("full_name", LargeBinary, nullable=False),
    Column("birth", LargeBinary, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("phone_digest", String(32), nullable=False, index=True),
    Column("likeness_digest", String(32), nullable=False, index=True),
    Column("told_by", LargeBinary, nullable=False),
    Column("hamlet", LargeBinary, nullable=False),
    Column("hamlet_digest", String(32), nullable=False, server_default=""),
    Column("guardian", LargeBinary, nullable=False),
    Column("commune", String(5), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
contact_people = Table(
    "contact_people",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("relation", String(20), nullable=False),
)
leads = Table(
    "leads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("receipt", String(16), nullable=False, unique=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("commune", String(5), nullable=False),
    Column("trade", String(60), nullable=False),
    Column("trade_text", LargeBinary, nullable=False),
    Column("course", String(40), nullable=False),
    Column("served", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("verification", String(20), nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("group_digest", String(32), nullable=False, server_default=""),
    Column("waiting_since", Moment),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False, index=True),
    Index("ix_leads_list", "commune", "state", "id"),
    Index("ix_leads_newest", "commune", "created_at", "trade", "verification", "served"),
    Index("ix_leads_state", "state"),
    Index("ix_leads_trade", "trade"),
    Index("ix_leads_group", "group_digest"),
    Index("ix_leads_verification", "verification"),
    Index("ix_leads_course", "course", "state"),
    sqlite_autoincrement=True,
)
lead_history = Table(
    "lead_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("who", String(40), nullable=False),
    Column("what", String(40), nullable=False),
)
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL"), index=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), index=True),
    Column("purpose", String(20), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("text_version", String(20), nullable=False),
    Column("by", String(20), nullable=False),
    Column("at", Moment, nullable=False),
)
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("commune", String(5), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("phone", LargeBinary, nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("officer_id", Integer),
    Column("waiting_since", Moment),
    Column("taken_at", Moment),
    Column("answered_at", Moment),
    Column("closed_at", Moment),
    Column("closed_why", String(12), nullable=False, server_default=""),
    Column("noticed_at", Moment),
    Column("escalated_at", Moment),
    Index("ix_tickets_state", "state", "commune"),
)
unanswered = Table(
    "unanswered",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", LargeBinary, nullable=False),
    Column("decision", String(20), nullable=False),
    Column("commune", String(5), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("settled", String(12), nullable=False, server_default=""),
    Column("lesson_id", Integer, index=True),
)
served_places = Table(
    "served_places",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("added_at", Moment, nullable=False),
)
courses = Table(
    "courses",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("commune", String(5), nullable=False, index=True),
    Column("trade", String(60), nullable=False),
    Column("title", String(200), nullable=False),
    Column("provider", String(200), nullable=False),
    Column("place", String(200), nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("schedule", String(200), nullable=False),
    Column("seats", Integer, nullable=False),
    Column("deadline", Date),
    Column("target_groups", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("demonstration", Boolean, nullable=False),
    Column("map_url", String(300), nullable=False, server_default=""),
)
# Sums of a day, of nobody: no contact, no text. `what`: shown, useful, not_useful, followed (then by what).
feedback = Table(
    "feedback",
    metadata,
    Column("day", Date, primary_key=True),
    Column("commune", String(5), primary_key=True),
    Column("topic", String(60), primary_key=True),
    Column("what", String(12), primary_key=True),
    Column("followed_by", String(60), primary_key=True),
    Column("times", Integer, nullable=False),
)
retention = Table(
    "retention",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("days", Integer, nullable=False),
)
tokens = Table(
    "tokens",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("access", LargeBinary, nullable=False),
    Column("refresh", LargeBinary, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("broken", String(200), nullable=False),
)
template_sends = Table(
    "template_sends",
    metadata,
    Column("tracking_id", String(48), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("message_id", String(80), nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("why", String(80), nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("arrived_at", Moment),
)
leases = Table(
    "leases",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", Moment, nullable=False),
)
