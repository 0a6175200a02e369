"""Gradebook: what every learner of a course got for everything that is marked, and what it comes to.

A course has *columns* (`GradeItem`): one per published quiz, made by itself, and
those an instructor adds by hand. Columns stand in categories, nested one level.
A learner has at most one `Grade` per column. Sources (`sources`) feed it; people
override it with a reason, excuse, lock, and comment. The course total is never
stored: `totals.course_total` works it out from grades, columns and categories,
for one learner, for all of them, and for a learner's what-if alike.

Invariants: a grade is a fraction of its column's points, from 0 to 1; what a
source says can always be read again (`rebuild`), so a grade never differs from it
but by a lock or an override; every change by anybody stands in the history;
learners see their own grades in visible columns whose results may be told.
"""
