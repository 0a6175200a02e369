"""The BM25 side of the index: saturated term weights of a passage, ready for a dot product."""

from collections import Counter

import numpy as np

from rag.retrieval.languages.terms import term_id, terms
from rag.retrieval.weights import BM25_AVERAGE_TERMS, BM25_B, BM25_K1
from rag.schemas import SparseVector


def sparse_document(text: str, language: str, prefix: str = "") -> SparseVector:
    """BM25 term-frequency weights of a passage; idf is applied on the question's side.

    The average length is a constant, so one passage's weights never depend on
    the others and an edit touches one point (Robertson and Zaragoza 2009, eq. 3.15).
    """
    counts = Counter(term_id(term) for term in terms(f"{prefix}\n{text}", language))
    length = sum(counts.values())
    ids = np.array(sorted(counts), dtype=np.uint32)
    frequency = np.array([counts[int(key)] for key in ids], dtype=np.float32)
    saturation = BM25_K1 * (1 - BM25_B + BM25_B * length / BM25_AVERAGE_TERMS)
    weights = (frequency * (BM25_K1 + 1) / (frequency + saturation)).astype(np.float32)
    return SparseVector(ids, weights)
