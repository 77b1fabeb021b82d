"""A store with two people and a message that waits, for what is copied and put back."""

from datetime import timedelta

from store.factories import KEY, NOW

from bot.model import Contact
from bot.store import migrate
from bot.store.crypto import Cipher
from bot.store.engines import connect
from bot.store.sql_desk_store import SqlDeskStore

CIPHER = Cipher(KEY)
ON_TELEGRAM = Contact("telegram", "1", "900")  # replies there leave by themselves
LATER = NOW + timedelta(hours=5)


def opened(path):
    engine = connect(f"sqlite:///{path}")
    migrate.upgrade(engine)
    return SqlDeskStore(engine, CIPHER)
