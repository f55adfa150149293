"""What statistics find, as numbers: what measures them stands in the modules named after it.

Documents hold these; whoever reads one waits for no array and no distribution.
"""

from dataclasses import dataclass

Z_95 = 1.959963984540054  # two-sided 95% of the normal distribution


@dataclass(frozen=True)
class AucEstimate:
    """AUC with its DeLong standard error (never 0) and interval, clipped to 0 and 1."""

    auc: float
    se: float
    lower: float
    upper: float
    bads: int
    goods: int


@dataclass(frozen=True)
class PairedAuc:
    """Two scores on the same rows; `difference` = a - b, `p_superior` tests H1: a ranks better."""

    auc_a: float
    auc_b: float
    difference: float
    se: float
    lower: float
    upper: float
    p_superior: float


@dataclass(frozen=True)
class OE:
    """Observed over expected defaults; `p_value` is two-sided, H0: the ratio is 1."""

    ratio: float
    lower: float
    upper: float
    observed: int
    expected: float
    rows: int
    p_value: float


@dataclass(frozen=True)
class JeffreysGrade:
    """`p_value` is small where the PD is too low, `p_conservative` where it is too high.

    `adjusted` is the p-value after Holm over the grades that have rows.
    """

    defaults: int
    rows: int
    pd: float
    p_value: float
    adjusted: float
    p_conservative: float


@dataclass(frozen=True)
class Proportion:
    """`count` of `total` rows; `value` is None where there is no row to take a share of."""

    value: float | None
    lower: float
    upper: float
    count: int
    total: int


def auc_estimate(area: float, se: float, bads: int, goods: int) -> AucEstimate:
    """With the normal interval."""
    margin = Z_95 * se
    return AucEstimate(area, se, max(0.0, area - margin), min(1.0, area + margin), bads, goods)
