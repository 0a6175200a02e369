"""Assignments: work that learners hand in and people mark.

An assignment belongs to a course. Whoever owes it, a learner or a group of
them, writes a *draft* and submits it; each submission is an attempt with a
number and never changes again, the latest of an owner is the *current* one.
A mark is prepared by an instructor, by points or by a marking scheme (a rubric
or a marking guide), and is nobody else's business until it is *released*.

Invariants: attempts of an owner are numbered 1, 2, 3 ..., at most one is a
draft and at most one current; drafts are read by their owners alone; points
lie between 0 and the assignment's; a penalty for lateness is computed
(`penalties`), never typed; a scheme somebody was marked by does not change;
reviewers and reviewed never learn each other's names; similarity is a hint to
instructors with both passages, never a verdict.
"""
