"""The payment provider in the house: charges in play money, decided by hand on the page `/sandbox/pay/{token}`.

It keeps to what real providers do: a charge is begun once per key, its end is told by a signed callback and can be
asked for, what timed out may still be paid late, and refunds never exceed what was paid. Only test accounts use it.
"""
