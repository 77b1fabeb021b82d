"""The inbox: who has a talk, how long it waits; saved replies; whether answers were useful"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0010"
down_revision = "0009"

MOMENTS = ("waiting_since", "taken_at", "answered_at", "closed_at", "noticed_at", "escalated_at")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("owner_id", sa.Integer()))
    op.add_column("tickets", sa.Column("officer_id", sa.Integer()))
    for name in MOMENTS:
        op.add_column("tickets", sa.Column(name, Moment()))
    op.add_column("tickets", sa.Column("closed_why", sa.String(12), nullable=False, server_default=""))
    op.create_index("ix_tickets_state", "tickets", ["state", "commune"])
    # Those that are open wait since they were opened; nobody is woken up for them now.
    op.execute("UPDATE tickets SET waiting_since = at, noticed_at = at WHERE state = 'open'")
    op.create_table(
        "saved_replies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_replies_commune", "saved_replies", ["commune"])
    op.create_table(
        "feedback",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("commune", sa.String(5), primary_key=True),
        sa.Column("topic", sa.String(60), primary_key=True),
        sa.Column("what", sa.String(12), primary_key=True),
        sa.Column("followed_by", sa.String(60), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("feedback")
    op.drop_table("saved_replies")
    op.drop_index("ix_tickets_state", "tickets")
    for name in ("closed_why", *MOMENTS, "officer_id"):
        op.drop_column("tickets", name)
    op.drop_column("contacts", "owner_id")
