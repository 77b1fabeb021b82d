"""What is kept: one port, kept by SQL (SQLite, PostgreSQL) and in memory, held equal by the same tests."""
