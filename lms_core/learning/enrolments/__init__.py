"""Enrolments: who learns in which course, and with it whose lessons they are (when they open is `release`'s).

Invariants: one row per person and course; leaving keeps the row (and the
progress), enrolling again revives it. Lessons are read by the enrolled and by
the course's editors; for everybody else they do not exist.
"""
