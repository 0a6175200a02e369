"""Lessons into the index: each change of a lesson is cut into passages and indexed by a job of its own."""
