"""Does a PD still mean what it meant? The slope of outcome on score, now and at validation.

A level that shifted is calibration's to tell, and recalibrating repairs it. A slope that fell
says that the score separates less than it did: the relation itself has changed.
"""

import pandas as pd

from creditrisk.metrics.calibration_slope import slope_change
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.version import ModelVersion
from creditrisk.policy import Monitoring
from creditrisk.stages.monitoring.finding import Finding
from creditrisk.stages.monitoring.matured_cohorts import shortage

METRIC = "concept_drift"


def concept_drift(
    y: IntArray,
    pds: FloatArray,
    model: ModelVersion,
    reference: pd.DataFrame,
    limits: Monitoring,
    cluster: IntArray | None = None,
) -> Finding:
    """Change of the slope since the version's newest OOT window, for pooled outcomes `y` and PDs.

    `reference` holds that window's gold features and `bad`. A refit has learned from every
    cohort it could be held against; too few bads or goods on either side: insufficient. `cluster`
    numbers loans of one customer; None: nobody has two.
    """
    rows, bads = len(y), int(y.sum())
    known = reference[reference["bad"].notna()] if len(reference) else reference
    then = known["bad"].to_numpy(dtype="int64") if len(known) else y[:0]
    clusters_then = clusters(known["customer_id"]) if len(known) else None
    short = shortage(y, limits, "significant", cluster)
    if not model.card.windows:
        short = "the version has learned from every cohort there was"
    elif not short and (lacking := shortage(then, limits, "significant", clusters_then)):
        short = f"of the reference {lacking}"
    if short:
        return not_measured(short, rows, bads)
    try:
        found = slope_change(then, model.predict(known), y, pds, (clusters_then, cluster))
    except ValueError as error:
        return not_measured(str(error), rows, bads)
    return Finding(
        METRIC,
        "calibration",
        value=found.difference,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        rows=rows,
        bads=bads,
        text=f"slope of outcome on score {found.now:.2f}, {found.before:.2f} in the newest OOT"
        f" window ({len(known):,} loans)",
    )


def not_measured(text: str, rows: int = 0, bads: int | None = None) -> Finding:
    """The finding where there is nothing to compare."""
    return Finding(METRIC, "calibration", rows=rows, bads=bads).lacking(text)
