"""Challenges: a login, or the proof of a device, that has begun and waits for its second half.

Invariants: a challenge is known outside by a random token that is kept only as a
hash; it is good for some minutes, for one purpose, and once; it ends after a few
wrong tries.
"""
