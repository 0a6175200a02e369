"""Structured logs: one line an event, request ids carried along, secrets and people redacted."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

SECRET_KEYS = re.compile(
    r"password|secret|token|authorization|cookie|api_key|credential|passkey|msisdn|signature", re.IGNORECASE
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
PHONE = re.compile(
    r"(?<!\d)(?:(?:\+?254[ -]?|0)[17]\d{2}[ -]?\d{3}[ -]?\d{3}|\+?(?:25[0-6]|23[34]|27|91)[6-9]\d{8,9})(?!\d)"
)
PHONE_NUMBER = range(254_100_000_000, 254_800_000_000)  # providers send numbers as numbers, too
BEARER = re.compile(r"(?i)bearer\s+[\w.~+/-]+=*")
WEB_TOKEN = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
API_KEY = re.compile(r"\b(?:mwk_|[sr]k_(?:test|live)_|whsec_|rzp_(?:test|live)_|FLWSECK(?:_TEST)?-)[\w-]+")
IN_PATH = re.compile(r"(/webhook/payment/[a-z]+/|/sandbox/pay/)[\w-]+")  # addresses that only a provider or payer knows
IN_ADDRESS = re.compile(r"(?i)([?&](?:[\w-]*token|key|code|state|secret|password)=)[^&\s\"']+")
URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^/\s@]+@")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Hide values of secret-named keys, and e-mail addresses, phone numbers, bearer tokens in text."""
    return {key: "[hidden]" if SECRET_KEYS.search(key) else _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, BaseException):
        return _clean_text(repr(value))
    if isinstance(value, int) and value in PHONE_NUMBER:
        return "[phone]"
    if isinstance(value, Mapping):
        return {key: "[hidden]" if SECRET_KEYS.search(str(key)) else _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner) for inner in value]
    return value


def _clean_text(text: str) -> str:
    text = IN_ADDRESS.sub(r"\1[hidden]", URL_PASSWORD.sub(r"\1[hidden]@", IN_PATH.sub(r"\1[hidden]", text)))
    text = API_KEY.sub("[key]", WEB_TOKEN.sub("[token]", BEARER.sub("[bearer]", text)))
    return PHONE.sub("[phone]", EMAIL.sub("[email]", text))


def configure(*, level: str, json: bool) -> None:
    """Set up logging for this process, standard-library loggers included."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "sentence_transformers", "urllib3", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
