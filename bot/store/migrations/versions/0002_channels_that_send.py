"""Channels that send: the fate of messages, who can be reached, tokens, leases"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0002"
down_revision = "0001"

CONTACT = ("unreachable_at", "unreachable_why", "paused_until", "replies_left", "replies_total", "quota_read_at")
MESSAGE = ("claimed_at", "fate", "why")


def upgrade() -> None:
    op.add_column("contacts", sa.Column("unreachable_at", Moment()))
    op.add_column("contacts", sa.Column("unreachable_why", sa.String(80), nullable=False, server_default=""))
    op.add_column("contacts", sa.Column("paused_until", Moment()))
    op.add_column("contacts", sa.Column("replies_left", sa.Integer()))
    op.add_column("contacts", sa.Column("replies_total", sa.Integer()))
    op.add_column("contacts", sa.Column("quota_read_at", Moment()))
    op.add_column("messages", sa.Column("claimed_at", Moment()))
    op.add_column("messages", sa.Column("fate", sa.String(12), nullable=False, server_default=""))
    op.add_column("messages", sa.Column("why", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "tokens",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("access", sa.LargeBinary(), nullable=False),
        sa.Column("refresh", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("broken", sa.String(200), nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("until", Moment(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("leases")
    op.drop_table("tokens")
    for column in MESSAGE:
        op.drop_column("messages", column)
    for column in CONTACT:
        op.drop_column("contacts", column)
