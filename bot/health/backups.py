"""When the data were last copied and the copy opened: the one place that health asks.

Whatever makes backups keeps a record (`bot.store.copy_folders`).
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from bot.health.facts import Backup
from bot.store import copy_folders


def last(data_dir: Path) -> Backup:
    """What the record says; nothing known when there is none, or none that can be read."""
    told = copy_folders.known(copy_folders.beside(data_dir))
    return Backup(_moment(told.get("at")), _moment(told.get("failed_at")), str(told.get("why", ""))[:80])


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
