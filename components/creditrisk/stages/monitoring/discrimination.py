"""Does the version still rank? AUC against a floor and against what validation saw."""

import math
from dataclasses import replace

from creditrisk.contracts import State
from creditrisk.metrics.discrimination import (
    AucEstimate,
    decay_test,
    delong,
    gini,
    ks,
    precision_recall,
)
from creditrisk.metrics.proportion import Z_95
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.policy import Monitoring
from creditrisk.stages.monitoring.finding import Finding, Mode, alpha, axis_finding, p_text, worst
from creditrisk.stages.monitoring.matured_cohorts import shortage


def discrimination_axis(
    y: IntArray,
    pds: FloatArray,
    reference: AucEstimate | None,
    limits: Monitoring,
    mode: Mode,
    cost: float = 0.0,
) -> list[Finding]:
    """AUC, its decay, Gini, KS and the axis, for outcomes `y` and PDs of the same rows.

    `reference` is what the OOT windows let one expect; without it decay is insufficient and the
    level alone is judged. `cost` is the AUC that booking by the PD takes from it: limits of the
    level lie that much lower. Too few bads or goods: every state is insufficient.
    """
    rows, bads, short = len(y), int(y.sum()), shortage(y, limits, mode)
    if not 0 < bads < rows:
        return [axis_finding("discrimination", "insufficient", short, rows, bads)]
    now = delong(y, pds)
    judged = [auc_level(now, limits, mode, cost), auc_decay(now, reference, limits, mode)]
    if short:
        judged = [replace(finding, state="insufficient") for finding in judged]
    text = "; ".join(part for part in (short, *(f.text for f in judged)) if part)
    axis = axis_finding("discrimination", worst(f.state for f in judged), text, rows, bads)
    return [*judged, gini_of(now), ks_of(y, pds), axis]


def auc_level(now: AucEstimate, limits: Monitoring, mode: Mode, cost: float = 0.0) -> Finding:
    """Red: below the floor, and not by chance (one-sided, H1: the AUC is below it)."""
    floor = limits.auc_red - cost
    p_value = decay_test(AucEstimate(floor, 0.0, floor, floor, 0, 0), now).p_value
    state: State = "amber" if now.auc < limits.auc_amber - cost else "green"
    if now.auc < floor and p_value < alpha(limits.decay_p, mode):
        state = "red"
    lowered = f" ({limits.auc_red:g} less what booking by the PD takes)" if cost else ""
    return Finding(
        metric="auc",
        axis="discrimination",
        value=now.auc,
        lower=now.lower,
        upper=now.upper,
        p_value=p_value,
        rows=now.bads + now.goods,
        bads=now.bads,
        state=state,
        text=f"AUC {now.auc:.3f} ({now.lower:.3f} to {now.upper:.3f}), floor {floor:.3g}{lowered}",
    )


def auc_decay(
    now: AucEstimate, reference: AucEstimate | None, limits: Monitoring, mode: Mode
) -> Finding:
    """Loss of AUC since the OOT windows, on other rows; one-sided, H1: there is a loss."""
    base = Finding("auc_decay", "discrimination", rows=now.bads + now.goods, bads=now.bads)
    if reference is None:
        text = "no AUC of the OOT windows to compare with"
        return replace(base, state="insufficient", text=text)
    test = decay_test(reference, now)
    ladder: tuple[tuple[float, float, State], ...] = (
        (limits.decay_critical, alpha(limits.decay_critical_p, mode), "critical"),
        (limits.decay_red, alpha(limits.decay_p, mode), "red"),
        (limits.decay_amber, math.inf, "amber"),
    )
    margin = Z_95 * math.hypot(now.se, reference.se)
    return replace(
        base,
        value=test.difference,
        lower=test.difference - margin,
        upper=test.difference + margin,
        p_value=test.p_value,
        state=next(
            (s for limit, p, s in ladder if test.difference >= limit and test.p_value < p), "green"
        ),
        text=f"{-test.difference:+.3f} against {reference.auc:.3f} at validation"
        f" ({p_text(test.p_value)})",
    )


def gini_of(now: AucEstimate) -> Finding:
    """Twice the AUC less one, its interval likewise."""
    return Finding(
        metric="gini",
        axis="discrimination",
        value=gini(now.auc),
        lower=gini(now.lower),
        upper=gini(now.upper),
        rows=now.bads + now.goods,
        bads=now.bads,
        text=f"Gini {gini(now.auc):.3f}",
    )


def ks_of(y: IntArray, pds: FloatArray) -> Finding:
    """Kolmogorov-Smirnov; `y` holds both outcomes."""
    gap = ks(y, pds)
    text = f"the PDs of bads and goods lie up to {gap:.3f} apart"
    return Finding("ks", "discrimination", value=gap, rows=len(y), bads=int(y.sum()), text=text)


def at_cutoff(y: IntArray, pds: FloatArray, cutoff: float) -> list[Finding]:
    """Precision and recall of declining from `cutoff` on; `y` holds both outcomes."""
    found = precision_recall(y, pds, cutoff)
    rows, bads = len(y), int(y.sum())
    shares = (
        ("precision", found.precision, f"with a PD from {cutoff:g} on turned bad"),
        ("recall", found.recall, f"bads had a PD from {cutoff:g} on"),
    )
    return [
        Finding(
            metric=name,
            axis="discrimination",
            value=share.value,
            lower=share.lower if share.total else None,
            upper=share.upper if share.total else None,
            rows=rows,
            bads=bads,
            text=f"{share.count} of {share.total} {text}",
        )
        for name, share, text in shares
    ]
