"""Chunking: a lesson's blocks to passages that fit the embedding model's window, losing nothing.

Cut by structure: sections, then blocks, then sentences. A passage's text is
verbatim page text; its headings travel in the prefix, which is embedded but never quoted.
"""

from ingestion.chunking.chunks import chunk

__all__ = ["chunk"]
