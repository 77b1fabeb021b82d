"""Tables behind the desk: who the list is forwarded to, what was sent, notices, data requests, the erasure journal."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from bot.store.tables import Moment, metadata

recipients = Table(
    "recipients",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("commune", String(5), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("consent", String(20), nullable=False),
    Column("way", String(12), nullable=False),
    Column("attach", Boolean, nullable=False),
    Column("every", String(8), nullable=False),
    Column("next_at", Moment, index=True),
    Column("ended_at", Moment),
    Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("recipient_id", ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_at", Moment),
    Column("settled_at", Moment),
    Column("people", Integer, nullable=False),
    Column("why", String(80), nullable=False),
    Column("link_until", Moment),
    Column("note", LargeBinary, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("opens", Integer, nullable=False),
    Column("opened_at", Moment),
    Index("ix_deliveries_due", "state", "due_at"),
    sqlite_autoincrement=True,
)
delivery_leads = Table(
    "delivery_leads",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True, index=True),
)
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
    Column("commune", String(5), nullable=False),
    Column("every", String(8), nullable=False),
    Column("last_lead", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    UniqueConstraint("contact_id", "commune"),
    sqlite_autoincrement=True,
)
data_requests = Table(
    "data_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("commune", String(5), nullable=False, index=True),
    Column("kind", String(12), nullable=False),
    Column("person_id", ForeignKey("people.id", ondelete="SET NULL"), index=True),
    Column("who", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("third_party", Boolean, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("answered_at", Moment),
    Column("extended_at", Moment),
    Column("done_at", Moment),
    Column("done_by", String(40), nullable=False),
    sqlite_autoincrement=True,
)
# Keyed fingerprints alone: what must not come back with an older copy of the data.
erasures = Table(
    "erasures",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("digest", String(32), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
)
