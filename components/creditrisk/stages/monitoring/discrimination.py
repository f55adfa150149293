"""Does the version still rank? AUC against a floor and against what validation saw."""

import math
from dataclasses import replace

from scipy import special

from creditrisk.metrics.discrimination import decay_test, delong, gini, ks, precision_recall
from creditrisk.metrics.estimates import Z_95, AucEstimate
from creditrisk.metrics.ranking import promised_auc
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.number_text import p_text, percent
from creditrisk.policy import Monitoring
from creditrisk.policy.limits import state_of
from creditrisk.stages.monitoring.finding import (
    Finding,
    Mode,
    alpha,
    axis_finding,
    share_finding,
    without_evidence,
    worst,
)
from creditrisk.stages.monitoring.matured_cohorts import shortage
from creditrisk.stages.monitoring.shared import Shared


def discrimination_axis(
    y: IntArray,
    pds: FloatArray,
    reference: AucEstimate | None,
    limits: Monitoring,
    mode: Mode,
    shared: Shared | None = None,
) -> list[Finding]:
    """AUC, its decay, Gini, KS and the axis, for outcomes `y` and PDs of the same rows.

    `reference` is what the OOT windows let one expect; without it decay is insufficient and the
    level alone is judged. `shared`: what the rows share, which no test takes for a loss. Too few
    bads or goods: every finding is insufficient, without value.
    """
    rows, bads = len(y), int(y.sum())
    short = shortage(y, limits, mode, shared.cluster if shared else None)
    if short:
        return without_evidence(
            "discrimination", ("auc", "auc_decay", "gini", "ks"), short, rows, bads
        )
    now = delong(y, pds, cluster=shared.cluster if shared else None)
    scale = shared.pds if shared and shared.pds is not None else pds
    judged = ranks(now, reference, limits, mode, shared, promised_auc(scale))
    text = "; ".join(f.text for f in judged)
    axis = axis_finding("discrimination", worst(f.state for f in judged), text, rows, bads)
    return [*judged, gini_of(now), ks_of(y, pds), axis]


def ranks(
    now: AucEstimate,
    reference: AucEstimate | None,
    limits: Monitoring,
    mode: Mode,
    shared: Shared | None = None,
    promised: float | None = None,
) -> list[Finding]:
    """AUC and its decay, of an AUC and the one its PDs promise."""
    decay = auc_decay(now, reference, limits, mode, shared, promised)
    return [auc_level(now, limits, mode, shared), decay]


def auc_level(
    now: AucEstimate, limits: Monitoring, mode: Mode, shared: Shared | None = None
) -> Finding:
    """Red: below the floor, and not by chance (one-sided, H1: the AUC is below it)."""
    cost = shared.cost if shared else 0.0
    floor = limits.auc_red - cost
    p_value = decay_test(AucEstimate(floor, 0.0, floor, floor, 0, 0), now).p_value
    if shared:
        p_value = shared.shocks.below_floor(floor - now.auc, now.se, shared.cohorts).p_above
    significant = p_value < alpha(limits.decay_p, mode)
    state = state_of("auc", now.auc + cost, limits, lambda s: significant or s == "amber")
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
    now: AucEstimate,
    reference: AucEstimate | None,
    limits: Monitoring,
    mode: Mode,
    shared: Shared | None = None,
    promised: float | None = None,
) -> Finding:
    """Loss of AUC since the OOT windows, on other rows; one-sided, H1: there is a loss.

    Like is compared with like: where the PDs of these rows promise another AUC (`promised`) than
    those of the windows, by a longer history, a narrower range or another mix, as much more or
    less is expected of them (van Klaveren et al. 2016).
    """
    base = Finding("auc_decay", "discrimination", rows=now.bads + now.goods, bads=now.bads)
    if reference is None:
        text = "no AUC of the OOT windows to compare with"
        return base.lacking(text)
    before = shared.promised if shared else None
    known = before is not None and promised is not None
    more = promised - before if before is not None and promised is not None else 0.0
    loss = reference.auc + more - now.auc
    p_value, margin = _test(loss, now, reference, shared)
    below = {"critical": limits.decay_critical_p, "red": limits.decay_p, "amber": math.inf}
    alike = f", which promises {reference.auc + more:.3f} for PDs like these" if known else ""
    moved = f"{abs(loss):.3f} {'lost' if loss > 0 else 'gained'}"
    return replace(
        base,
        value=loss,
        lower=loss - margin,
        upper=loss + margin,
        p_value=p_value,
        state=state_of("auc_decay", loss, limits, lambda s: p_value < alpha(below[s], mode)),
        text=f"{moved} against {reference.auc:.3f} at validation{alike} ({p_text(p_value)})",
    )


def _test(
    loss: float, now: AucEstimate, reference: AucEstimate, shared: Shared | None
) -> tuple[float, float]:
    """One-sided p of a loss, and half its 95% interval."""
    if shared is None:
        error = math.hypot(now.se, reference.se)
        return float(special.ndtr(-loss / error)), Z_95 * error
    beyond = shared.shocks.below_rank(loss, now.se, reference.se, shared.cohorts)
    return beyond.p_above, beyond.margin()


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


def at_cutoff(
    y: IntArray, pds: FloatArray, cutoff: float, cluster: IntArray | None = None
) -> list[Finding]:
    """Precision and recall of declining above `cutoff`; `y` holds both outcomes.

    `cluster` numbers loans of one customer; None: nobody has two.
    """
    found = precision_recall(y, pds, cutoff, cluster)
    rows, bads = len(y), int(y.sum())
    shares = (
        ("precision", found.precision, f"with a PD above {percent(cutoff)} turned bad"),
        ("recall", found.recall, f"bads had a PD above {percent(cutoff)}"),
    )
    return [
        replace(
            share_finding(name, share, f"{share.count} of {share.total} {text}"),
            axis="discrimination",
            rows=rows,
            bads=bads,
            state="none" if share.total else "insufficient",
        )
        for name, share, text in shares
    ]
