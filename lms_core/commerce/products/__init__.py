"""Products: what is sold, its prices, taxes, coupons and affiliates.

Invariants: a thing (a course, a path, a plan) is sold by one product of each kind. A price is never edited: a new one
ends the one before, so what somebody was shown can always be told again. A coupon is never used more often than it
allows, whoever asks at the same moment. Rates of tax are not edited either; lines of orders keep the rate they had.
"""
