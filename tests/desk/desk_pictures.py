"""Pictures as phones make them, with what they write into them."""

import struct
import zlib

PLACE = b"GPS 21.30N 103.00E, 2026:11:23"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*told: bytes, after: bytes = b"") -> bytes:
    """One grey dot; `told`: chunks between its head and its dots."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(told)
        + chunk(b"IDAT", zlib.compress(b"\0\x80"))
        + chunk(b"IEND", b"")
        + after
    )


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def jpeg(*told: bytes, after: bytes = b"") -> bytes:
    """The parts of a JPEG in their order, with two scans as progressive ones have; it need not be drawn."""
    scan = segment(0xDA, b"\1\1\0\0\77\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    tables = segment(0xDB, bytes(65)) + segment(0xC2, b"\x08\0\1\0\1\1\1\x11\0") + segment(0xC4, bytes(20))
    body = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + b"".join(told) + tables + scan + segment(0xC4, bytes(20)) + scan
    return b"\xff\xd8" + body + b"\xff\xd9" + after
