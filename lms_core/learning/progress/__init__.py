"""Progress: what each learner opened and completed, and where to go on.

A lesson counts once whatever language it is read in: progress on a translation
is progress on its original. A course is complete when each of its published
lessons is. Invariant: one row per person and lesson.
"""
