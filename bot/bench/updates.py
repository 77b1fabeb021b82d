"""What the platforms post: updates of Telegram and events of a Zalo Official Account, of invented people."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

TOKEN = "100001:bench-token-of-nobody"  # noqa: S105 - of the stub alone
SECRET = "bench-secret"  # noqa: S105 - as above
APP, APP_SECRET, WEBHOOK_KEY = "100002", "bench-app-secret", "bench-webhook-key"
NOW_MS = 1_795_000_000_000


@dataclass(frozen=True, slots=True)
class Post:
    """One request to the program."""

    path: str
    body: bytes
    headers: Mapping[str, str]


def telegram(number: int, chat: int, text: str) -> Post:
    """A private text (https://core.telegram.org/bots/api#update)."""
    who = {"id": chat, "is_bot": False, "first_name": "Mẫu", "language_code": "vi"}
    message = {
        "message_id": number,
        "date": NOW_MS // 1000,
        "chat": {"id": chat, "type": "private", "first_name": "Mẫu"},
        "from": who,
        "text": text,
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
    return Post("/webhooks/telegram", body, headers)


def zalo(number: int, chat: int, text: str) -> Post:
    """`user_send_text`, signed as docs/zalo.md tells."""
    stamp = str(NOW_MS + number)
    event = {
        "app_id": APP,
        "sender": {"id": str(10**18 + chat)},
        "user_id_by_app": str(chat),
        "recipient": {"id": "200001"},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": f"bench-{number}"},
        "timestamp": stamp,
    }
    body = json.dumps(event, ensure_ascii=False).encode()
    mac = hashlib.sha256(APP.encode() + body + stamp.encode() + WEBHOOK_KEY.encode()).hexdigest()
    return Post("/webhooks/zalo-oa", body, {"Content-Type": "application/json", "X-ZEvent-Signature": f"mac={mac}"})
