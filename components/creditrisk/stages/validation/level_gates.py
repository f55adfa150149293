"""The gates on the level of the PDs: observed over expected, and Jeffreys by grade."""

from collections.abc import Sequence
from typing import Protocol

from creditrisk.metrics.calibration import holm
from creditrisk.metrics.estimates import OE
from creditrisk.number_text import p_text
from creditrisk.policy import Policy
from creditrisk.records.validation import Gate
from creditrisk.stages.validation.gate import ACROSS, graded
from creditrisk.stages.validation.measures import Measures, bads_of


class Levelled(Protocol):
    """A window, its O/E with what its cohorts share."""

    @property
    def name(self) -> str: ...
    @property
    def oe(self) -> OE: ...


def observed_expected(windows: Sequence[Levelled], policy: Policy) -> list[Gate]:
    """Observed over expected defaults of each window.

    Three windows are three looks, so the exact test is taken after Holm.
    """
    adjusted = holm([window.oe.p_value for window in windows])
    return [
        _one_window_oe(window, float(p_value), policy)
        for window, p_value in zip(windows, adjusted, strict=True)
    ]


def _one_window_oe(window: Levelled, p_value: float, policy: Policy) -> Gate:
    limits, oe = policy.validation, window.oe
    return Gate(
        gate="oe",
        window=window.name,
        value=oe.ratio,
        limit=limits.oe_high if oe.ratio >= 1 else limits.oe_low,
        sample=oe.observed,
        state=graded(
            not limits.oe_low <= oe.ratio <= limits.oe_high, significant=p_value < limits.oe_p
        ),
        reason=f"{oe.observed:,} bads, {oe.expected:,.1f} expected, {p_text(p_value)} after Holm",
        lower=oe.lower,
        upper=oe.upper,
        p_value=p_value,
    )


def jeffreys(windows: Sequence[Measures], policy: Policy) -> Gate:
    """Windows in which a grade's PD is too low (Jeffreys, Holm over grades): red from two on.

    A grade counts whose O/E is above `oe_high`: many rows make a harmless excess significant.
    """
    limits = policy.validation
    p_values = [window.jeffreys_above(limits.oe_high) for window in windows]
    low = [w.name for w, p in zip(windows, p_values, strict=True) if p < limits.jeffreys_red]
    smallest = min(p_values)
    return Gate(
        gate="jeffreys",
        window=ACROSS,
        value=len(low),
        limit=1,
        sample=bads_of(windows),
        state=graded(len(low) > 0, significant=len(low) > 1),
        reason=f"a grade's PD is too low in {', '.join(low) or 'no window'},"
        f" smallest {p_text(smallest)} after Holm",
        p_value=smallest,
    )
