"""A version on its windows as if a source were down: it decides whether such rows get a PD."""

from collections.abc import Sequence

import numpy as np

from creditrisk.metrics.ranking import promised_auc
from creditrisk.model.mask_states import masked
from creditrisk.model.matured_loans import MaturedLoans
from creditrisk.model.version import ModelVersion
from creditrisk.policy import Policy
from creditrisk.records.measured_window import MaskedRows, MaskedTest, MaskedWindow, OeInterval
from creditrisk.stages.validation.measures import Shared, rank_and_level, together


def masked_test(
    model: ModelVersion,
    windows: Sequence[tuple[str, MaturedLoans]],
    shared: Sequence[Shared],
    source: str,
    policy: Policy,
) -> MaskedTest:
    """Judge a version on named windows without a source."""
    pds = [model.predict(masked(rows.frame, source, model.portfolio)) for _, rows in windows]
    bads = [rows.bad for _, rows in windows]
    auc, oe = rank_and_level(np.concatenate(bads), np.concatenate(pds), together(shared))
    limits = policy.validation
    ranks = auc.auc >= limits.masked_auc_floor
    outside = not limits.masked_oe_low <= oe.ratio <= limits.masked_oe_high
    calibrated = not (outside and not oe.lower <= 1 <= oe.upper)
    each = [rank_and_level(bad, pd, own) for bad, pd, own in zip(bads, pds, shared, strict=True)]
    return MaskedTest(
        windows=tuple(
            MaskedWindow(name=name, auc=own, oe=OeInterval.of(own_oe))
            for (name, _), (own, own_oe) in zip(windows, each, strict=True)
        ),
        pooled=MaskedRows(auc=auc, oe=OeInterval.of(oe)),
        promised=promised_auc(np.concatenate(pds)),
        passed=ranks and calibrated,
        reason=f"AUC {auc.auc:.3f}, floor {limits.masked_auc_floor:.2f};"
        f" O/E {oe.ratio:.2f} ({oe.lower:.2f} to {oe.upper:.2f}),"
        f" limits {limits.masked_oe_low:.2f} to {limits.masked_oe_high:.2f}",
    )
