"""Logging in: sessions, access tokens for programs, cookies for pages.

A session is one login of one person on one device. A page holds it by a random
cookie; a program by a chain of refresh tokens, each good for one use, and by
access tokens of some minutes. Invariants: cookies and refresh tokens are kept
only as hashes; a used refresh token that comes again ends its session at once
(RFC 9700, 4.14.2), with no grace for a double submit, since a thief's use and
an impatient client's look the same; every request asks the database whether
the session still stands, so logging out and closing an account work at once.

This slice reads the tables of `accounts` and `access` in one join: it runs on
every request.
"""
