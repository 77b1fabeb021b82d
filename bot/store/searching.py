"""Looking people up by parts of a name or a phone without opening the table: keyed hashes of the parts.

Kept for each person: every beginning (two letters or more) of each word of the folded name; every ending (three digits
or more) and beginning (four or more) of the phone. A hash is 8 bytes of HMAC-SHA-256: two of 10 million words share one
by chance once in 400,000 installations, and then a name too many is shown, to an officer who may see it anyway.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.effects import Applicant, Json
from bot.store import desk_tables as d
from bot.store import tables as t
from bot.store.crypto import Cipher
from intents.normalise import fold

LEAST_LETTERS, LEAST_END, LEAST_BEGINNING = 2, 3, 4
MOST_WORDS = 6  # of what is typed; the rest says nothing more
_DIGITS = re.compile(r"[\d\s.+()\-]+")


def index(db: Connection, cipher: Cipher, person: int, who: Applicant) -> None:
    """Replace the words this person is found by."""
    w = d.search_words
    db.execute(delete(w).where(w.c.person_id == person))
    if rows := words(cipher, person, who):
        db.execute(w.insert(), rows)


def words(cipher: Cipher, person: int, who: Applicant) -> list[dict[str, Any]]:
    """The rows of `search_words` that a person is found by."""
    return [{"word": hashed(cipher, part), "commune": who.commune, "person_id": person} for part in sorted(parts(who))]


def parts(who: Applicant) -> set[str]:
    """What a person is found by, as `asked` asks for it."""
    words = fold(who.full_name).split()
    found = {f"n:{w[:n]}" for w in words for n in range(min(LEAST_LETTERS, len(w)), len(w) + 1)}
    for phone in filter(None, (_local(who.phone), _local(who.guardian_phone))):
        found |= {f"p:{phone[-n:]}" for n in range(LEAST_END, len(phone) + 1)}
        found |= {f"p:{phone[:n]}" for n in range(LEAST_BEGINNING, len(phone) + 1)}
    return found


def asked(text: str) -> list[str]:
    """What was typed into the search box as parts; empty when it is too short to look for."""
    if _DIGITS.fullmatch(text.strip()):
        digits = _local(text)
        return [f"p:{digits}"] if len(digits) >= LEAST_END else []
    words = fold(text).split()[:MOST_WORDS]
    long = [w for w in words if len(w) >= LEAST_LETTERS] or words
    return [f"p:{_local(w)}" if w.isdigit() else f"n:{w}" for w in long]


def _local(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return "0" + digits[2:] if digits.startswith("84") and len(digits) > 9 else digits


def hashed(cipher: Cipher, part: str) -> bytes:
    """8 bytes that only this installation's key makes of the part."""
    return bytes.fromhex(cipher.digest(part, "search"))[:8]


def hamlet_digest(cipher: Cipher, hamlet: str) -> str:
    """Equal for "Bản Mẫu" and "ban mau"; "" for none."""
    return cipher.digest(fold(hamlet), "hamlet") if hamlet.strip() else ""


def group_digest(cipher: Cipher, details: Mapping[str, Json]) -> str:
    """Of the target group, which may be sensitive: never in the clear beside the person."""
    group = str(details.get("target_group") or "")
    return cipher.digest(group, "group") if group else ""


def unindexed(db: Connection, most: int) -> list[int]:
    """People from before there were search words (a person always has a lead: the others are retired)."""
    has = select(d.search_words.c.person_id).where(d.search_words.c.person_id == t.people.c.id)
    lead = select(t.leads.c.id).where(t.leads.c.person_id == t.people.c.id)
    return list(db.execute(select(t.people.c.id).where(~has.exists(), lead.exists()).limit(most)).scalars())
