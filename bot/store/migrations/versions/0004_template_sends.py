"""Paid templates: what became of each, by its tracking id"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "template_sends",
        sa.Column("tracking_id", sa.String(48), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("message_id", sa.String(80), nullable=False, index=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("why", sa.String(80), nullable=False),
        sa.Column("at", Moment(), nullable=False, index=True),
        sa.Column("arrived_at", Moment()),
    )


def downgrade() -> None:
    op.drop_table("template_sends")
