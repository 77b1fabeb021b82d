"""The figures' table: numbers by day, of nobody; what they were counted from may be gone."""

from sqlalchemy import Column, Date, Integer, String, Table

from bot.store.tables import metadata

# `what` is a word of `bot.dialogue.counting`, or of `bot.store.steps` (then `day` is a month's first day).
tallies = Table(
    "tallies",
    metadata,
    Column("day", Date, primary_key=True),
    Column("commune", String(5), primary_key=True),
    Column("what", String(60), primary_key=True),
    Column("trade", String(60), primary_key=True, server_default=""),
    Column("target_group", String(20), primary_key=True, server_default=""),
    Column("n", Integer, nullable=False),
)
