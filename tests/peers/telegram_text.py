"""Message text as Telegram takes it: HTML entities parsed strictly, lengths in UTF-16 units."""

import html
import re

from peers.telegram_state import bad

TEXT_MOST, CAPTION_MOST = 4096, 1024
TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "span", "tg-spoiler", "tg-emoji",
    "blockquote",
}  # fmt: skip
TAG = re.compile(r"<(/?)([A-Za-z0-9-]*)((?:\s+[A-Za-z-]+(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))?)*)\s*(>?)")
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(?:[0-9]+|[xX][0-9A-Fa-f]+));")


def units(text: str) -> int:
    """How long Telegram finds it: an emoji counts two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(raw: str, parse_mode: str) -> str:
    """What the reader sees of it; raises for a mode or for entities that Telegram would refuse."""
    mode = parse_mode.strip().lower()
    if mode in ("", "none"):
        return raw.strip()
    if mode != "html":
        raise bad("unsupported parse_mode" + (" in this peer: it reads HTML only" if mode.startswith("mark") else ""))
    return _html(raw).strip()


def message_text(raw: str, parse_mode: str) -> str:
    """The text of a message, 1 to 4096 units."""
    if not raw:
        raise bad("message text is empty")
    text = plain(raw, parse_mode)
    if not text:
        raise bad("text must be non-empty")
    if units(text) > TEXT_MOST:
        raise bad("message is too long")
    return text


def caption_text(raw: str, parse_mode: str) -> str:
    """The words under a picture, at most 1024 units."""
    text = plain(raw, parse_mode)
    if units(text) > CAPTION_MOST:
        raise bad("message caption is too long")
    return text


def _html(raw: str) -> str:
    out: list[str] = []
    opened: list[str] = []
    place = 0
    while place < len(raw):
        if raw[place] == "<":
            place = _tag(raw, place, opened)
        elif raw[place] == "&":
            found = REFERENCE.match(raw, place)
            if found is None:
                # The real parser lets a lone & through; whoever sends one forgot to escape.
                raise _unparsable(f"unescaped & at byte offset {_byte(raw, place)}")
            out.append(html.unescape(found[0]))
            place = found.end()
        else:
            out.append(raw[place])
            place += 1
    if opened:
        raise _unparsable(f'can\'t find end tag corresponding to start tag "{opened[-1]}"')
    return "".join(out)


def _tag(raw: str, place: int, opened: list[str]) -> int:
    found = TAG.match(raw, place)
    assert found is not None, "every part of the pattern but < may be empty"
    end, name, attributes, closed = bool(found[1]), found[2].lower(), found[3], bool(found[4])
    where = f"at byte offset {_byte(raw, place)}"
    if end:
        if not opened:
            raise _unparsable(f"unexpected end tag {where}")
        if not closed or name not in ("", opened[-1]):
            raise _unparsable(f'unmatched end tag {where}, expected "</{opened[-1]}>", found "</{name}>"')
        opened.pop()
        return found.end()
    if name not in TAGS:
        raise _unparsable(f'unsupported start tag "{name}" {where}')
    if not closed:
        raise _unparsable(f"unclosed start tag {where}")
    if name == "span" and not re.fullmatch(r"\s+class\s*=\s*[\"']?tg-spoiler[\"']?", attributes):
        raise _unparsable(f'tag "span" must have class "tg-spoiler" {where}')
    opened.append(name)
    return found.end()


def _byte(raw: str, place: int) -> int:
    return len(raw[:place].encode("utf-8", "surrogatepass"))


def _unparsable(why: str) -> Exception:
    return bad(f"can't parse entities: {why}")
