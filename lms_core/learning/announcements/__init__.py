"""Announcements: what a course's staff tell everybody in it, or one cohort.

Invariants: nobody reads one before it is sent, nor one of a cohort they are not in; once sent it keeps its readers, and
a change of its words is shown as one; everybody who is in the course when it is sent is told once, in batches by a job.
"""
