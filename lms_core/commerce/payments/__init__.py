"""Payments: money moved through a provider for a purpose it is told.

An intent says what is to be paid; a payment is one attempt at it. Invariants: an intent is settled once, whatever is
paid twice goes aside; a payment settles only when amount, currency, reference and mode are what was asked for; nothing
leads from paid back to failed; what may have moved money is asked about and never sent again; no transaction is open
while a provider is spoken to; refunds never exceed what was paid; every movement is in the ledger once.
"""
