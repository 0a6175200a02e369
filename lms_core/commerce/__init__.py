"""Commerce: what is sold, who paid, and where every shilling stands.

`ledger < payments < products < orders < documents | revenue | subscriptions` (right may import left). Money is integer
minor units with a currency (`kit/money`); every movement of it is a balanced transaction of the ledger.
"""
