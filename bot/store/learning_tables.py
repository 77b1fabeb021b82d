"""The tables of what officers teach: lessons with their phrasings, answers of their own, offices, who did what when."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from bot.store.tables import Moment, metadata

# One act of teaching. `target`: a topic, or "local:" and the number of a local answer.
lessons = Table(
    "lessons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("target", String(60), nullable=False),
    Column("officer_id", Integer),
    Column("made_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
# One row a wording and commune ("" is everywhere). Taken back, a row stays and is no longer `active`.
lesson_phrases = Table(
    "lesson_phrases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lesson_id", ForeignKey("lessons.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("commune", String(5), nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("text_digest", String(32), nullable=False),
    Column("active", Boolean, nullable=False),
)
# Two officers who teach the same words in the same commune: the second one is told of the first.
Index(
    "ix_lesson_phrases_taught",
    lesson_phrases.c.commune,
    lesson_phrases.c.text_digest,
    unique=True,
    sqlite_where=lesson_phrases.c.active,
    postgresql_where=lesson_phrases.c.active,
)
local_answers = Table(
    "local_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("commune", String(5), nullable=False),
    sqlite_autoincrement=True,
)
# Every wording an answer ever had; the highest version is said. The key keeps two officers from writing the same one.
local_answer_texts = Table(
    "local_answer_texts",
    metadata,
    Column("answer_id", ForeignKey("local_answers.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", String(600), nullable=False),
    Column("source", String(300), nullable=False),
    Column("officer_id", Integer),
    Column("at", Moment, nullable=False),
)
offices = Table(
    "offices",
    metadata,
    Column("commune", String(5), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("phone", String(60), nullable=False),
    Column("address", String(160), nullable=False),
    Column("hours", String(160), nullable=False),
    Column("officer_id", Integer),
    Column("at", Moment, nullable=False),
)
# Never shortened: its highest number tells every process whether what it keeps is still so.
learning_history = Table(
    "learning_history",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("officer_id", Integer),
    Column("act", String(20), nullable=False),
    Column("lesson_id", Integer, index=True),
    Column("answer_id", Integer, index=True),
    Column("commune", String(5), nullable=False),
    sqlite_autoincrement=True,
)
