"""Certificates: that a person completed a course, on signed paper and as a signed credential, for anyone to check.

A certificate is issued by rule when a course is completed, by hand, or in bulk.
It names what was true that day (name, title, dates) and keeps it. Its `code` is
unguessable and is the address under which it is shared. A job renders the PDF
(`paper`), signs it and the Open Badges credential (`proof`). Nothing issued is
ever changed: it is revoked with a reason, expires, or is renewed as a new one.

Invariants: one certificate per person, course and `sequence`; at most one of
them in force; private keys are stored encrypted; retired public keys are kept.
"""
