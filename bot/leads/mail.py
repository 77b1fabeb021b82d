"""Sending one e-mail over SMTP, and knowing what became of it: taken, to be tried again, refused, or not known."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formataddr, formatdate
from typing import TYPE_CHECKING

from bot.mail_server import MailServer, plausible
from bot.model import BotError

if TYPE_CHECKING:
    import aiosmtplib

TIMEOUT = 30.0  # seconds for any one answer of the server
SPREADSHEET = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class MailFault(BotError):
    """An e-mail did not go out. `why` is a word for the record; never an address, never a text."""

    def __init__(self, why: str) -> None:
        super().__init__(f"mail: {why}: docs/settings.md says how SMTP_URL is written.")
        self.why = why


class MailTransient(MailFault):
    """It did not get there this time: the server is away or busy. To be tried again."""


class MailPermanent(MailFault):
    """It will not be taken: the address, the password or the message is refused."""


class MailUnsure(MailFault):
    """Cut off after the message had left: it may have arrived. Not to be sent again unasked."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    content: bytes
    kind: tuple[str, str] = SPREADSHEET


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail to one address, as plain text. `id` makes the Message-ID: the same again can be recognised."""

    to: str
    subject: str
    text: str
    id: str
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] | None = None


async def send(server: MailServer, mail: Mail) -> None:
    """Hand it in; returns when the server has taken it. Raises MailTransient, MailPermanent or MailUnsure."""
    import aiosmtplib

    message = _message(server, mail)
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        timeout=TIMEOUT,
        tls_context=None if server.security == "none" else ssl.create_default_context(),
        local_hostname=server.sender.partition("@")[2],  # the machine's own name is nobody's business
    )
    try:
        await _hand_in(client, server, mail, message)
    except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as fault:
        kind = MailTransient if 400 <= fault.code < 500 else MailPermanent
        raise kind(f"smtp_{fault.code}") from fault
    except aiosmtplib.SMTPResponseException as fault:  # the password, the sender: mended in the settings, not here
        raise MailTransient(f"smtp_{fault.code}") from fault
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
        raise MailTransient(type(fault).__name__) from fault
    finally:
        client.close()


async def _hand_in(client: "aiosmtplib.SMTP", server: MailServer, mail: Mail, message: bytes) -> None:
    """Connect, say who we are, name both ends, then the message; from its first byte on the fate may be unknown."""
    import aiosmtplib

    await client.connect()
    if server.user and server.password:
        await client.login(server.user, server.password)
    await client.mail(server.sender)
    await client.rcpt(mail.to)
    try:
        await client.data(message)
    except aiosmtplib.SMTPResponseException:
        raise
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
        raise MailUnsure("cut_off") from fault
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        return  # it was taken before


def one_line(value: str) -> str:
    """A header's value: no line ends within it, not even one hidden in an encoded word, which `email` would decode."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).replace("=?", "= ?").split())


def _message(server: MailServer, mail: Mail) -> bytes:
    if not plausible(mail.to):
        raise MailPermanent("address")
    message = EmailMessage()
    message["From"] = formataddr(("HọcNghề", server.sender))
    message["To"] = mail.to
    message["Subject"] = one_line(mail.subject)
    message["Date"] = formatdate(localtime=False, usegmt=True)
    message["Message-ID"] = f"<{mail.id}@{server.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (mail.headers or {}).items():
        message[name] = one_line(value)
    message.set_content(mail.text.encode("utf-8", "replace").decode())
    for file in mail.attachments:
        main, sub = file.kind
        message.add_attachment(file.content, maintype=main, subtype=sub, filename=one_line(file.name))
    return message.as_bytes(policy=SMTP_POLICY)
