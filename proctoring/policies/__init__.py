"""Policies: what a supervised quiz watches, how often, for how long it keeps pictures, and who may review.

Invariants: a version is never changed and never deleted while its quiz lives, so
a session is judged by the rules it began under; a quiz with a policy is
supervised, one without is not; face recognition happens only under a policy
that asks for it, with a consent text that names it.
"""
