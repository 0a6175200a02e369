"""Reviews: what learners thought of a course, in stars and words, and what its staff answers.

Invariants: one review a person and course, by who completed at least a lesson of it; what an administrator hid counts
nowhere; the sums on the course and its histogram are made anew from the reviews in the transaction of every change, one
writer of a course at a time.
"""
