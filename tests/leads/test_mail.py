"""Handing one e-mail in: how the address of the server is written, and what is said in the clear."""

import pytest
from leads.mailbox import ADDRESS, smtp

from bot.leads.mail import Mail, MailPermanent, MailTransient, send
from bot.mail_server import MailServer, plausible, server
from bot.model import BotError

LETTER = Mail(ADDRESS, "Danh sách", "Kính gửi", "hocnghe-1")


@pytest.mark.parametrize(
    ("url", "read"),
    [
        (
            "smtp://xa%40mau.example:w%40rd@mail.example:2525?from=xa@mau.example",
            MailServer("mail.example", 2525, "xa@mau.example", "xa@mau.example", "w@rd", "starttls"),
        ),
        ("smtps://mail.example?from=a@b.vn", MailServer("mail.example", 465, "a@b.vn", security="tls")),
        ("smtp://127.0.0.1:25?tls=none&from=a@b.vn", MailServer("127.0.0.1", 25, "a@b.vn", security="none")),
    ],
)
def test_the_server_is_read_from_one_address(url, read):
    assert server(url) == read


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example?from=a@b.vn", "smtp://mail.example", "smtp://m:x?from=a@b.vn",
            "smtp://mail.example?from=a@b.vn&tls=none"],
)  # fmt: skip
def test_a_wrong_address_says_what_to_write(url):
    with pytest.raises(BotError, match="HOCNGHE_SMTP_URL"):
        server(url)


async def test_nothing_is_said_in_the_clear_to_a_server_without_tls():
    async with smtp() as box:
        with pytest.raises(MailTransient):
            await send(box.server(security="starttls", user="xa", password="word"), LETTER)
    assert box.letters == []


@pytest.mark.parametrize("address", ["", "a", "a@b\r\nBcc: c@d", "a b@c.vn", "a@b@c", "<a@b.vn>", "a@b.vn,c@d.vn"])
async def test_what_is_no_single_address_is_refused_before_anything_is_said(address):
    assert not plausible(address)
    with pytest.raises(MailPermanent):
        await send(MailServer("127.0.0.1", 1, "a@b.vn", security="none"), Mail(address, "s", "t", "i"))


async def test_a_server_that_is_away_is_tried_again():
    with pytest.raises(MailTransient):
        await send(MailServer("127.0.0.1", 1, "a@b.vn", security="none"), LETTER)


async def test_a_subject_cannot_become_a_header():
    async with smtp() as box:
        await send(box.server(), Mail(ADDRESS, "Lớp\r\nBcc: x@y.vn", "Kính gửi", "hocnghe-1"))
    (letter,) = box.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Lớp Bcc: x@y.vn"
