"""Which answerer this installation uses: made when first needed, then kept."""

import threading

from lms_core.kit.settings import Settings
from rag.answering.chat_model import ChatModelAnswerer
from rag.answering.extractive import ExtractiveAnswerer
from rag.answering.provider import ChatModelSettings
from rag.answering.schemas import Answerer

EXTRACTIVE = "extractive"


class AnswererChoice:
    """The answerer that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._answerer: Answerer | None = None
        self._lock = threading.Lock()

    def get(self) -> Answerer:
        """Extractive, or a chat model that falls back to it. ChatModelUnavailable when it cannot be set up."""
        with self._lock:
            if self._answerer is None:
                self._answerer = self._make()
            return self._answerer

    def _make(self) -> Answerer:
        chat = chat_settings(self._settings)
        return ExtractiveAnswerer() if chat is None else ChatModelAnswerer(chat, fallback=ExtractiveAnswerer())


def chat_settings(settings: Settings) -> ChatModelSettings | None:
    """The chat model that the settings name; None where answers are extractive."""
    if settings.chat_model == EXTRACTIVE:
        return None
    return ChatModelSettings(
        model=settings.chat_model,
        base_url=settings.chat_base_url or None,
        api_key=settings.chat_api_key.get_secret_value() or None,
        first_token_seconds=settings.chat_first_token_seconds,
        total_seconds=settings.chat_total_seconds,
    )
