"""Skipped without a PostgreSQL: `make test-postgres` brings one."""

import os

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in this folder needs the server of `tests/postgres.sh`."""
    if os.environ.get("HOCNGHE_TEST_DATABASE"):
        return
    for item in items:
        if "tests/postgres/" in item.path.as_posix():
            item.add_marker(pytest.mark.skip(reason="HOCNGHE_TEST_DATABASE names no PostgreSQL: make test-postgres"))
