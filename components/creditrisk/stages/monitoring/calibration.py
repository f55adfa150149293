"""Do the PDs come true? Observed over expected defaults, and Jeffreys on the whole portfolio."""

import math
from dataclasses import replace

import numpy as np

from creditrisk.metrics.between_cohorts import Excess
from creditrisk.metrics.calibration import (
    MeasuredOE,
    brier,
    ece,
    jeffreys,
    observed_expected,
    with_shocks,
)
from creditrisk.metrics.estimates import OE
from creditrisk.metrics.level_change import LevelChange
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.number_text import chance_text
from creditrisk.policy import Monitoring
from creditrisk.policy.limits import state_of
from creditrisk.stages.monitoring.finding import (
    Finding,
    Mode,
    alpha,
    axis_finding,
    without_evidence,
    worst,
)
from creditrisk.stages.monitoring.matured_cohorts import level_shortage
from creditrisk.stages.monitoring.shared import Shared

LEAST_PD = 1e-9  # PDs of 0 in every row still expect something, or the ratio is undefined


def calibration_axis(
    y: IntArray, pds: FloatArray, limits: Monitoring, mode: Mode, shared: Shared | None = None
) -> list[Finding]:
    """O/E, Jeffreys, Brier, ECE and the axis, for outcomes `y` and PDs of the same rows.

    `shared`: what the rows share, which no test takes for a fault of the PDs. Too few bads: every
    finding is insufficient, without value. Goods are not needed: that all are bad is a level.
    """
    rows, bads = len(y), int(y.sum())
    short = level_shortage(y, limits, mode, shared.cluster if shared else None)
    if short:
        return without_evidence(
            "calibration", ("oe", "jeffreys", "brier", "ece"), short, rows, bads
        )
    judged = levels(y, pds, limits, mode, shared)
    text = "; ".join(f.text for f in judged)
    axis = axis_finding("calibration", worst(f.state for f in judged), text, rows, bads)
    return [*judged, _brier(y, pds), _ece(y, pds), axis]


def levels(
    y: IntArray, pds: FloatArray, limits: Monitoring, mode: Mode, shared: Shared | None = None
) -> list[Finding]:
    """O/E and Jeffreys, of at least one row."""
    within = np.clip(pds, LEAST_PD, 1 - LEAST_PD)
    ratio = observed_expected(y, within, cluster=shared.cluster if shared else None)
    return levels_of(ratio, limits, mode, shared)


def levels_of(
    ratio: MeasuredOE, limits: Monitoring, mode: Mode, shared: Shared | None = None
) -> list[Finding]:
    """The same of an O/E that knows of chance alone."""
    beyond = shared.shocks.beyond_level(ratio.deviation, shared.cohorts) if shared else None
    change = shared.change if shared else None
    ratio = with_shocks(ratio, beyond)
    return [oe(ratio, limits, mode, change), jeffreys_portfolio(ratio, limits, beyond, change)]


def oe(ratio: OE, limits: Monitoring, mode: Mode, change: LevelChange | None = None) -> Finding:
    """Observed over expected defaults; red and critical need a small p-value too.

    It is that of a `change` of level in all cohorts since the promotion; without it the exact
    two-sided one.
    """
    below = {"critical": limits.oe_critical_p, "red": limits.oe_p, "amber": math.inf}
    if change:
        ratio = replace(ratio, p_value=change.p_two_sided)
        below = {"critical": limits.change_p, "red": limits.change_p, "amber": math.inf}
    return Finding(
        metric="oe",
        axis="calibration",
        value=ratio.ratio,
        lower=ratio.lower,
        upper=ratio.upper,
        p_value=ratio.p_value,
        rows=ratio.rows,
        bads=ratio.observed,
        state=state_of("oe", ratio.ratio, limits, lambda s: ratio.p_value < alpha(below[s], mode)),
        text=f"O/E {ratio.ratio:.2f} ({ratio.lower:.2f} to {ratio.upper:.2f}):"
        f" {ratio.observed:,} defaults where {ratio.expected:,.1f} were expected",
    )


def jeffreys_portfolio(
    ratio: MeasuredOE,
    limits: Monitoring,
    beyond: Excess | None = None,
    change: LevelChange | None = None,
) -> Finding:
    """Jeffreys, one-sided: are the PDs too low?

    Many rows make a harmless excess significant, so in either mode a state needs the O/E that is
    published for it as well. `beyond`: the excess with what the cohorts share. Red needs a `change`
    of level too, where it is asked for.
    """
    mean_pd = min(1.0, ratio.expected / ratio.rows)
    p_value = jeffreys(ratio.observed / ratio.effect, ratio.rows / ratio.effect, mean_pd)
    p_value = max(p_value, beyond.p_above) if beyond else p_value
    above = {"red": limits.oe_red[1], "amber": limits.oe_amber[1]}
    changed = not change or change.p_above < limits.change_p / 2
    state = state_of(
        "jeffreys", p_value, limits, lambda s: ratio.ratio > above[s] and (changed or s == "amber")
    )
    return Finding(
        metric="jeffreys",
        axis="calibration",
        value=p_value,
        p_value=p_value,
        rows=ratio.rows,
        bads=ratio.observed,
        state=state,
        text=f"chance that the PDs are high enough: {chance_text(p_value)} (Jeffreys)",
    )


def _brier(y: IntArray, pds: FloatArray) -> Finding:
    value = brier(y, pds)
    text = f"Brier score {value:.4f}"
    return Finding("brier", "calibration", value, rows=len(y), bads=int(y.sum()), text=text)


def _ece(y: IntArray, pds: FloatArray) -> Finding:
    value = ece(y, pds)
    text = f"PDs and default rates differ by {value:.1%} on average over bins"
    return Finding("ece", "calibration", value, rows=len(y), bads=int(y.sum()), text=text)
