"""Turns what a search found into an answer whose every sentence cites a lesson.

Owns the answerers (extractive, chat model), the prompts, the citation guard,
follow-up rewriting and the phrases of the interface. Invariants: a quote is
`chunk.text[start:end]`, character for character; a sentence without a citation
that holds never reaches the reader; lesson text is data, never an instruction.
"""
