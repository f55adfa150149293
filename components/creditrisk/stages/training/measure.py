"""Numbers of development: what the parts a model was fitted on say about it.

They are in-sample, or nearly: train fitted the model, validation stopped and calibrated it. The
out-of-time windows speak elsewhere, once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creditrisk.metrics.calibration import brier, observed_expected
from creditrisk.metrics.discrimination import delong
from creditrisk.model.scorecard import Scorecard
from creditrisk.model.scorer import FloatArray, Scorer
from creditrisk.stages.training.rows import Rows

Measured = dict[str, float | int]


def measured(bad: NDArray[np.int64], pd: NDArray[np.float64]) -> Measured:
    """AUC with its DeLong interval, O/E with its exact one, Brier; rows and bads."""
    area, ratio = delong(bad, pd), observed_expected(bad, pd)
    return {
        "rows": ratio.rows,
        "bads": ratio.observed,
        "auc": area.auc,
        "auc_lower": area.lower,
        "auc_upper": area.upper,
        "oe": ratio.ratio,
        "oe_lower": ratio.lower,
        "oe_upper": ratio.upper,
        "brier": brier(bad, pd),
    }


def measured_parts(
    scorer: Scorer, benchmark: Scorecard, parts: Mapping[str, tuple[Rows, FloatArray]]
) -> dict[str, dict[str, Any]]:
    """For each part: the rows as they are (`all`), each source down (`masked`), the benchmark.

    A part is its rows and the model's log-odds of them, before calibration.
    A mask state without bads or without goods has no numbers and is left out.
    """
    found = {}
    for part, (rows, raw) in parts.items():
        pd = scorer.calibrations.pd(raw, rows.state)
        states = {
            source: rows.state == source
            for source in scorer.portfolio.optional_sources
            if len(set(rows.bad[rows.state == source].tolist())) == 2
        }
        own = ~rows.copy
        found[part] = {
            "all": measured(rows.bad[own], pd[own]),
            "masked": {name: measured(rows.bad[is_], pd[is_]) for name, is_ in states.items()},
            "benchmark": measured(rows.bad[own], benchmark.predict(rows.matrix[own])),
        }
    return found
