"""Numbers of development: what the parts a model was fitted on say about it.

They are in-sample, or nearly: train fitted the model, validation stopped and calibrated it. The
out-of-time windows speak elsewhere, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from creditrisk.metrics.calibration import brier, observed_expected
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.scorecard import Scorecard
from creditrisk.model.scorer import Scorer
from creditrisk.records.development import DevelopmentPart, Measured
from creditrisk.stages.training.rows import Rows

ByPart = dict[DevelopmentPart, Measured]


@dataclass(frozen=True)
class MeasuredParts:
    """The rows of each part as they are, the scorecard on them, and with a source down."""

    whole: ByPart = field(default_factory=dict)
    benchmark: ByPart = field(default_factory=dict)
    masked: dict[str, ByPart] = field(default_factory=dict)


def measured(
    bad: NDArray[np.int64], pd: NDArray[np.float64], customer: NDArray[np.object_]
) -> Measured:
    """What PDs of shape (rows,) are worth on outcomes; rows of a customer are not independent."""
    cluster = clusters(customer)
    area = delong(bad, pd, cluster=cluster)
    ratio = observed_expected(bad, pd, cluster=cluster)
    return Measured(
        rows=ratio.rows,
        bads=ratio.observed,
        auc=area.auc,
        auc_lower=area.lower,
        auc_upper=area.upper,
        oe=ratio.ratio,
        oe_lower=ratio.lower,
        oe_upper=ratio.upper,
        brier=brier(bad, pd),
    )


def measured_parts(
    scorer: Scorer, benchmark: Scorecard, parts: Mapping[DevelopmentPart, tuple[Rows, FloatArray]]
) -> MeasuredParts:
    """Each part is its rows and the model's log-odds of them, before calibration.

    A mask state without bads or without goods has no numbers and is left out.
    """
    found = MeasuredParts()
    for part, (rows, raw) in parts.items():
        pd = scorer.calibrations.pd(raw, rows.state)
        own = ~rows.copy
        bad, customer = rows.bad[own], rows.customer[own]
        found.whole[part] = measured(bad, pd[own], customer)
        found.benchmark[part] = measured(bad, benchmark.predict(rows.matrix[own]), customer)
        for source in sorted(scorer.portfolio.optional_sources):
            down = rows.state == source
            if len(set(rows.bad[down].tolist())) == 2:
                of_state = measured(rows.bad[down], pd[down], rows.customer[down])
                found.masked.setdefault(source, {})[part] = of_state
    return found
