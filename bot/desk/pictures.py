"""Pictures kept without what phones write into them: where, when and with what they were taken.

Only the parts that draw the picture are kept; whatever cannot be read to its end is refused, for nobody could say what
it still holds. By hand, since an image library would be loaded for this alone.
"""

from collections.abc import Mapping

KINDS: Mapping[str, tuple[bytes, str]] = {
    "jpg": (b"\xff\xd8\xff", "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n", "image/png"),
}
# PNG (W3C, 3rd edition, §11): the chunks without which it would look otherwise; texts, times, EXIF are not among them.
_DRAWN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"IDAT", b"IEND"})
# JPEG (ITU T.81, table B.1): APP0 JFIF, APP2 colour profile, APP14 Adobe's colours draw; other APPn and COM only tell.
_TOLD = frozenset({*range(0xE0, 0xF0), 0xFE}) - {0xE0, 0xE2, 0xEE}
_PROFILE = 0xE2
_START_OF_SCAN, _END = 0xDA, 0xD9
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length


LARGEST = 10_000  # width and height together, as Telegram takes it; a larger one fills a phone's memory
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG: the segments that tell height and width


def kind_of(body: bytes) -> str:
    """ "jpg", "png", or "" for anything else, by its first bytes, whatever it is called."""
    return next((kind for kind, (mark, _type) in KINDS.items() if body.startswith(mark)), "")


def cleaned(body: bytes, kind: str) -> bytes | None:
    """The picture alone; None when it is broken."""
    return _jpeg(body) if kind == "jpg" else _png(body)


def _png(body: bytes) -> bytes | None:
    kept, at = bytearray(body[:8]), 8
    while at + 12 <= len(body):
        name, end = body[at + 4 : at + 8], at + 12 + int.from_bytes(body[at : at + 4], "big")
        if end > len(body) or (at == 8) != (name == b"IHDR"):
            return None
        if name == b"IHDR" and not _fits(body[at + 8 : at + 12], body[at + 12 : at + 16]):
            return None
        if name in _DRAWN:
            kept += body[at:end]
        if name == b"IEND":
            return bytes(kept)  # what stands behind it is no picture
        at = end
    return None


def _jpeg(body: bytes) -> bytes | None:
    kept, at = bytearray(body[:2]), 2
    while at + 4 <= len(body):
        if body[at] != 0xFF:
            return None
        marker = body[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        length = 0 if marker in _BARE else int.from_bytes(body[at + 2 : at + 4], "big")
        end = at + 2 + length
        if end > len(body) or (marker not in _BARE and length < 2):
            return None
        if marker in _FRAMES and not _fits(body[at + 5 : at + 7], body[at + 7 : at + 9]):
            return None
        if marker == _START_OF_SCAN:
            end = _scan(body, end)
        # APP2 is a colour profile, or another picture within this one
        profile = marker != _PROFILE or body[at + 4 : end].startswith(b"ICC_PROFILE\0")
        if marker not in _TOLD and profile:
            kept += body[at:end]
        at = end
        if body[at : at + 2] == bytes((0xFF, _END)):
            return bytes(kept + body[at : at + 2])
    return None


def _fits(one: bytes, other: bytes) -> bool:
    """Whether these two lengths are a picture's, and not too large."""
    sides = int.from_bytes(one, "big"), int.from_bytes(other, "big")
    return all(sides) and sum(sides) <= LARGEST


def _scan(body: bytes, at: int) -> int:
    """Where the coded picture ends: at the next marker that is neither a stuffed FF 00 nor a restart."""
    while (at := body.find(b"\xff", at)) >= 0 and at + 1 < len(body):
        follows = body[at + 1]
        if follows and follows not in _BARE and follows != 0xFF:
            return at
        at += 1 if follows == 0xFF else 2
    return len(body)
