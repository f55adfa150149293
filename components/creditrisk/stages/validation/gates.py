"""The gates: a challenger fails one only beyond its limit and significantly.

Beyond the limit without significance is amber, recorded and passed: at 100 bads a window,
limits alone refuse two of three honest models. Pure functions of measures and policy.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from scipy import special

from creditrisk.metrics.design_effect import independent, worth_text
from creditrisk.metrics.discrimination import decay_test, heterogeneity_q
from creditrisk.metrics.estimates import AucEstimate, PairedAuc
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.model.shared_shocks import SharedShocks
from creditrisk.number_text import p_text
from creditrisk.policy import Policy
from creditrisk.records.validation import Gate
from creditrisk.stages.validation.gate import ACROSS, graded
from creditrisk.stages.validation.level_gates import jeffreys, observed_expected
from creditrisk.stages.validation.measures import Measures, bads_of

NORMAL_95 = float(special.ndtri(0.975))


def window_gates(
    windows: Sequence[Measures],
    train: AucEstimate,
    pooled: AucEstimate,
    policy: Policy,
    shocks: SharedShocks | None = None,
    alike: Sequence[AucEstimate] = (),
) -> list[Gate]:
    """Every gate on the three windows, oldest window first; `train` is the AUC on train rows.

    `shocks`: what the windows' AUC differ by with nothing wrong (their O/E carry it already).
    `alike`: AUC of the windows in equal mask states, where theirs differ.
    """
    own = alike or [window.auc for window in windows]
    compared = [replace(w, auc=auc) for w, auc in zip(windows, own, strict=True)]
    if shocks:
        windows, compared = (
            [replace(w, auc=shocks.carried(w.auc, w.cohorts)) for w in part]
            for part in (windows, compared)
        )
        pooled = shocks.carried(pooled, sum(w.cohorts for w in windows))
    each = [
        gate(window, policy) for gate in (auc_floor, score_psi, rank_order) for window in windows
    ]
    across = [gate(compared, policy) for gate in (spread, variation, decay)]
    each += observed_expected(windows, policy)
    return [*each, *across, jeffreys(windows, policy), fit_gap(train, pooled, policy)]


def sample(
    window: str,
    bads: int,
    goods: int,
    policy: Policy,
    months: int = 1,
    cluster: IntArray | None = None,
) -> Gate:
    """A window with fewer bads than asked for, or without goods, is no evidence either way.

    Amber: one of as many `months` as may be, that holds fewer than a window should. `cluster`
    numbers the customers of the bads, who may have several; None: nobody has.
    """
    limits = policy.development
    limit = limits.needed_bads(months)
    worth = independent(cluster, bads)
    return Gate(
        gate="sample",
        window=window,
        value=worth,
        limit=limit,
        sample=bads,
        state="insufficient"
        if worth < limit or not goods
        else graded(worth < limits.oot_min_bads, significant=False),
        reason=f"{bads:,} bads{worth_text(worth, bads)} and {goods:,} goods, {limit} bads needed",
    )


def auc_floor(window: Measures, policy: Policy) -> Gate:
    """AUC not significantly below the floor, and not so uncertain that it may lie far below.

    Red: below the floor with one-sided p under `significance`; or the lower bound further below
    it than the slack while the AUC is not even above amber.
    """
    limits, auc = policy.validation, window.auc
    lowest = limits.auc_floor - limits.auc_lower_slack
    p_value = float(special.ndtr((auc.auc - limits.auc_floor) / auc.se))
    below = auc.auc < limits.auc_floor and p_value < limits.significance
    return Gate(
        gate="auc_floor",
        window=window.name,
        value=auc.auc,
        limit=limits.auc_floor,
        sample=auc.bads,
        state=graded(auc.auc < limits.auc_amber, significant=below or auc.lower < lowest),
        reason=f"AUC {auc.auc:.3f}, {p_text(p_value)} of lying below {limits.auc_floor:.2f},"
        f" lower bound {auc.lower:.3f} against {lowest:.2f}",
        lower=auc.lower,
        upper=auc.upper,
        p_value=p_value,
    )


def spread(windows: Sequence[Measures], policy: Policy) -> Gate:
    """Best minus worst window, tested by heterogeneity Q."""
    areas = [window.auc.auc for window in windows]
    value, limits = max(areas) - min(areas), policy.validation
    q = heterogeneity_q([window.auc for window in windows])
    return Gate(
        gate="range",
        window=ACROSS,
        value=value,
        limit=limits.range_red,
        sample=bads_of(windows),
        state=graded(value > limits.range_red, significant=q.p_value < limits.heterogeneity_p),
        reason=f"AUC differs by {value:.3f} between windows, Q {q.q:.2f}, {p_text(q.p_value)}",
        p_value=q.p_value,
    )


def variation(windows: Sequence[Measures], policy: Policy) -> Gate:
    """Standard deviation over mean of the windows' AUC: recorded, never red (range tests it)."""
    areas = [window.auc.auc for window in windows]
    mean = sum(areas) / len(areas)
    value = math.sqrt(sum((area - mean) ** 2 for area in areas) / (len(areas) - 1)) / mean
    limit = policy.validation.variation_amber
    return Gate(
        gate="variation",
        window=ACROSS,
        value=value,
        limit=limit,
        sample=bads_of(windows),
        state=graded(value > limit, significant=False),
        reason=f"AUC of the windows varies by {value:.1%} of its mean",
    )


