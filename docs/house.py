"""Draws the picture of the house from the real imports: `make house` writes docs/anh/house.svg.

A room is a box, an arrow says "imports"; an arrow that others together say already is left out. Rooms stand as high as
the longest way down from them.
"""

import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "anh" / "house.svg"
# Room -> what it holds; a module belongs to the room that names most of it. `words`: what is written in the box.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "commands": ("bot.cli", "bot.__main__", "bot.commands", "bot.bench", "bot.checking"),
    "serving": (
        "bot.serving", "bot.working", "bot.preparing", "bot.announcing", "bot.connecting", "bot.posting", "bot.nightly",
        "bot.kept_door", "bot.running", "bot.demo_people",
    ),
    "wiring": ("bot.wiring", "bot.demo", "bot.demo_questions", "bot.permissions", "bot.local_files"),
    "doors": ("bot.doors",),
    "desk": ("bot.desk",),
    "health": ("bot.health",),
    "channels": ("bot.channels", "bot.jobs", "bot.leading"),
    "app": ("bot.app",),
    "inbox": ("bot.inbox",),
    "leads": ("bot.leads",),
    "announcements": ("bot.announcements",),
    "store": ("bot.store",),
    "dialogue": ("bot.dialogue",),
    "words": (
        "bot.model", "bot.effects", "bot.i18n", "bot.local", "bot.frozen", "bot.json_text", "bot.logs", "bot.meters",
    ),
    "settings": ("bot.settings",),
    "intents": ("intents",),
    "knowledge": ("knowledge",),
}  # fmt: skip
TOLD: Mapping[str, str] = {
    "commands": "hocnghe …",
    "serving": "web and background work",
    "wiring": "builds everything",
    "doors": "limits of every door",
    "desk": "the officers' pages",
    "health": "how it is, warnings",
    "channels": "Zalo, Telegram, web, outbox",
    "app": "one message, one transaction",
    "inbox": "talks officers take",
    "leads": "the list, workbooks, forwarding",
    "announcements": "who, when, in waves",
    "store": "SQLite or PostgreSQL, sealed",
    "dialogue": "what to say; pure",
    "words": "model, effects, i18n, logs",
    "settings": "the environment",
    "intents": "words → meaning",
    "knowledge": "law, places, trades",
}
WIDE, HIGH, GAP, STEP = 210, 50, 26, 96


def room_of(module: str) -> str | None:
    """The room of a module; None for a package's own empty root."""
    best = max(
        (
            (len(start), room)
            for room, starts in ROOMS.items()
            for start in starts
            if f"{module}.".startswith(f"{start}.")
        ),
        default=None,
    )
    return best[1] if best else None


def arrows() -> dict[str, set[str]]:
    """Room -> the rooms it imports. Raises SystemExit for a module that has no room."""
    graph = grimp.build_graph("bot", "intents", "knowledge", cache_dir=None)
    found: dict[str, set[str]] = {room: set() for room in ROOMS}
    for module in sorted(graph.modules):
        room = room_of(module)
        if room is None:
            if module not in ("bot", "bot.py"):
                sys.exit(f"docs/house.py: {module} has no room: name it in ROOMS")
            continue
        for other in graph.find_modules_directly_imported_by(module):
            target = room_of(other)
            if target is not None and target != room:
                found[room].add(target)
    return found


def below(all_arrows: Mapping[str, set[str]], room: str, seen: frozenset[str] = frozenset()) -> int:
    """How many steps the longest way down has. Raises SystemExit for a ring of rooms."""
    if room in seen:
        sys.exit(f"docs/house.py: rooms import one another in a ring: {' '.join(seen)}")
    return max((1 + below(all_arrows, other, seen | {room}) for other in all_arrows[room]), default=0)


def needed(all_arrows: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Without those arrows that a longer way says already."""

    def reach(room: str) -> set[str]:
        return all_arrows[room].union(*(reach(other) for other in all_arrows[room]))

    return {
        room: {to for to in others if not any(to in reach(other) for other in others - {to})}
        for room, others in all_arrows.items()
    }


def drawn() -> str:
    """The picture as SVG; the same imports give the same bytes."""
    every = arrows()
    level = {room: below(every, room) for room in ROOMS}
    rows = [[room for room in ROOMS if level[room] == at] for at in range(max(level.values()), -1, -1)]
    width = max(len(row) for row in rows) * (WIDE + GAP) + GAP
    at: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        left = (width - len(row) * (WIDE + GAP) + GAP) / 2
        at |= {room: (left + index * (WIDE + GAP), GAP + number * STEP) for index, room in enumerate(row)}
    height = GAP + len(rows) * STEP - (STEP - HIGH) + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
        '<path d="M0 0L8 4L0 8z" fill="#567"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    lines += [_arrow(at[room], at[to]) for room, others in needed(every).items() for to in sorted(others)]
    lines += [_box(room, *at[room]) for room in ROOMS]
    return "\n".join([*lines, "</svg>", ""])


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y, to_x, to_y = start[0] + WIDE / 2, start[1] + HIGH, end[0] + WIDE / 2, end[1]
    bend = (to_y - y) / 2
    path = f"M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
    return f'<path d="{path}" fill="none" stroke="#567" stroke-width="1.3" marker-end="url(#a)"/>'


def _box(room: str, x: float, y: float) -> str:
    pure = room in ("dialogue", "intents", "knowledge")
    fill, middle = "#e6f4ea" if pure else "#eef3fb", f'x="{x + WIDE / 2:.0f}" text-anchor="middle"'
    return (
        f'<g><rect x="{x:.0f}" y="{y:.0f}" width="{WIDE}" height="{HIGH}" rx="7" fill="{fill}" stroke="#345"/>'
        f'<text {middle} y="{y + 21:.0f}" font-size="16" font-weight="bold">{room}</text>'
        f'<text {middle} y="{y + 39:.0f}" font-size="12">{escape(TOLD[room])}</text></g>'
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
