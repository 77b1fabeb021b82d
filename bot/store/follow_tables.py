"""What follows a registration: what was told or is to be called about, survey answers, identity numbers, a commune's
own choices."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from bot.store.tables import Moment, metadata

# One row for each thing that was due: the mark that it is not done again. `way`: message, call, none.
follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("about", String(60), nullable=False),
    Column("way", String(8), nullable=False),
    Column("message_id", ForeignKey("messages.id", ondelete="SET NULL"), index=True),
    Column("made_at", Moment, nullable=False, index=True),
    Column("done_at", Moment),
    UniqueConstraint("lead_id", "kind", "about"),
    sqlite_autoincrement=True,
)
surveys = Table(
    "surveys",
    metadata,
    Column("lead_id", ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("works", Boolean, nullable=False),
    Column("job", LargeBinary, nullable=False),
    Column("place", LargeBinary, nullable=False),
    Column("by", String(40), nullable=False),
    Column("at", Moment, nullable=False),
)
# Filled only where the commune has switched it on.
identity_numbers = Table(
    "identity_numbers",
    metadata,
    Column("person_id", ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("number", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(40), nullable=False),
)
commune_choices = Table(
    "commune_choices",
    metadata,
    Column("commune", String(5), primary_key=True),
    Column("keep_identity_numbers", Boolean, nullable=False),
)
