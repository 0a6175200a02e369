"""The vector index: which chunks come near a question, by meaning and by words.

Holds ids, a dense and a sparse vector and the payload that filters need;
texts and finer vectors stand in SQL. One index holds one embedding space.
"""

from rag.index.opening import open_index
from rag.index.ports import Filter, IndexLocked, Matches, Point, SpaceMismatch, VectorIndex

__all__ = ["Filter", "IndexLocked", "Matches", "Point", "SpaceMismatch", "VectorIndex", "open_index"]
