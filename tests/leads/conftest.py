"""The store on SQLite, as the store's own tests have it."""

from store.conftest import database_file, empty_database, sqlite

__all__ = ["database_file", "empty_database", "sqlite"]
