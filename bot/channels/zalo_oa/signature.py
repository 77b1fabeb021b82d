"""Who signed an event: a plain SHA-256 over app id, raw body, the body's own timestamp and the OA secret key.

Documents disagree on the key (docs/zalo.md, section 4). The bytes are those of the wire: JSON that was read and written
again has another signature.
"""

import hashlib
import hmac
from typing import Any


def sign(app_id: str, raw: bytes, timestamp: str, key: str) -> str:
    """The hex digits."""
    return hashlib.sha256(app_id.encode() + raw + timestamp.encode() + key.encode()).hexdigest()


def signed(raw: bytes, body: dict[str, Any], header: str, app_id: str, key: str) -> bool:
    """Whether `header` ("mac=…") belongs to this body; compared in constant time. Without a key nothing does."""
    stamp = body.get("timestamp")
    if not key or not isinstance(stamp, str | int) or isinstance(stamp, bool):
        return False
    got = header.strip().removeprefix("mac=").strip().lower()
    try:
        wanted = sign(app_id, raw, str(stamp), key)
    except (ValueError, UnicodeEncodeError):  # a number of thousands of digits; half a letter
        return False
    return hmac.compare_digest(got.encode("utf-8", "replace"), wanted.encode())
