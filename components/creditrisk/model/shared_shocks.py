"""What the cohorts known so far say of the next: how far they differ, and around which level."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from creditrisk.metrics.between_cohorts import (
    NO_SHOCKS,
    Deviation,
    Excess,
    Level,
    Prior,
    estimate_shocks,
    excess,
    level_of,
)
from creditrisk.metrics.between_cohorts import Shocks as Estimate
from creditrisk.metrics.calibration import MeasuredOE, observed_expected
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.estimates import AucEstimate, auc_estimate
from creditrisk.metrics.level_change import LevelChange, level_change
from creditrisk.metrics.ranking import promised_auc
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.policy import Shocks
from creditrisk.records.measured_window import KnownCohort

Part = Literal["train", "validation", "window", "monitored"]


@dataclass(frozen=True)
class SharedShocks:
    """Shocks of level and rank, the level PDs have shown, and the cohorts the AUC reference spans.

    Tests of a pool of `cohorts` neighbouring cohorts carry them.
    """

    level: Level
    of_level: Estimate
    of_rank: Estimate
    windows: int

    def beyond_level(self, deviation: Deviation, cohorts: int) -> Excess:
        """Outcomes of a pool against the level of the PDs on validation and window cohorts."""
        return excess(deviation, cohorts, self.level, self.of_level)

    def below_rank(self, loss: float, now: float, reference: float, cohorts: int) -> Excess:
        """A loss of AUC against the windows, with the errors of chance in both."""
        level = Level(0.0, reference**2, self.windows)
        return excess(Deviation(loss, now**2), cohorts, level, self.of_rank)

    def below_floor(self, gap: float, now: float, cohorts: int) -> Excess:
        """An AUC below a limit that is no estimate."""
        return excess(Deviation(gap, now**2), cohorts, Level(0.0, 0.0, 0), self.of_rank)

    def carried(self, auc: AucEstimate, cohorts: int) -> AucEstimate:
        """An AUC of some cohorts whose error spans what cohorts differ by."""
        se = math.sqrt(auc.se**2 + self.of_rank.of_mean(cohorts))
        return auc_estimate(auc.auc, se, auc.bads, auc.goods)


def shared_shocks(
    development: Sequence[KnownCohort],
    monitored: Sequence[KnownCohort],
    limits: Shocks,
    *,
    ranked: Sequence[KnownCohort] | None = None,
    own_level: bool = True,
    refitted: bool = False,
) -> SharedShocks:
    """Of a version's development cohorts and those monitored since, less any that are judged.

    `ranked`: those monitored that tell of rank, where they are not the same.
    `own_level`: its train cohorts show the level it was calibrated to; a recalibration's do not.
    `refitted`: `development` is of the parent's PDs. A refit's expect what all these cohorts
    showed, so that is its level, and not how far the windows lay from the parent's.
    Monitored cohorts have a level of their own, so that a change is not taken for shocks.
    """
    learnt = [one for one in development if one.part != "train"]
    train = [one for one in development if one.part == "train"]
    windows = [one for one in development if one.part == "window"]
    first = [[*train, *learnt]] if own_level else [train, learnt]
    cyclical = limits.stance == "through_the_cycle"
    of_level = Prior(limits.level_sd, limits.prior_cohorts)
    of_rank = Prior(limits.auc_sd, limits.auc_prior_cohorts)
    levels = [[_level(one) for one in group] for group in (*first, monitored)]
    ranks = [_ranks(windows), _ranks(monitored if ranked is None else ranked)]
    level = level_of([_level(one) for one in learnt or train])
    if refitted and development:
        level = replace(level_of([_level(one) for one in development]), centre=0.0)
    return SharedShocks(
        level=level,
        of_level=estimate_shocks(levels, of_level) if cyclical else NO_SHOCKS,
        of_rank=estimate_shocks(ranks, of_rank) if cyclical else NO_SHOCKS,
        windows=max(1, len(windows)),
    )


def change_since(
    development: Sequence[KnownCohort],
    monitored: Sequence[KnownCohort],
    limits: Shocks,
    *,
    own_level: bool = True,
    refitted: bool = False,
) -> LevelChange | None:
    """Whether the level has changed in the cohorts monitored under a version, all of them.

    `own_level` and `refitted` as `shared_shocks` takes them. None where a shock is a fault, and
    where no two cohorts of its development are known: the prior is all there is of the level.
    """
    if limits.stance != "through_the_cycle" or len(development) < 2:
        return None
    train, learnt = (
        [_level(one) for one in development if (one.part == "train") is within]
        for within in (True, False)
    )
    if own_level or not learnt:
        train, learnt = [], [*train, *learnt]
    if refitted:
        centre = level_of(learnt).centre
        learnt = [Deviation(one.value - centre, one.variance) for one in learnt]
    return level_change(train, learnt, [_level(one) for one in monitored], limits.level_sd)


def known_cohort(
    cohort: date, part: Part, ratio: MeasuredOE, auc: AucEstimate | None, promised: float | None
) -> KnownCohort:
    """A cohort's deviations; those of rank where there is an AUC out of sample."""
    level = ratio.deviation
    known = KnownCohort(cohort=cohort, part=part, level=level.value, level_variance=level.variance)
    if auc is None or promised is None or part == "train":
        return known
    return known.replace(rank=auc.auc - promised, rank_variance=auc.se**2)


def known_cohorts(
    cohorts: ArrayLike, customers: ArrayLike, bad: IntArray, pds: FloatArray, part: Part
) -> tuple[KnownCohort, ...]:
    """Each cohort of rows with outcomes, oldest first; one whose PDs promise nothing is left out.

    `cohorts` (dates) and `customers` (ids), outcomes and PDs have shape (rows,).
    """
    months, ids = np.asarray(cohorts), np.asarray(customers)
    found = (
        _measured(month, ids[rows], bad[rows], pds[rows], part)
        for month in sorted(set(months.tolist()))
        if (rows := months == month).any()
    )
    return tuple(one for one in found if one)


def _measured(
    month: date, customers: NDArray[np.object_], bad: IntArray, pds: FloatArray, part: Part
) -> KnownCohort | None:
    cluster = clusters(customers)
    if not ((pds > 0) & (pds < 1)).any():
        return None
    both = 0 < bad.sum() < len(bad)
    auc = delong(bad, pds, cluster=cluster) if both else None
    ratio = observed_expected(bad, pds, cluster=cluster)
    return known_cohort(month, part, ratio, auc, promised_auc(pds))


def _level(one: KnownCohort) -> Deviation:
    return Deviation(one.level, one.level_variance)


def _ranks(known: Iterable[KnownCohort]) -> list[Deviation]:
    return [
        Deviation(one.rank, one.rank_variance)
        for one in known
        if one.rank is not None and one.rank_variance is not None
    ]
