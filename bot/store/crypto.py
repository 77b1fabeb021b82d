"""Personal fields at rest: AES-256-GCM, each sealed for its own place; keyed digests to look them up."""

import base64
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.model import BotError
from bot.store.disk import to_disk

_VERSION = b"\x01"
_NONCE = 12
KEY_FILE = "secret.key"


class KeyFault(BotError):
    """The key does not open what is stored, or is no key."""


class Cipher:
    """Seals and opens texts with one secret. `label` names the place: what is sealed there opens only there."""

    def __init__(self, secret: str) -> None:
        if len(secret.encode()) < 16:
            raise KeyFault("HOCNGHE_SECRET_KEY: too short: give 16 characters or more, or leave it out.")
        self._aead = AESGCM(_derived(secret, b"hocnghe seal"))
        self._index = _derived(secret, b"hocnghe index")
        self._nonces = _derived(secret, b"hocnghe reseal")

    def seal(self, text: str, label: str) -> bytes:
        """version, nonce and ciphertext as bytes; the empty text stays empty."""
        return self._sealed(text, label, os.urandom(_NONCE)) if text else b""

    def reseal(self, sealed: bytes, label: str, old: "Cipher") -> bytes:
        """What another key sealed, sealed with this one; the same bytes give the same bytes each time.

        So a line of the erasure journal that names a row by its sealed bytes fits an older copy of it, too, once that
        is resealed. The nonce is a keyed hash of the place and of bytes that had a nonce of their own: it is met again
        with the same text alone.
        """
        text = old.open(sealed, label)
        nonce = hmac.digest(self._nonces, label.encode() + b"\0" + sealed, "sha256")[:_NONCE]
        return self._sealed(text, label, nonce) if text else b""

    def _sealed(self, text: str, label: str, nonce: bytes) -> bytes:
        return _VERSION + nonce + self._aead.encrypt(nonce, _bytes(text), label.encode())

    def open(self, sealed: bytes, label: str) -> str:
        """The text that was sealed; raises KeyFault for another key, another place or damaged bytes."""
        if not sealed:
            return ""
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            body = self._aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], label.encode())
        except (InvalidTag, ValueError) as fault:  # ValueError: cut short
            raise KeyFault(
                f"{label}: cannot be opened with this key: put back the {KEY_FILE} (or HOCNGHE_SECRET_KEY) "
                "that the data was written with."
            ) from fault
        return body.decode(errors="surrogatepass")

    def digest(self, text: str, label: str) -> str:
        """A keyed fingerprint for look-ups: equal texts give equal ones, nothing can be read back from it."""
        return hmac.digest(self._index, _bytes(f"{label}\0{text}"), "sha256").hex()[:32]


def _bytes(text: str) -> bytes:
    """Half a character, as a broken emoji brings it, is kept as it came: it must not make a turn fail."""
    return text.encode(errors="surrogatepass")


def derived_token(secret: str, purpose: str) -> str:
    """43 letters, digits, - and _ for showing to a platform; from it the secret cannot be reckoned."""
    return base64.urlsafe_b64encode(_derived(secret, f"hocnghe {purpose}".encode())).decode().rstrip("=")


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


def key_from(folder: Path) -> str:
    """The secret of the data folder: read, or made at first start (mode 600, written once, never overwritten)."""
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_once(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return path.read_text().strip()


def write_once(path: Path, key: str) -> None:
    """A file of mode 600, on the disk before this returns; one that is there stays as it is."""
    descriptor, name = tempfile.mkstemp(prefix=f".{KEY_FILE}.", dir=path.parent)  # mode 600, a name of its own
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(name, path)  # atomic, and fails when another process was first
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()
    to_disk(path.parent)  # the new name is there before anything is sealed with the key


def masked_phone(phone: str) -> str:
    """ "0900***001": enough to recognise, not to call."""
    return f"{phone[:4]}***{phone[-3:]}" if len(phone) >= 9 else "***" if phone else ""


def masked_name(name: str) -> str:
    """ "L. T. Mẫu": initials and the given name."""
    *first, last = name.split() or [""]
    return " ".join([*(f"{w[0]}." for w in first), last])
