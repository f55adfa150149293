"""A share of counted rows with its exact interval."""

from scipy import special

from creditrisk.metrics.estimates import Proportion

Z_95 = 1.959964  # two-sided 95 % of the normal distribution


def clopper_pearson(count: int, total: int) -> Proportion:
    """Exact 95 % binomial interval (Clopper and Pearson 1934); 0 of 0 gives no value and [0, 1]."""
    lower, upper = exact_bounds(count, total)
    return Proportion(count / total if total else None, lower, upper, count, total)


def exact_bounds(count: float, total: float, level: float = 0.95) -> tuple[float, float]:
    """The same interval of counts that need not be whole: dependent rows are worth fewer."""
    require_level(level)
    if not 0 <= count <= total:
        raise ValueError(f"count must lie between 0 and total; got {count} of {total}")
    tail = (1 - level) / 2
    lower = float(special.betaincinv(count, total - count + 1, tail)) if count else 0.0
    upper = float(special.betainccinv(count + 1, total - count, tail)) if count < total else 1.0
    return lower, upper


def binomial_tail(count: float, total: float, rate: float, *, upper: bool) -> float:
    """P(at least `count`) where `upper`, else P(at most), of `total` rows at a rate.

    By the incomplete beta function, so that counts need not be whole.
    """
    if upper:
        return float(special.betainc(count, total - count + 1, rate)) if count else 1.0
    return float(special.betaincc(count + 1, total - count, rate)) if count < total else 1.0


def require_level(level: float) -> None:
    """ValueError unless a confidence level lies strictly between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1; got {level}")
