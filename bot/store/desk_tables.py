"""The desk's tables: officers and how they get in, the audit, notes, the words people are searched by, posters."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table

from bot.store.tables import Moment, metadata

officers = Table(
    "officers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("email", LargeBinary, nullable=False),
    Column("email_digest", String(32), nullable=False, index=True),
    Column("role", String(12), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    sqlite_autoincrement=True,
)
officer_places = Table(
    "officer_places",
    metadata,
    Column("officer_id", ForeignKey("officers.id", ondelete="CASCADE"), primary_key=True),
    Column("code", String(5), primary_key=True),
)
officer_contacts = Table(
    "officer_contacts",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("officer_id", ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("linked_at", Moment, nullable=False),
    Column("until", Moment),
)
# What opens the desk once: a link, or the code an officer types in a chat. Kept as a keyed fingerprint alone.
login_tokens = Table(
    "login_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(32), nullable=False, unique=True),
    Column("officer_id", ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)
desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(32), nullable=False, unique=True),
    Column("officer_id", ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("device", String(60), nullable=False),
    Column("own_device", Boolean, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
# Numbers and words only, no names: what was done stays known after a person, or an officer, is erased.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("officer_id", Integer),
    Column("act", String(40), nullable=False),
    Column("subject", String(60), nullable=False),
    Index("ix_audit_whose", "officer_id", "subject", "act"),
    sqlite_autoincrement=True,
)
lead_notes = Table(
    "lead_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("officer_id", Integer),
    Column("at", Moment, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("due_on", Date, index=True),
)
# One row a beginning of a name's word, a run of a phone's digits. `word` is 8 bytes of a keyed hash.
search_words = Table(
    "search_words",
    metadata,
    Column("word", LargeBinary(8), primary_key=True),
    Column("commune", String(5), primary_key=True),
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)
posters = Table(
    "posters",
    metadata,
    Column("course_id", ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("version", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),
)
# What officers often answer, in their own words: of nobody, so in the clear.
saved_replies = Table(
    "saved_replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("commune", String(5), nullable=False, index=True),
    Column("title", String(80), nullable=False),
    Column("text", String(1000), nullable=False),
    Column("changed_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
