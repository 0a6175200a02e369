"""Mail: one message out, by console, into a folder, or over SMTP."""

import smtplib
import sys
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from lms_core.kit.ids import new_id

SMTP_SECONDS = 20
PERMANENT = 500  # reply codes from here on are final (RFC 5321, 4.2.1)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a letter; `media_type` is such as `application/pdf`."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain-text message to one person, with files where there are some."""

    to: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()


class AddressRefused(OSError):
    """The mail server will never take letters for this address; trying again is of no use."""


class Mail(Protocol):
    """Something that delivers letters; raises OSError when it cannot now, of it AddressRefused when it never will."""

    def send(self, letter: Letter) -> None: ...


def _compose(letter: Letter, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = sender, letter.to
    message["Subject"] = " ".join(letter.subject.split())
    message["Message-ID"] = make_msgid(domain="mwalimu.invalid")
    message.set_content(letter.body)
    for each in letter.attachments:
        kind, _, subtype = each.media_type.partition("/")
        message.add_attachment(each.content, maintype=kind, subtype=subtype, filename=each.name)
    return message


class ConsoleMail:
    """Prints letters: the embedded default, so that links can be followed without a mail server."""

    def __init__(self, sender: str) -> None:
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Write the letter to standard error; of attached files only their names."""
        told = _compose(replace(letter, attachments=()), self._sender)
        files = "".join(f"\n(attached: {each.name})" for each in letter.attachments)
        print(f"--- mail ---\n{told}{files}\n--- end ---", file=sys.stderr, flush=True)


class FolderMail:
    """Writes one .eml file a letter."""

    def __init__(self, folder: Path, sender: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._sender = folder, sender

    def send(self, letter: Letter) -> None:
        """Write the letter into the folder; names sort by time."""
        (self._folder / f"{new_id()}.eml").write_bytes(bytes(_compose(letter, self._sender)))


class SmtpMail:
    """Hands letters to an SMTP server; `smtps://` for TLS from the start, `smtp://` upgrades when offered."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    def send(self, letter: Letter) -> None:
        """Deliver to the server, or raise OSError (smtplib's errors are such) or AddressRefused."""
        url = self._url
        host = url.hostname or "localhost"
        connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
        with connect(host, url.port or (465 if url.scheme == "smtps" else 587), timeout=SMTP_SECONDS) as server:
            if url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls()
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            try:
                server.send_message(_compose(letter, self._sender))
            except smtplib.SMTPRecipientsRefused as error:
                code, reason = next(iter(error.recipients.values()))
                if code >= PERMANENT:
                    raise AddressRefused(f"{code} {reason.decode('utf-8', 'replace')}") from error
                raise


def open_mail(url: str, *, sender: str) -> Mail:
    """Mail by URL: `console:`, `folder:/path`, `smtp://user:password@host:587`, `smtps://...`."""
    scheme, _, rest = url.partition(":")
    match scheme:
        case "console":
            return ConsoleMail(sender)
        case "folder":
            return FolderMail(Path(rest), sender)
        case "smtp" | "smtps":
            return SmtpMail(url, sender)
    raise ValueError(f"MWALIMU_MAIL_URL: {scheme!r} is not one of console:, folder:, smtp:, smtps:")
