"""Reminders, surveys, identity numbers and a commune's own choices"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0007"
down_revision = "0006"

TABLES = ("commune_choices", "identity_numbers", "surveys", "follow_ups")


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("leads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id", ondelete="SET NULL"), index=True),
        sa.Column("made_at", Moment(), nullable=False, index=True),
        sa.Column("done_at", Moment()),
        sa.UniqueConstraint("lead_id", "kind", "about"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "surveys",
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("month", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("job", sa.LargeBinary(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_table(
        "identity_numbers",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
    )
    op.create_table(
        "commune_choices",
        sa.Column("commune", sa.String(5), primary_key=True),
        sa.Column("keep_identity_numbers", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
