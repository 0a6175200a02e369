"""Mail: on the console, into a folder, and over SMTP to a local server."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from lms_core.kit.mail import Letter, open_mail
from tests.services import free_port
from tests.simulators.smtp_server import SmtpServer

SENDER = "Mwalimu <noreply@example.org>"
LETTER = Letter(to="asha@example.org", subject="Karibu sana – welcome", body="Habari Asha,\n\nNenosiri: ꙮ é\n")


def test_the_console_shows_the_letter(capsys: pytest.CaptureFixture[str]) -> None:
    open_mail("console:", sender=SENDER).send(Letter("asha@example.org", "Hello", "A link: https://example.org/x"))
    shown = capsys.readouterr().err
    assert "https://example.org/x" in shown
    assert "To: asha@example.org" in shown


def test_a_folder_keeps_letters_in_order(tmp_path: Path) -> None:
    mail = open_mail(f"folder:{tmp_path / 'mail'}", sender=SENDER)
    mail.send(LETTER)
    mail.send(Letter("b@example.org", "Second", "2"))
    first, second = (message_from_bytes(f.read_bytes(), policy=policy.default) for f in sorted(tmp_path.rglob("*.eml")))
    assert (first["To"], first["From"], first["Subject"]) == (LETTER.to, SENDER, LETTER.subject)
    assert first.get_content() == LETTER.body
    assert second["Subject"] == "Second"


def test_smtp_delivers_to_the_server() -> None:
    with SmtpServer() as server:
        open_mail(f"smtp://127.0.0.1:{server.port}", sender=SENDER).send(LETTER)
    (received,) = server.received
    assert received.recipients == ["<asha@example.org>"]
    assert received.sender == "<noreply@example.org>"
    message = message_from_bytes(received.content, policy=policy.default)
    assert message["Subject"] == LETTER.subject
    assert message.get_content().replace("\r\n", "\n") == LETTER.body


def test_smtp_logs_in_with_what_the_address_says() -> None:
    with SmtpServer(login=("mwalimu", "p@ss word")) as server:
        open_mail(f"smtp://mwalimu:p%40ss%20word@127.0.0.1:{server.port}", sender=SENDER).send(LETTER)
        with pytest.raises(OSError):
            open_mail(f"smtp://mwalimu:wrong@127.0.0.1:{server.port}", sender=SENDER).send(LETTER)
    assert server.logins == ["mwalimu"] * len(server.logins)
    assert len(server.received) == 1


def test_what_cannot_be_delivered_is_an_oserror_so_that_the_job_tries_again() -> None:
    with SmtpServer(refuse=True) as server, pytest.raises(OSError):
        open_mail(f"smtp://127.0.0.1:{server.port}", sender=SENDER).send(LETTER)
    with pytest.raises(OSError):
        open_mail(f"smtp://127.0.0.1:{free_port()}", sender=SENDER).send(LETTER)


def test_a_subject_cannot_smuggle_headers(tmp_path: Path) -> None:
    open_mail(f"folder:{tmp_path}", sender=SENDER).send(
        Letter("a@example.org", "Hello\r\nBcc: everybody@example.org", "body")
    )
    message = message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: everybody@example.org"


def test_an_unknown_address_says_what_is_known() -> None:
    with pytest.raises(ValueError, match="smtps:"):
        open_mail("pigeon:coop", sender=SENDER)
