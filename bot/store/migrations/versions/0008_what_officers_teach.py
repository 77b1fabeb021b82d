"""What officers teach: lessons, answers of their own, offices, the history; what became of a question"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import Moment

revision = "0008"
down_revision = "0007"

TABLES = ("learning_history", "offices", "local_answer_texts", "local_answers", "lesson_phrases", "lessons")


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("target", sa.String(60), nullable=False),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("made_at", Moment(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lesson_phrases",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "lesson_id", sa.Integer(), sa.ForeignKey("lessons.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("text_digest", sa.String(32), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_lesson_phrases_taught", "lesson_phrases", ["commune", "text_digest"], unique=True,
        sqlite_where=sa.column("active"), postgresql_where=sa.column("active"),
    )  # fmt: skip
    op.create_table(
        "local_answers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "local_answer_texts",
        sa.Column("answer_id", sa.Integer(), sa.ForeignKey("local_answers.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("text", sa.String(600), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_table(
        "offices",
        sa.Column("commune", sa.String(5), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(60), nullable=False),
        sa.Column("address", sa.String(160), nullable=False),
        sa.Column("hours", sa.String(160), nullable=False),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("at", Moment(), nullable=False),
    )
    op.create_table(
        "learning_history",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("officer_id", sa.Integer()),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("lesson_id", sa.Integer(), index=True),
        sa.Column("answer_id", sa.Integer(), index=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sqlite_autoincrement=True,
    )
    op.add_column("unanswered", sa.Column("settled", sa.String(12), nullable=False, server_default=""))
    op.add_column("unanswered", sa.Column("lesson_id", sa.Integer()))
    op.create_index("ix_unanswered_lesson_id", "unanswered", ["lesson_id"])


def downgrade() -> None:
    op.drop_index("ix_unanswered_lesson_id", "unanswered")
    with op.batch_alter_table("unanswered") as unanswered:
        unanswered.drop_column("lesson_id")
        unanswered.drop_column("settled")
    for table in TABLES:
        op.drop_table(table)