def decay(windows: Sequence[Measures], policy: Policy) -> Gate:
    """AUC lost from the first window to the last."""
    first, last, limits = windows[0], windows[-1], policy.validation
    test = decay_test(first.auc, last.auc)
    margin = NORMAL_95 * math.hypot(first.auc.se, last.auc.se)
    return Gate(
        gate="decay",
        window=ACROSS,
        value=test.difference,
        limit=limits.decay_red,
        sample=first.bads + last.bads,
        state=graded(test.difference > limits.decay_red, significant=test.p_value < limits.decay_p),
        reason=f"AUC {first.auc.auc:.3f} in {first.name}, {last.auc.auc:.3f} in {last.name},"
        f" one-sided {p_text(test.p_value)}",
        lower=test.difference - margin,
        upper=test.difference + margin,
        p_value=test.p_value,
    )


def fit_gap(train: AucEstimate, pooled: AucEstimate, policy: Policy) -> Gate:
    """AUC on train minus AUC on all windows: what was learnt by heart."""
    test, limits = decay_test(train, pooled), policy.validation
    margin = NORMAL_95 * math.hypot(train.se, pooled.se)
    significant = test.difference > limits.fit_gap_red and test.p_value < limits.significance
    return Gate(
        gate="fit_gap",
        window=ACROSS,
        value=test.difference,
        limit=limits.fit_gap_red,
        sample=pooled.bads,
        state=graded(test.difference > limits.fit_gap_amber, significant=significant),
        reason=f"AUC {train.auc:.3f} on train, {pooled.auc:.3f} on the windows",
        lower=test.difference - margin,
        upper=test.difference + margin,
        p_value=test.p_value,
    )


def score_psi(window: Measures, policy: Policy) -> Gate:
    """Scores of a window against those of the validation months."""
    value, limit = window.shift.psi, policy.validation.score_psi_red
    return Gate(
        gate="score_psi",
        window=window.name,
        value=value,
        limit=limit,
        sample=window.rows,
        state=graded(value > limit, significant=value > window.shift.critical),
        reason=f"PSI {value:.3f}, by chance up to {window.shift.critical:.3f}",
    )


def rank_order(window: Measures, policy: Policy) -> Gate:
    """Riskier tenths of the scores that defaulted less; red where enough are significant."""
    order, limit = window.order, policy.validation.rank_inversions_red
    return Gate(
        gate="rank_order",
        window=window.name,
        value=order.inversions,
        limit=limit,
        sample=window.rows,
        state=graded(order.inversions >= limit, significant=order.significant >= limit),
        reason=f"inversions over {len(order.rows)} bands: {order.inversions},"
        f" {order.significant} significant",
    )


def benchmark(paired: PairedAuc, bads: int, policy: Policy) -> Gate:
    """The model against the logistic scorecard on the same rows.

    Behind it is amber (the card says so); behind by more than the margin, significantly, is red.
    """
    margin = policy.validation.noninferiority_margin
    # the normal tail is symmetric: a loss this large is as likely as the absence of such a gain
    p_worse = 1 - paired.p_superior
    significant = paired.difference < -margin and p_worse < policy.validation.significance
    return Gate(
        gate="benchmark",
        window=ACROSS,
        value=paired.difference,
        limit=-margin,
        sample=bads,
        state=graded(paired.difference < 0, significant=significant),
        reason=f"AUC {paired.auc_a:.3f}, scorecard {paired.auc_b:.3f}",
        lower=paired.lower,
        upper=paired.upper,
        p_value=p_worse,
    )
