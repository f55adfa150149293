"""What a downturn, or a move of one input, would do to the month's PDs. Nothing is judged."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import special

from creditrisk.metrics.logistic import log_odds
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.mask_states import mask_states
from creditrisk.model.version import ModelVersion
from creditrisk.number_text import money
from creditrisk.policy import Policy
from creditrisk.stages.monitoring.finding import Finding


def stressed(pds: FloatArray, policy: Policy, currency: str) -> Iterator[Finding]:
    """The published PDs with every log odds raised by a macro shock, policy by policy's list.

    A shock of 0.5 multiplies every odds by 1.65. Losses are those of all scored applications.
    """
    loss = policy.economics.lgd * policy.economics.ead
    for shock in policy.stress.shocks:
        metric = f"stress:{shock:g}"
        if not len(pds):
            yield Finding(metric, "portfolio").lacking("no PD is published")
            continue
        after = shocked(pds, shock)
        kept = np.mean(after <= policy.scoring.cutoff)
        yield Finding(
            metric,
            "portfolio",
            value=float(np.sort(after).mean()),
            rows=len(pds),
            text=f"mean PD {np.sort(after).mean():.1%} instead of {np.sort(pds).mean():.1%};"
            f" expected loss, were all granted, {money(currency, np.sort(after).sum() * loss)}"
            f" instead of {money(currency, np.sort(pds).sum() * loss)};"
            f" {kept:.1%} at or below the cut-off",
        )


def shocked(pds: FloatArray, shock: float) -> FloatArray:
    """PDs whose odds are multiplied by exp(shock)."""
    return np.asarray(special.expit(log_odds(pds) + shock))


def sensitivity(model: ModelVersion, frame: pd.DataFrame, names: Sequence[str]) -> list[Finding]:
    """How far the mean PD moves when a number of every application rises by its own sd.

    `names`: features of the matrix; categories, and numbers without a spread, have no row.
    """
    if frame.empty:
        return []
    matrix, states = model.matrix(frame), mask_states(frame, model.portfolio)
    before = float(model.scorer.pd(matrix, states).mean())
    found = []
    for name in names:
        if matrix[name].dtype == object or not (spread := matrix[name].std()) > 0:
            continue
        up, down = (
            float(model.scorer.pd(matrix.assign(**{name: matrix[name] + way}), states).mean())
            for way in (spread, -spread)
        )
        found.append(
            Finding(
                f"sensitivity:{name}",
                "portfolio",
                value=up - before,
                rows=len(frame),
                text=f"mean PD {before:.1%}; {up:.1%} were it higher by its standard deviation"
                f" ({spread:.3g}) everywhere, {down:.1%} were it lower",
            )
        )
    return found
