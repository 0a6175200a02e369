"""Conversations: questions, their answers as server-side jobs, citations, feedback."""
