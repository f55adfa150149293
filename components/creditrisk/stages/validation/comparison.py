"""Challenger against champion on equal rows that neither was trained on."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from creditrisk.metrics.calibration import observed_expected, with_shocks
from creditrisk.metrics.design_effect import clusters, design_effect, independent, worth_text
from creditrisk.metrics.discrimination import paired_delong
from creditrisk.metrics.estimates import OE, PairedAuc
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.shared_shocks import SharedShocks
from creditrisk.policy import Policy
from creditrisk.records.measured_window import OeInterval
from creditrisk.records.validation import (
    BrierGain,
    Comparison,
    Gate,
    OeOfBoth,
    Outcome,
    PairedWindow,
)
from creditrisk.stages.validation.gate import ACROSS
from creditrisk.stages.validation.terms import RENEWAL, SCHEDULE


@dataclass(frozen=True, eq=False)
class PairedSample:
    """One window's rows: outcome, the PDs of both versions, and whose loans they are (ids).

    Without `customers` nobody has two.
    """

    window: str
    bad: IntArray
    challenger: FloatArray
    champion: FloatArray
    cohorts: int = 1
    customers: ArrayLike | None = None


def compare(
    champion: str,
    paired_samples: Sequence[PairedSample],
    policy: Policy,
    shocks: SharedShocks | None = None,
) -> Comparison:
    """Superiority, or non-inferiority with a tested gain in calibration.

    `shocks`: what the windows share, which no O/E takes for a fault of the PDs. Raises
    ValueError where a window, or all of them, hold one class only.
    """
    bad = np.concatenate([one.bad for one in paired_samples])
    new = np.concatenate([one.challenger for one in paired_samples])
    old = np.concatenate([one.champion for one in paired_samples])
    cluster = _cluster(paired_samples)
    pooled = paired_delong(bad, new, old, cluster)
    each = [
        paired_delong(one.bad, one.challenger, one.champion, _cluster([one]))
        for one in paired_samples
    ]
    brier = brier_gain(bad, new, old, cluster)
    cohorts = sum(one.cohorts for one in paired_samples)
    oe_new, oe_old = (_oe(bad, pds, cluster, shocks, cohorts) for pds in (new, old))
    gains = calibration_gains(brier, oe_new, oe_old, policy)
    return Comparison(
        champion=champion,
        rows=len(bad),
        bads=int(bad.sum()),
        pooled=pooled,
        windows=tuple(
            PairedWindow(name=one.window, **asdict(pair))
            for one, pair in zip(paired_samples, each, strict=True)
        ),
        brier=brier,
        oe=OeOfBoth(champion=OeInterval.of(oe_old), challenger=OeInterval.of(oe_new)),
        gains=gains,
        outcome=judge(pooled, each, gains, policy),
    )


def judge(
    pooled: PairedAuc, each: Sequence[PairedAuc], gains: Sequence[str], policy: Policy
) -> Outcome:
    """Superior, as good with a gain, or neither: the burden of proof is the challenger's.

    Superior takes a pooled p under the limit and no loss in at least two windows.
    """
    limits = policy.validation
    kept = sum(pair.difference >= 0 for pair in each)
    if pooled.p_superior < limits.superiority_p and kept >= 2:
        return "superior"
    if pooled.lower > -limits.noninferiority_margin and gains:
        return "as good and better calibrated"
    return "not better"


def brier_gain(
    bad: IntArray, challenger: FloatArray, champion: FloatArray, cluster: IntArray | None = None
) -> BrierGain:
    """Paired t test on squared errors of shape (rows,), as many as they are worth."""
    new, old = (challenger - bad) ** 2, (champion - bad) ** 2
    saved = old - new
    if np.ptp(saved) == 0:
        p_value = 0.5 if saved[0] == 0 else float(saved[0] < 0)
    else:
        effect = design_effect(saved - saved.mean(), cluster)
        error = float(stats.sem(saved)) * math.sqrt(effect)
        p_value = float(stats.t.sf(saved.mean() / error, max(1.0, len(saved) / effect - 1)))
    return BrierGain(float(old.mean()), float(new.mean()), p_value)


def calibration_gains(
    brier: BrierGain, challenger: OE, champion: OE, policy: Policy
) -> tuple[str, ...]:
    """Tested gains by name: a smaller Brier score; an O/E of 1 that only the challenger meets."""
    gains = []
    if brier.p_value < policy.validation.superiority_p:
        gains.append("brier")
    if not _meets_one(champion) and _meets_one(challenger):
        gains.append("oe")
    return tuple(gains)


def champion_gate(found: Comparison, policy: Policy, asked: Sequence[str] = ()) -> Gate:
    """Passes a challenger that is superior, or as good with a gain; anything else is red.

    One that was `asked` for because of the model's age or of another definition of bad alone, on
    schedule or not, renews it, and passes as good; one on schedule (`refresh`) alone passes
    superior only: nothing was wrong.
    """
    pooled = found.pooled
    as_good = pooled.lower > -policy.validation.noninferiority_margin
    passed = found.outcome != "not better"
    if {*asked} & RENEWAL and not {*asked} - SCHEDULE - RENEWAL:
        passed = passed or as_good
    elif {*asked} == SCHEDULE:
        passed = found.outcome == "superior"
    renews = " and renews the model" if passed and found.outcome == "not better" else ""
    named = f", gains: {', '.join(found.gains)}" if found.gains else ""
    return Gate(
        gate="champion",
        window=ACROSS,
        value=pooled.difference,
        limit=-policy.validation.noninferiority_margin,
        sample=found.bads,
        state="green" if passed else "red",
        reason=f"{found.outcome}{renews}: AUC {pooled.auc_a:.3f}, champion {pooled.auc_b:.3f}"
        f"{named}",
        lower=pooled.lower,
        upper=pooled.upper,
        p_value=pooled.p_superior,
    )


def counted_bads(paired_samples: Sequence[PairedSample]) -> tuple[int, float]:
    """Bads of all windows, and how many they are worth where customers have several loans."""
    if not paired_samples:
        return 0, 0.0
    bad = np.concatenate([one.bad for one in paired_samples]) == 1
    cluster, bads = _cluster(paired_samples), int(bad.sum())
    return bads, independent(None if cluster is None else cluster[bad], bads)


def no_equal_rows(champion: str, bads: int, worth: float, policy: Policy) -> Gate:
    """Too little that neither version was trained on: no comparison, so no promotion."""
    limit = policy.development.oot_min_bads
    return Gate(
        gate="champion",
        window=ACROSS,
        value=worth,
        limit=limit,
        sample=bads,
        state="insufficient",
        reason=f"{bads:,} bads{worth_text(worth, bads)} that {champion} was not trained on,"
        f" {limit} needed to compare",
    )


def untrained(cohorts: Sequence[date], known: set[date]) -> tuple[date, ...]:
    """Cohorts of a window that the champion has not learnt from."""
    return tuple(month for month in cohorts if month not in known)


def _cluster(paired_samples: Sequence[PairedSample]) -> IntArray | None:
    known = [np.asarray(one.customers) for one in paired_samples if one.customers is not None]
    return clusters(np.concatenate(known)) if known else None


def _oe(
    bad: IntArray,
    pds: FloatArray,
    cluster: IntArray | None,
    shocks: SharedShocks | None,
    cohorts: int,
) -> OE:
    ratio = observed_expected(bad, pds, cluster=cluster)
    return with_shocks(ratio, shocks.beyond_level(ratio.deviation, cohorts) if shocks else None)


def _meets_one(oe: OE) -> bool:
    return oe.lower <= 1 <= oe.upper
