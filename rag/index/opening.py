"""Opening an index by kind and location: the one place that knows both adapters."""

from pathlib import Path
from typing import Literal

from rag.index.edge import EdgeIndex
from rag.index.ports import VectorIndex
from rag.index.server import ServerIndex


def open_index(
    kind: Literal["edge", "server"], location: str | Path, space: str, *, api_key: str | None = None
) -> VectorIndex:
    """The index of `space` at `location`: a folder for edge; a URL, or ":memory:", for server.

    To re-index with another model, open the same location with the new space,
    fill it while the old one serves, use the new one, then `drop` the old.
    Raises IndexLocked when another process owns the folder.
    """
    if kind == "edge":
        return EdgeIndex(Path(location), space)
    return ServerIndex(str(location), space, api_key=api_key)
