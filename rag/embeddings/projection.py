"""Shortening token vectors: a fixed orthonormal projection to `TOKEN_DIM` dimensions, kept in 8 bits."""

from pathlib import Path

import numpy as np

from rag.schemas import FloatArray, Int8Array

TOKEN_DIM = 128
_BASIS_FILE = Path(__file__).with_name("token_basis.npz")


def basis(model: str, dim: int) -> tuple[FloatArray, str]:
    """The projection (dim, TOKEN_DIM) for `model` and its name for the space.

    A model without a measured basis (see benchmarks/token_basis.py) gets a
    seeded random orthonormal one, which keeps inner products in expectation
    (Johnson-Lindenstrauss).
    """
    if _BASIS_FILE.is_file():
        with np.load(_BASIS_FILE) as stored:
            if str(stored["model"]) == model and stored["basis"].shape == (dim, TOKEN_DIM):
                return stored["basis"].astype(np.float32), "pca1"
    random = np.random.default_rng(20240229).standard_normal((dim, min(dim, TOKEN_DIM)))
    return np.linalg.qr(random)[0].astype(np.float32), "random1"


def unit(vectors: FloatArray) -> FloatArray:
    """Rows (or the one vector) scaled to length 1; zeros stay zeros."""
    scaled: FloatArray = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return scaled


def quantised(vectors: FloatArray) -> Int8Array:
    """Unit vectors as int8, scaled by 127."""
    return np.rint(vectors * 127).astype(np.int8)
