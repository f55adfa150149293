"""One budget of error for a champion's tenure: each month's look and each attempt spends of it.

By Bonferroni over what was spent, the chance that an act was false is at most the budget (alpha
spending: Lan and DeMets 1983). Looks go on as long as a tenure does; they spend half of the budget
at most, or after some years no challenger could be better any more, however much it were.
"""


def attempt_level(budget: float, look: float, looks: int, attempts: int, most: float) -> float:
    """The significance the next attempt is tested at; above 0 however many there were.

    `look`: what each of the `looks` has spent. Attempts before had half of what was left, and
    `most` at most, as this one has: together they never spend what looks have left.
    """
    left = budget - min(look * looks, budget / 2)
    for _ in range(attempts):
        left -= min(most, left / 2)
    return min(most, left / 2)
