"""Figures: what is counted of a turn, and the numbers that outlive what they were counted from"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("seen_updates", sa.Column("tally", sa.LargeBinary()))
    op.create_table(
        "tallies",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("commune", sa.String(5), primary_key=True),
        sa.Column("what", sa.String(60), primary_key=True),
        sa.Column("trade", sa.String(60), primary_key=True, server_default=""),
        sa.Column("target_group", sa.String(20), primary_key=True, server_default=""),
        sa.Column("n", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tallies")
    op.drop_column("seen_updates", "tally")
