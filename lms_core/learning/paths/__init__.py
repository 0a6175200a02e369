"""Learning paths: courses in an order, taken together.

Invariants: a course stands once in a path; a published path has a course; somebody is in a path once. Being in a path
and being in its courses are two things: joining the path joins its open courses (in a sequential one each when its
turn comes), leaving it leaves none.

What counts towards completing a path are its required courses that somebody can take: published ones, and those they
are in. A sequential path holds back a course for who follows it, by not joining it yet. It writes no rule into the
course, since a course's own rules (`release`) hold for everybody in it, whatever way they came.
"""
