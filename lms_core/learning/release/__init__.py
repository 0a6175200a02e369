"""Release: what a learner may open now, why not the rest, and when a lesson counts as done.

It owns *rules* (by date, after days, after a lesson, module, course or score, for a cohort), *cohorts* with dates of
their own, *completion rules*, and *milestones*: what a person reached, written down here by the slices above in the
transaction in which it was reached. So everything is decided from this slice's own rows and the course's outline.

Invariants: `access_lesson` is the one way for a person to a lesson's content; whoever edits the course passes every
lock; more milestones never lock more; no set of rules is kept in which a lesson waits for itself; a person is in one
cohort of a course at most; a course without rules costs its readers no statement.
"""
