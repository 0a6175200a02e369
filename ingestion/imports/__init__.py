"""Imports: files put on the page or named on the command line, until they are lessons that answer.

The files are kept in storage until the import ends, so any worker can read
them and a retry needs no second upload. Reading and storing is one job;
indexing is one job a lesson, started by the lesson's own events. An import is
done when every lesson it touched answers with its present text.
"""
