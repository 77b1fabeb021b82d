"""Announcements, their recipients, the pace of each channel account; what a contact wants no messages of"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0011"
down_revision = "0010"

SENDING = sa.text("state = 'sending'")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("stopped_kinds", sa.String(60), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("announced", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("why", sa.String(40), nullable=False, server_default=""),
        sa.Column("communes", sa.Text(), nullable=False),
        sa.Column("course", sa.String(40), nullable=False),
        sa.Column("trade", sa.String(60), nullable=False),
        sa.Column("trades", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("picture", sa.String(80), nullable=False),
        sa.Column("waves", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.Column("last_seats", sa.Boolean(), nullable=False),
        sa.Column("start_at", Moment()),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("next_wave_at", Moment()),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("approved_by", sa.Integer()),
        sa.Column("planned_at", Moment()),
        sa.Column("ended_at", Moment()),
        sa.Column("follows", sa.Integer()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcements_state", "announcements", ["state", "start_at"])
    op.create_index("ix_announcements_follows", "announcements", ["follows"])
    _recipients()
    op.create_table(
        "pacing",
        sa.Column("account", sa.String(120), primary_key=True),
        sa.Column("free_at", Moment(), nullable=False),
        sa.Column("held_at", Moment()),
        sa.Column("held_until", Moment()),
        sa.Column("why", sa.String(80), nullable=False),
    )


def _recipients() -> None:
    table = "announcement_recipients"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "announcement_id", sa.Integer(), sa.ForeignKey("announcements.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id", ondelete="SET NULL")),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id", ondelete="SET NULL")),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("account", sa.String(80), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("why", sa.String(80), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("claimed_by", sa.String(40), nullable=False),
        sa.Column("lease_until", Moment()),
        sa.Column("sent_at", Moment()),
        sa.Column("tapped_at", Moment()),
        sa.UniqueConstraint("announcement_id", "person_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_recipients_person_id", table, ["person_id"])
    op.create_index("ix_announcement_recipients_contact_id", table, ["contact_id"])
    op.create_index("ix_recipients_claim", table, ["announcement_id", "state", "channel", "account", "id"])
    op.create_index("ix_recipients_sending", table, ["lease_until"], sqlite_where=SENDING, postgresql_where=SENDING)


def downgrade() -> None:
    for table in ("pacing", "announcement_recipients", "announcements"):
        op.drop_table(table)
    op.drop_column("contacts", "announced")
    op.drop_column("contacts", "stopped_kinds")
