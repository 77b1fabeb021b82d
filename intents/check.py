"""Every fault in the intents' data, as "path, place: what: what to do"."""

from pathlib import Path

from intents import catalogue


def faults(root: Path | None = None) -> list[str]:
    """All faults of the data under `root`."""
    try:
        catalogue.load(root)
    except catalogue.DataFault as fault:
        return [str(fault)]
    return []
