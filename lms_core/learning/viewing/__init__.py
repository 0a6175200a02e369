"""Viewing: which seconds of a lesson's video a learner really saw, and where to go on.

What counts is the union of stretches that were played: going over one again adds
nothing, skipping ahead adds nothing. Invariant: one row per person, lesson and
video; its intervals are ordered, apart, and inside the video.
"""
