"""A platform is gone for an hour while people write: the desk says so; then every reply arrives once, in order."""

import asyncio
from datetime import UTC, datetime

from channels.telegram_stage import AN, BINH, template
from channels.telegram_stage import running as telegram
from desk.desk_stage import NOON
from desk.desk_stage import running as desk
from peers.cable import Cable
from peers.telegram import TelegramPeer

from bot.channels import outbox
from bot.channels.telegram import sending
from bot.health.watch import Sources, Watch

NEIGHBOUR = 9000003
SAID = ("học may ở đâu", "học phí bao nhiêu", "bao giờ khai giảng")


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def test_the_platform_is_gone_for_an_hour(understanding, catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "NETWORK_PAUSE", 0.02)  # eight tries and more: it is given up and taken up again
    monkeypatch.setattr(outbox, "LOOK", 0.1)
    path = template(tmp_path)
    async with TelegramPeer() as peer, Cable("127.0.0.1", int(peer.url.rpartition(":")[2])) as cable:
        peer.url = f"http://127.0.0.1:{cable.port}"
        async with (
            desk(understanding, catalogue, path) as house,
            telegram(path, understanding, catalogue, webhook=True, peer=peer, prepare=lambda *_: None, answers=False,
                     now=NOON) as stage,
        ):  # fmt: skip
            now, wall = lambda: stage.clock[0], lambda: datetime.now(UTC)
            watch = Watch(Sources(house.store.health, "sqlite", tmp_path, "1", now, wall), (stage.channel,))
            house.desk.watch = watch
            officer, admin = [await house.signed_in(house.hire(role=role)) for role in ("officer", "admin")]
            for chat in (AN, NEIGHBOUR):
                await stage.says(chat, "chào em")
            for words in SAID:  # what one hears when nothing is the matter
                await stage.says(NEIGHBOUR, words)
            expected = [s.text for s in peer.sent_to(NEIGHBOUR)]
            assert len(expected) > len(SAID)
            await watch.look()
            assert "không liên lạc được" not in await officer.page("/desk")

            await cable.cut()
            for words in SAID:
                await peer.says(AN, words)
            await peer.says(BINH, "học nghề có mất tiền không")
            await until(lambda: stage.channel.outbox.counts["left"] >= 2)
            stage.later(hours=1)
            house.later(hours=1)
            await watch.look()
            for page in (await officer.page("/desk"), await admin.page("/desk/machine")):
                assert "Telegram không liên lạc được. Tin gửi bà con qua đó đang chờ và sẽ tự gửi khi thông." in page
                assert "tin chờ gửi hơn 10 phút" in page
            assert len(peer.sent_to(AN)) == 1

            await cable.mend()
            await until(lambda: len(peer.sent_to(AN)) >= len(expected) and peer.sent_to(BINH))
            await asyncio.sleep(0.3)  # some looks
            assert [s.text for s in peer.sent_to(AN)] == expected
            assert len(peer.sent_to(BINH)) == 1
            assert stage.fates() == {"sent": 2 * len(expected) + 1}
            await watch.look()
            assert not {"channel_gone", "waiting"} & {one.key for one in watch.warned}
            assert "không liên lạc được" not in await officer.page("/desk")
