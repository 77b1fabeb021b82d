"""A committed message that nothing of the person's led to goes out while the program runs, on every platform."""

import pytest
from channels.telegram_stage import AN, copied, running
from channels.zalo_house import housed

from bot.model import Contact, Reply

NOTICE = "Có 1 người mới đăng ký nghề May ở thôn Ví Dụ. Mở bàn làm việc để xem."


def queued(store, contact, now):
    with store.transaction() as unit:
        return unit.queue(unit.lock(contact, now), "notice-1", [Reply(NOTICE)], now)


@pytest.mark.parametrize("product", ["oa", "bot"])
async def test_on_zalo(understanding, catalogue, tmp_path, product):
    async with housed(understanding, catalogue, tmp_path / "db.sqlite3", product, public=True) as house:
        await house.peer.says("An", "chào em")
        await house.answers("An")
        house.channel.deliver(queued(house.store, house.contact("An"), house.clock[0]))
        sent = await house.peer.wait_for(2, "An")
        assert sent[-1].text == NOTICE


async def test_on_telegram(telegram_base, tmp_path, understanding, catalogue):
    async with running(copied(telegram_base, tmp_path), understanding, catalogue, webhook=False) as stage:
        await stage.says(AN, "chào em")
        contact = Contact(stage.channel.name, stage.peer.token.partition(":")[0], str(AN))
        stage.channel.deliver(queued(stage.store, contact, stage.clock[0]))
        await stage.settled()
        assert stage.peer.sent_to(AN)[-1].text == NOTICE
