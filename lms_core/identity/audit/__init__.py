"""The audit log: who did what to whom, from where, when. Entries are only ever added.

Details hold no secret: a value under a secret's name is refused as a programming error.
"""
