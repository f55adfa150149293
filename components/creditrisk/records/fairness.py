"""How groups of applicants fared, as a version's card and its validation have it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from creditrisk.metrics.estimates import OE, AucEstimate, Proportion
from creditrisk.records.document import Part

Signal = Literal["green", "amber", "red", "insufficient"]
_MILDEST_FIRST: tuple[Signal, ...] = ("insufficient", "green", "amber", "red")


@dataclass(frozen=True)
class Interval:
    """A group against the one with the highest approval rate: `value` with its 95% interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class GroupFairness:
    """One group of one column. `approved`: PD of at most the cut-off. The group with the highest
    approval rate has no ratio. Every interval and p counts loans of one customer as what they
    are worth.

    `approval_ratio`: its approval rate over the highest (interval on the log scale, Katz), Fisher's
    exact `p_value` times the pairs of groups (Bonferroni: which is the highest was found on the
    same rows); `difference`: of mean PD, in pooled standard deviations. AUC and O/E need enough
    bads.
    """

    group: str
    rows: int
    bads: int
    approved: Proportion
    auc: AucEstimate | None
    oe: OE | None
    approval_ratio: Interval | None
    p_value: float | None
    difference: Interval | None
    signal: Signal


class Fairness(Part):
    """The groups of one column, largest first; `lowest_ratio` over groups of enough rows."""

    feature: str
    text: str
    protected: bool
    groups: tuple[GroupFairness, ...]
    lowest_ratio: float | None
    derived: ClassVar = ("signal",)

    @property
    def signal(self) -> Signal:
        """The strongest signal of any group."""
        return max((group.signal for group in self.groups), key=_MILDEST_FIRST.index)
