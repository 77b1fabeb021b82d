"""Forwarding, notices, data requests, the erasure journal"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0003"
down_revision = "0002"

TABLES = ("delivery_leads", "deliveries", "recipients", "notices", "data_requests", "erasures")


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("consent", sa.String(20), nullable=False),
        sa.Column("way", sa.String(12), nullable=False),
        sa.Column("attach", sa.Boolean(), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("next_at", Moment()),
        sa.Column("ended_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recipients_commune", "recipients", ["commune"])
    op.create_index("ix_recipients_next_at", "recipients", ["next_at"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("recipient_id", sa.Integer(), sa.ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("claimed_at", Moment()),
        sa.Column("settled_at", Moment()),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(80), nullable=False),
        sa.Column("link_until", Moment()),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_recipient_id", "deliveries", ["recipient_id"])
    op.create_index("ix_deliveries_due", "deliveries", ["state", "due_at"])
    op.create_table(
        "delivery_leads",
        sa.Column("delivery_id", sa.Integer(), sa.ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("leads.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_delivery_leads_lead_id", "delivery_leads", ["lead_id"])
    _notices_and_rights()


def _notices_and_rights() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("last_lead", sa.Integer(), nullable=False),
        sa.Column("next_at", Moment(), nullable=False),
        sa.UniqueConstraint("contact_id", "commune"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id", ondelete="SET NULL")),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("third_party", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", Moment()),
        sa.Column("extended_at", Moment()),
        sa.Column("done_at", Moment()),
        sa.Column("done_by", sa.String(40), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_data_requests_commune", "data_requests", ["commune"])
    op.create_index("ix_data_requests_person_id", "data_requests", ["person_id"])
    op.create_table(
        "erasures",
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_index("ix_erasures_at", "erasures", ["at"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
