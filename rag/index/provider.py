"""The vector index of this process: opened when first needed, then kept.

Which space it serves comes from the embedder, so a changed model opens a new
space beside the old one instead of mixing them.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import httpx

from rag.embeddings import Embedder
from rag.index.opening import open_index
from rag.index.ports import VectorIndex

Open = Callable[[str], VectorIndex]


class IndexProvider:
    """Opens the index once, whoever asks first."""

    def __init__(self, open_index: Open, check: Callable[[], None]) -> None:
        self._open, self._check = open_index, check
        self._index: VectorIndex | None = None
        self._lock = threading.Lock()

    @classmethod
    def edge(cls, folder: Path) -> "IndexProvider":
        """Qdrant Edge in this process, in `folder`."""
        return cls(lambda space: open_index("edge", folder, space), lambda: None)

    @classmethod
    def server(cls, url: str, *, api_key: str) -> "IndexProvider":
        """A Qdrant server."""

        def check() -> None:
            httpx.get(f"{url.rstrip('/')}/readyz", timeout=3).raise_for_status()

        return cls(lambda space: open_index("server", url, space, api_key=api_key or None), check)

    def get(self, embedder: Embedder) -> VectorIndex:
        """The index in the embedder's space."""
        with self._lock:
            if self._index is None:
                self._index = self._open(embedder.space)
                self._index.ensure(embedder.space, embedder.dim)
            return self._index

    def check(self) -> None:
        """Raise when the index does not answer."""
        self._check()

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None
