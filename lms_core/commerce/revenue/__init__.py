"""Revenue: what instructors and affiliates earn of what was sold, and how it is paid out to them.

A share is basis points of a line's price without tax, after its discount. It is never edited, only ended and replaced,
so that every earning can be told from the share of its day. An earning is held for some days (`RevenueSettings`), in
which most refunds come; a refund takes back the same part of the earning as went back of the line, whether or not it
was paid out: what was paid too much is kept from the next payout.

What is due goes out in batches: draft, waiting, approved, sending, done. Above a limit two different people approve.
Approving moves money in the ledger from what people earned to what is on its way.

Invariants: an earning stands in one payout at most, and so does a refund of it; the sum of a payout's earnings is its
amount, which is positive; a payout that fails gives its earnings back for the next batch; nothing that is approved can
be changed.
"""
