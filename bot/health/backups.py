"""When the data were last copied and the copy opened: the one place that health asks.

Whatever makes backups writes `DATA_DIR/backups/last.json`: {"at": ISO moment of the last verified copy,
"failed_at": of the last that failed, "why": a word}; what is not known may be left out.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.health.facts import Backup

RECORD = Path("backups", "last.json")


def last(data_dir: Path) -> Backup:
    """What the record says; nothing known when there is none, or none that can be read."""
    try:
        told = json.loads((data_dir / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Backup()
    if not isinstance(told, dict):
        return Backup()
    return Backup(_moment(told.get("at")), _moment(told.get("failed_at")), str(told.get("why", ""))[:80])


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None
