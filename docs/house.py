"""Draws the picture of the house from the real imports: `make house` writes docs/anh/house.svg.

A room is a box, an arrow says "imports"; an arrow that others together say already is left out. Rooms stand as high as
the longest way down from them.
"""

import sys
from collections.abc import Mapping
from html import escape
from itertools import pairwise
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "anh" / "house.svg"
# Room -> what it holds; a module belongs to the room that names most of it. `words`: what is written in the box.
ROOMS: Mapping[str, tuple[str, ...]] = {
    "commands": ("bot.cli", "bot.__main__", "bot.commands", "bot.bench", "bot.checking"),
    "serving": (
        "bot.serving", "bot.working", "bot.preparing", "bot.announcing", "bot.connecting", "bot.posting", "bot.nightly",
        "bot.services", "bot.kept_door", "bot.running", "bot.demo_people",
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
        "bot.model", "bot.effects", "bot.i18n", "bot.local", "bot.background", "bot.apart", "bot.frozen",
        "bot.heap", "bot.hours", "bot.json_text", "bot.logs", "bot.mail_server", "bot.meters", "bot.receipts",
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
PASS = 8  # what an arrow takes of a row it passes


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


Place = tuple[str, str, int]  # a room (name, "", row), or where an arrow passes a row (from, to, row)


def laid_out(level: Mapping[str, int], kept: Mapping[str, set[str]]) -> tuple[list[list[Place]], list[list[Place]]]:
    """The rows and each arrow's places, both from top to bottom.

    An arrow has a place in every row it passes, so that it goes between the rooms there and never behind one. Rows are
    put in order by the middle of what stands above and below, in turns.
    """
    ways: list[list[Place]] = []
    for room, others in kept.items():
        for to in sorted(others):
            passed: list[Place] = [(room, to, at) for at in range(level[room] - 1, level[to], -1)]
            ways.append([(room, "", level[room]), *passed, (to, "", level[to])])
    rooms: list[Place] = [(room, "", level[room]) for room in ROOMS]
    places = dict.fromkeys([*rooms, *(place for way in ways for place in way)])
    rows = [[place for place in places if place[2] == at] for at in range(max(level.values()), -1, -1)]
    pairs = [pair for way in ways for pair in pairwise(way)]
    for turn in range(12):
        down = turn % 2 == 0
        for row in rows if down else rows[::-1]:
            middle = _middles(rows)
            near: dict[Place, list[float]] = {place: [] for place in row}
            for upper, lower in pairs:
                here, there = (lower, upper) if down else (upper, lower)
                if here in near:
                    near[here].append(middle[there])
            row.sort(key=lambda p: sum(near[p]) / len(near[p]) if near[p] else middle[p])
    return rows, ways


def _wide(place: Place) -> int:
    return PASS if place[1] else WIDE


def _middles(rows: list[list[Place]]) -> dict[Place, float]:
    """Each place's middle, in a row that is centred on 0."""
    found: dict[Place, float] = {}
    for row in rows:
        left = -(sum(map(_wide, row)) + GAP * (len(row) - 1)) / 2
        for place in row:
            found[place] = left + _wide(place) / 2
            left += _wide(place) + GAP
    return found


def drawn() -> str:
    """The picture as SVG; the same imports give the same bytes."""
    every = arrows()
    level = {room: below(every, room) for room in ROOMS}
    rows, ways = laid_out(level, needed(every))
    middle = _middles(rows)
    width = 2 * GAP + 2 * max(abs(x) + _wide(place) / 2 for place, x in middle.items())
    at = {place: (width / 2 + middle[place], GAP + number * STEP) for number, row in enumerate(rows) for place in row}
    height = GAP + len(rows) * STEP - (STEP - HIGH) + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
        '<path d="M0 0L8 4L0 8z" fill="#567"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
    ]
    lines += [_arrow([at[place] for place in way]) for way in ways]
    lines += [_box(room, at[room, "", level[room]][0] - WIDE / 2, at[room, "", level[room]][1]) for room in ROOMS]
    return "\n".join([*lines, "</svg>", ""])


def _arrow(way: list[tuple[float, float]]) -> str:
    """From the foot of the first place through those between to the head of the last."""
    path = f"M{way[0][0]:.0f} {way[0][1] + HIGH}"
    for (x, y), (to_x, to_y) in pairwise(way):
        bend = (to_y - y - HIGH) / 2
        path += f"C{x:.0f} {y + HIGH + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y}"
        if (to_x, to_y) != way[-1]:
            path += f"V{to_y + HIGH}"
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
