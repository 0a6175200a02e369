"""Subscriptions: plans, terms that are paid for, renewals, and what happens when one is not paid.

It consists of seats, of which one is its person's own and others are given away by letter, and of what was used beyond
its plan's allowances.

Invariants: a person has one living subscription at most; its state changes by `transitions` alone; a term is paid once,
whatever is paid for it again is kept as credit. Prices are never edited, only replaced, and a subscription keeps the
price it was made with. No seat is given twice, and a use counts once a key.
Courses are open exactly in the states of `transitions.OPEN`, by enrolments that carry the
subscription's own source, so that its end takes nothing away that came another way.
"""
