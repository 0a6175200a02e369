"""Turning lesson passages and questions into vectors with one embedding model.

`load` finds and verifies a model's files and returns an `Embedder`. Vectors of
two embedders may be compared only when their `space` is equal.
"""

from rag.embeddings.embedder import Embedder, load
from rag.embeddings.weights import ModelMissing

__all__ = ["Embedder", "ModelMissing", "load"]
