"""Privacy: what is stored about somebody, for how long, and how it goes.

Invariants: pictures and faces leave when their time is over, unless a dispute is
open; a verdict stays; whoever is recorded can see what is stored and ask for
its deletion; forgetting a person leaves no row and no byte of theirs in
proctoring, and what the audit log keeps names the act and not its content.
"""
