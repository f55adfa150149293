"""One budget of error for a champion's tenure: each month's look and each attempt spends of it.

By Bonferroni over what was spent, the chance that an act of the tenure was false is at most the
budget, however many looks and attempts there are (alpha spending: Lan and DeMets 1983).
"""


def attempt_level(budget: float, look: float, months: int, attempts: int, most: float) -> float:
    """The significance the next attempt is tested at; 0 when nothing is left.

    `look`: what each of `months` looks has spent. Attempts before had half of what was left, and
    `most` at most, as this one has.
    """
    left = budget - look * months
    for _ in range(attempts):
        left -= max(0.0, min(most, left / 2))
    return max(0.0, min(most, left / 2))
