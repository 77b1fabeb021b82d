"""Messages claimed by one of several processes; what is unsent is found by its contact."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column; the small index of what is unsent begins with the contact now."""
    op.add_column("messages", sa.Column("claimed_by", sa.String(80), nullable=False, server_default=""))
    op.drop_index("ix_messages_unsent", table_name="messages")
    unsent = sa.text("sent_at IS NULL")
    op.create_index(
        "ix_messages_unsent", "messages", ["contact_id", "id"], sqlite_where=unsent, postgresql_where=unsent
    )


def downgrade() -> None:
    """Back to what one process needs."""
    op.drop_index("ix_messages_unsent", table_name="messages")
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_messages_unsent", "messages", ["id"], sqlite_where=unsent, postgresql_where=unsent)
    op.drop_column("messages", "claimed_by")
