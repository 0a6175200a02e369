"""Ledger: where every shilling stands, in double entries.

Invariants: the entries of a transaction add up to zero in each of its currencies; nothing that was written is ever
changed or deleted (triggers refuse it on both databases), so a mistake is put right by another transaction; a key
names one transaction of an institution, whoever repeats it. What an account holds is the sum of its entries and is
stored nowhere else. The ledger knows nobody who writes in it: `kind`, `subject` and `owner` are words of theirs.

docs/ledger.md has the accounts and the posting rules.
"""
