"""The line to a chat model: builds it through LangChain and reads its stream under time limits."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from lms_core.kit.errors import Unavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_POLL_SECONDS = 0.05


class ChatModelUnavailable(Unavailable):
    """The chat model named in the settings cannot be used as things are."""

    code: ClassVar[str] = "chat_model_unavailable"
    title: ClassVar[str] = "The chat model is not available"


class StreamFailed(Exception):
    """The provider's stream ended badly. `code` is one of the `provider_*` notes."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ChatModelSettings:
    """Which model, and how long it may take. `model` is LangChain's `provider:model`; times are in seconds."""

    model: str
    base_url: str | None = None
    api_key: str | None = None
    first_token_seconds: float = 20.0
    total_seconds: float = 60.0
    rewrite_seconds: float = 5.0
    max_tokens: int = 700
    max_passages: int = 6


def connect(settings: ChatModelSettings) -> "BaseChatModel":
    """The LangChain model. Raises `ChatModelUnavailable` naming the missing package or the wrong setting."""
    # LangChain takes a second to import; only an installation with a chat model pays for it.
    from langchain.chat_models import init_chat_model

    provider, colon, name = settings.model.partition(":")
    if not colon or not provider or not name:
        raise ChatModelUnavailable(
            f"MWALIMU_CHAT_MODEL is {settings.model!r}, which does not name a provider. "
            "Write it as provider:model, for example openai:gpt-4o-mini or ollama:llama3.2."
        )
    options: dict[str, Any] = {"temperature": 0, "max_tokens": settings.max_tokens}
    if provider == "openai":
        options |= {"max_retries": 0, "timeout": settings.total_seconds}
    if settings.base_url:
        options["base_url"] = settings.base_url
    if settings.api_key or (settings.base_url and provider == "openai"):
        # A local OpenAI-compatible server wants some key, and does not read it.
        options["api_key"] = settings.api_key or "unused"
    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **options)
    except ImportError as error:
        package = _pip_package(str(error)) or f"langchain-{provider.replace('_', '-')}"
        raise ChatModelUnavailable(
            f"The chat model {settings.model!r} needs the Python package {package}, which is not installed. "
            f"Install it with: pip install {package}"
        ) from error
    except Exception as error:
        raise ChatModelUnavailable(
            f"The chat model {settings.model!r} could not be set up: {_short(error)} "
            "Check MWALIMU_CHAT_MODEL, its address and its key."
        ) from error
    return model


def stream_text(
    model: "BaseChatModel",
    messages: Sequence[tuple[str, str]],
    *,
    first_token_seconds: float,
    total_seconds: float,
    stop: Callable[[], bool],
) -> Iterator[str]:
    """Yield the model's text as it arrives; returns early when `stop` says so. Raises `StreamFailed`.

    The provider is read on a thread of its own, so that silence can be told from patience.
    """
    arrived: queue.SimpleQueue[str | BaseException | None] = queue.SimpleQueue()
    abandoned = threading.Event()
    reader = threading.Thread(
        target=_read, args=(model, list(messages), arrived, abandoned), name="chat-model-stream", daemon=True
    )
    started = time.monotonic()
    first_deadline, deadline = started + first_token_seconds, started + total_seconds
    waiting_for_first = True
    reader.start()
    try:
        while not stop():
            limit = min(first_deadline, deadline) if waiting_for_first else deadline
            remaining = limit - time.monotonic()
            if remaining <= 0:
                raise StreamFailed("provider_timeout", _too_slow(waiting_for_first, first_token_seconds, total_seconds))
            try:
                item = arrived.get(timeout=min(_POLL_SECONDS, remaining))
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise _failure(item, waiting_for_first=waiting_for_first) from item
            waiting_for_first = waiting_for_first and not item
            yield item
    finally:
        abandoned.set()


def complete_text(model: "BaseChatModel", message: str, *, seconds: float) -> str:
    """The whole reply to one message. Raises `StreamFailed`."""
    pieces = stream_text(
        model, [("human", message)], first_token_seconds=seconds, total_seconds=seconds, stop=lambda: False
    )
    return "".join(pieces)


def _read(
    model: "BaseChatModel",
    messages: list[tuple[str, str]],
    arrived: "queue.SimpleQueue[str | BaseException | None]",
    abandoned: threading.Event,
) -> None:
    try:
        for chunk in model.stream(messages):
            if abandoned.is_set():
                return
            # LangChain 1 calls it `text`; content may be a list of typed parts.
            text = str(chunk.text)
            if text:
                arrived.put(text)
        arrived.put(None)
    except BaseException as error:  # the reader's only way to tell the waiting side
        arrived.put(error)


def _failure(error: BaseException, *, waiting_for_first: bool) -> StreamFailed:
    status = getattr(error, "status_code", None)
    if status == 429:
        return StreamFailed("provider_busy", "The chat model refused the request because of its rate limit.")
    if isinstance(status, int):
        return StreamFailed("provider_error", f"The chat model's server answered with error {status}.")
    if "timeout" in type(error).__name__.lower():
        return StreamFailed("provider_timeout", "The chat model's server did not answer in time.")
    if not waiting_for_first:
        return StreamFailed("provider_broken_stream", "The chat model's stream broke off before it was complete.")
    return StreamFailed("provider_error", f"The chat model could not be used ({type(error).__name__}).")


def _too_slow(waiting_for_first: bool, first: float, total: float) -> str:
    if waiting_for_first and first <= total:
        return f"The chat model sent nothing within {first:g} seconds."
    return f"The chat model was not done within {total:g} seconds."


def _pip_package(message: str) -> str | None:
    _, found, rest = message.partition("pip install ")
    return rest.split("`")[0].strip().rstrip(".") or None if found else None


def _short(error: BaseException) -> str:
    first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
    return first_line[:200].rstrip(".") + "."
