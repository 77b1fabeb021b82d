"""Tables of announcements: what was composed, one row a recipient, and when each channel account may send again."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from bot.store.tables import Moment, metadata

announcements = Table(
    "announcements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("why", String(40), nullable=False, server_default=""),
    Column("communes", Text, nullable=False),
    Column("course", String(40), nullable=False),
    Column("trade", String(60), nullable=False),
    Column("trades", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("picture", String(80), nullable=False),
    Column("waves", Boolean, nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("last_seats", Boolean, nullable=False),
    Column("start_at", Moment),
    Column("wave", Integer, nullable=False),
    Column("next_wave_at", Moment),
    Column("made_by", Integer),
    Column("made_at", Moment, nullable=False),
    Column("approved_by", Integer),
    Column("planned_at", Moment),
    Column("ended_at", Moment),
    Column("follows", Integer),  # the announcement that this one reminds of the last seats of
    Index("ix_announcements_state", "state", "start_at"),
    Index("ix_announcements_follows", "follows"),
    sqlite_autoincrement=True,
)
# Person and contact go with the person; the row stays as a number, so that the report stays true.
announcement_recipients = Table(
    "announcement_recipients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("announcement_id", ForeignKey("announcements.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", ForeignKey("people.id", ondelete="SET NULL"), index=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="SET NULL"), index=True),
    Column("channel", String(20), nullable=False),
    Column("account", String(80), nullable=False),
    Column("language", String(2), nullable=False),
    Column("wave", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("why", String(80), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_by", String(40), nullable=False),
    Column("lease_until", Moment),
    Column("sent_at", Moment),
    Column("tapped_at", Moment),
    UniqueConstraint("announcement_id", "person_id"),
    Index("ix_recipients_claim", "announcement_id", "state", "channel", "account", "id"),
    sqlite_autoincrement=True,
)
# Those on the wire are few: what a dead process left there is found at once.
Index(
    "ix_recipients_sending",
    announcement_recipients.c.lease_until,
    sqlite_where=announcement_recipients.c.state == "sending",
    postgresql_where=announcement_recipients.c.state == "sending",
)
# Uploaded with an announcement, shown to everybody: "tin.<what it holds>.<jpg or png>".
announcement_pictures = Table(
    "announcement_pictures",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
)
pacing = Table(
    "pacing",
    metadata,
    Column("account", String(120), primary_key=True),
    Column("free_at", Moment, nullable=False),
    Column("held_at", Moment),
    Column("held_until", Moment),
    Column("why", String(80), nullable=False),
)
