"""Answers that an instructor stands behind: written, edited or approved, and served first.

A question meets an entry by meaning: the cosine of the two questions, in one
embedding space, has to reach a threshold that a test guards.
"""

from rag.faq.schemas import FaqAnswer

__all__ = ["FaqAnswer"]
