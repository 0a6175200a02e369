"""The embedding model of this process: loaded when first needed, then kept."""

import threading
from pathlib import Path

from rag.embeddings import Embedder, load


class EmbedderProvider:
    """Loads the model once, whoever asks first."""

    def __init__(self, *, model: str, models_dir: Path | None, threads: int | None) -> None:
        self._model, self._models_dir, self._threads = model, models_dir, threads
        self._embedder: Embedder | None = None
        self._lock = threading.Lock()

    def get(self) -> Embedder:
        """The loaded model."""
        with self._lock:
            if self._embedder is None:
                self._embedder = load(self._model, models_dir=self._models_dir, threads=self._threads)
            return self._embedder
