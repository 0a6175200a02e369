"""Moodle's course backups (.mbz, Moodle 2 and later): sections, activities with a text, quizzes with their questions.

People and what they did are never read. Shapes: backup/moodle2 and mod/*/backup/moodle2 in Moodle's source.
"""

from ingestion.sources.packages.moodle.backup import convert

__all__ = ["convert"]
