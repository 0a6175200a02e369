"""The second factor: a code of an authenticator application, recovery codes, devices trusted for a month.

Invariants: a shared secret is kept sealed, never in clear; a code is accepted once, and none of an earlier time
step after it; recovery codes are kept as hashes and work once; a trusted device is known by a random token that
is kept as a hash. A person whose device is confirmed cannot log in with a password alone.
"""
