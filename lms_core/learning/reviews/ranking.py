"""From stars to a place in a list. Pure arithmetic.

The Bayesian mean (P + sum of stars) / (W + number of ratings): every course begins with W imaginary ratings of P stars
in sum, and its own outweigh them as they come in. It is the "weighted rating" that IMDb publishes for its Top 250, with
the prior fixed here instead of taken from the whole catalogue, so that a rating moves one course and no other. With ten
imaginary ratings of 3.5 stars, one five-star rating makes 3.64, and a hundred ratings of 4.5 stars make 4.41.
"""

from collections.abc import Sequence

PRIOR_RATINGS = 10
PRIOR_MEAN = 3.5
THOUSANDTHS = 1000


def rank(*, count: int, total: int) -> int:
    """The Bayesian mean of `count` ratings that sum to `total` stars, in thousandths of a star: 1000 to 5000."""
    return round(THOUSANDTHS * (PRIOR_RATINGS * PRIOR_MEAN + total) / (PRIOR_RATINGS + count))


def shares(counts: Sequence[int]) -> list[int]:
    """Each count as a whole percentage of all, in order; zeros when there is none."""
    total = sum(counts)
    return [round(100 * each / total) if total else 0 for each in counts]
