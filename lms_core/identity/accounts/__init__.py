"""Accounts: one person in one institution, known by an e-mail address.

Invariants: `email_key` is unique per institution; a password is kept only as
an argon2id hash; a link sent by mail is kept only as a hash, works once, and
expires. Which roles a person holds is `access`; how they log in is `auth`.
"""
