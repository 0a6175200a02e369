"""Roles: who is learner, instructor or admin, in the institution or in one course.

Invariants: a person holds a role at most once per institution and per course;
an institution that has an administrator keeps at least one who can log in.
What a role allows is `kit.permissions`.
"""
