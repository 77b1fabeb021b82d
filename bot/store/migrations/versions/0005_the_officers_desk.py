"""The officers' desk: officers, links, sessions, audit, notes, search, seats, posters"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0005"
down_revision = "0004"

TABLES = ("posters", "search_words", "lead_notes", "audit", "desk_sessions", "login_tokens", "officer_contacts",
          "officer_places", "officers")  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "officers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_digest", sa.String(32), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_officers_email_digest", "officers", ["email_digest"])
    op.create_table(
        "officer_places", _of("officers", primary_key=True), sa.Column("code", sa.String(5), primary_key=True)
    )
    op.create_table(
        "officer_contacts",
        sa.Column("contact_id", sa.Integer(), sa.ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "officer_id", sa.Integer(), sa.ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.Column("until", Moment()),
    )
    op.create_table(
        "login_tokens",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "officer_id", sa.Integer(), sa.ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment()),
    )
    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False, unique=True),
        sa.Column(
            "officer_id", sa.Integer(), sa.ForeignKey("officers.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("own_device", sa.Boolean(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", Moment(), nullable=False, index=True),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_whose", "audit", ["officer_id", "subject", "act"])
    _people()


def _of(table: str, name: str = "officer_id", **more: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), **more)


def _people() -> None:
    op.create_table(
        "lead_notes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Integer(), sa.ForeignKey("leads.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), index=True),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.LargeBinary(8), primary_key=True),
        sa.Column("commune", sa.String(5), primary_key=True),
        _of("people", "person_id", primary_key=True, index=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "posters",
        sa.Column("course_id", sa.String(40), sa.ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.add_column("people", sa.Column("hamlet_digest", sa.String(32), nullable=False, server_default=""))
    op.add_column("leads", sa.Column("group_digest", sa.String(32), nullable=False, server_default=""))
    op.add_column("leads", sa.Column("waiting_since", Moment()))
    op.add_column("courses", sa.Column("map_url", sa.String(300), nullable=False, server_default=""))
    newest = ["commune", "created_at", "trade", "verification", "served"]
    op.create_index("ix_leads_newest", "leads", newest)
    op.create_index("ix_leads_state", "leads", ["state"])
    op.create_index("ix_leads_trade", "leads", ["trade"])
    op.create_index("ix_leads_group", "leads", ["group_digest"])
    op.create_index("ix_leads_verification", "leads", ["verification"])
    op.create_index("ix_leads_course", "leads", ["course", "state"])


def downgrade() -> None:
    op.drop_index("ix_leads_course", "leads")
    for column in ("verification", "group", "trade", "state", "newest"):
        op.drop_index(f"ix_leads_{column}", "leads")
    op.drop_column("courses", "map_url")
    op.drop_column("leads", "waiting_since")
    op.drop_column("leads", "group_digest")
    op.drop_column("people", "hamlet_digest")
    for table in TABLES:
        op.drop_table(table)
