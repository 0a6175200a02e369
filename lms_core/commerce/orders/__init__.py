"""Orders: carts, orders with frozen prices, gifts, and what an order opens for whom.

Invariants: what an order asks for never changes after it was placed; its lines add up to it. An order is paid once,
whatever is told twice, and paid late is paid. What it gave is written down as grants; when its money goes back, what
it gave and nothing else gave is taken away, where the product says so. No more goes back than was paid.
"""
