"""The vector index of this process: opened when first needed, then kept.

Which space it serves comes from the embedder, so a changed model opens a new
space beside the old one instead of mixing them.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from rag.embeddings import Embedder
from rag.index.ports import VectorIndex

Open = Callable[[str, int], VectorIndex]  # space, dimensions of the dense vectors


class IndexProvider:
    """Opens the index once, whoever asks first."""

    def __init__(self, open_index: Open, check: Callable[[], None]) -> None:
        self._open, self._check = open_index, check
        self._index: VectorIndex | None = None
        self._lock = threading.Lock()

    @classmethod
    def edge(cls, folder: Path) -> "IndexProvider":
        """Qdrant Edge in this process, in `folder`."""

        def open_edge(space: str, dim: int) -> VectorIndex:
            from rag.index.edge import EdgeIndex  # its native library loads on first use

            return EdgeIndex.open(folder, space=space, dim=dim)

        return cls(open_edge, lambda: None)

    @classmethod
    def server(cls, url: str, *, api_key: str) -> "IndexProvider":
        """A Qdrant server."""

        def open_server(space: str, dim: int) -> VectorIndex:
            from rag.index.server import ServerIndex  # the client loads on first use

            return ServerIndex.connect(url, api_key=api_key, space=space, dim=dim)

        def check() -> None:
            from rag.index.server import ping

            ping(url, api_key=api_key)

        return cls(open_server, check)

    def get(self, embedder: Embedder) -> VectorIndex:
        """The index in the embedder's space."""
        with self._lock:
            if self._index is None:
                self._index = self._open(embedder.space, embedder.dim)
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
