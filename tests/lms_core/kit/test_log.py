"""Logs: one JSON line an event, and no secret and no person in it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from lms_core.kit import log as logs

SECRETS = {
    "an address": ("sent to asha.otieno+x@mail.example.co.ke today", "asha.otieno"),
    "a phone": ("paid by 0712345678", "712345678"),
    "a phone with its country": ("paid by +254712345678.", "712345678"),
    "a phone in groups": ("paid by 0712 345 678", "345 678"),
    "a phone as a provider writes it": ("MSISDN 254708374149 paid", "708374149"),
    "a phone of Uganda": ("sent to +256772123456", "772123456"),
    "a phone of India": ("sent to 919876543210", "9876543210"),
    "the address of callbacks": ("POST /api/v1/webhook/payment/daraja/s3cr3t-t0k3n/stk 200", "s3cr3t"),
    "the page of a charge": ("GET /sandbox/pay/s3cr3t_t0k3n", "s3cr3t"),
    "a key of Stripe": ("Invalid API Key provided: sk_live_s3cr3tvalue", "s3cr3tvalue"),
    "a secret of Stripe's callbacks": ("signed with whsec_s3cr3tvalue", "s3cr3tvalue"),
    "a key of Flutterwave": ("Bad key FLWSECK_TEST-s3cr3tvalue-X", "s3cr3tvalue"),
    "a bearer token": ("Authorization: Bearer abc.DEF-123_x", "abc.DEF"),
    "a token in an address": ("GET /reset?token=s3cr3tvalue&x=1", "s3cr3tvalue"),
    "a JSON web token": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123", "eyJzdWIiOiIxIn0"),
    "an API key": ("refused mwk_0123456789ab_s3cr3tvalue-x", "s3cr3tvalue"),
    "the secret of an authenticator": ("otpauth://totp/M:a?secret=GEZDGNBV&issuer=M", "GEZDGNBV"),
    "the code of a foreign login": ("GET /login/with/school/back?state=abc123&code=s3cr3tvalue", "s3cr3tvalue"),
    "a password in a URL": ("cannot reach smtp://mwalimu:hunter2@mail:587", "hunter2"),
}


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("name", SECRETS)
def test_text_is_redacted(name: str) -> None:
    text, secret = SECRETS[name]
    assert secret not in str(logs.redact(None, "info", {"event": text}))
    assert secret not in str(logs.redact(None, "info", {"event": "x", "inner": [{"deep": (text,)}]}))
    assert secret not in str(logs.redact(None, "info", {"event": "x", "error": ValueError(text)}))


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "new_password",
        "access_token",
        "Authorization",
        "cookie",
        "api_key",
        "passkey",
        "MSISDN",
        "SecurityCredential",
        "x-paystack-signature",
    ],
)
def test_values_under_secret_names_are_hidden(key: str) -> None:
    hidden = logs.redact(None, "info", {"event": "x", key: "open sesame", "body": {key: ["open sesame"]}})
    assert "open sesame" not in str(hidden)


def test_a_number_that_is_a_phone_is_hidden() -> None:
    said = logs.redact(None, "info", {"event": "x", "items": [{"Name": "PhoneNumber", "Value": 254708374149}]})
    assert "708374149" not in str(said)


def test_what_is_no_secret_stays() -> None:
    event = {
        "event": "lesson.indexed",
        "chunks": 1234567890,
        "at": "2026-01-05T08:00:00Z",
        "path": "a/b.md",
        "phone": "2547***678",
        "ws": "ws_CO_191220191020363925",
        "amount": 150_000,
    }
    assert logs.redact(None, "info", dict(event)) == event


def test_a_line_is_json_with_its_request_and_no_secret(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="INFO", json=True)
    structlog.contextvars.bind_contextvars(request_id="r-1")
    try:
        raise ValueError("mail to asha@example.org failed")
    except ValueError:
        structlog.get_logger("test").exception("mail.failed", password="open sesame")
    logging.getLogger("elsewhere").warning("token for %s: Bearer %s", "asha@example.org", "abcdef")
    structlog.contextvars.unbind_contextvars("request_id")
    first, second = (json.loads(line) for line in capsys.readouterr().err.strip().splitlines())
    assert (first["event"], first["request_id"], first["level"]) == ("mail.failed", "r-1", "error")
    assert "ValueError" in first["exception"]
    assert "asha@" not in str(first) + str(second)
    assert "sesame" not in str(first)
    assert "abcdef" not in str(second)
