"""What retrieval knows of human languages.

Owns language detection, terms (tokens, stop lists, stems), the stable term
ids of the sparse index, and the word-by-word rendering of Swahili questions
in English. Plain rules and word lists: no model, no network, no state beyond
caches of pure functions.
"""

from rag.retrieval.languages.detection import detect, latin_script
from rag.retrieval.languages.sparse import sparse_document
from rag.retrieval.languages.terms import course_words, term_id, terms

__all__ = ["course_words", "detect", "latin_script", "sparse_document", "term_id", "terms"]
