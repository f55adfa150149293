"""Samples in equal mask states, and a version on its windows as if a source were down.

A source that is down costs AUC and moves scores, and is no decay: before two samples are compared,
what is down for most rows of one is masked in the other. Without a source a version is judged once
more: it decides whether such rows get a PD.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.ranking import mean_auc, promised_auc
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.mask_states import mask_states, masked
from creditrisk.model.matured_loans import MaturedLoans
from creditrisk.model.version import ModelVersion
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.records.measured_window import MaskedRows, MaskedTest, MaskedWindow, OeInterval
from creditrisk.stages.validation.measures import Shared, rank_and_level, together


def most_down(frame: pd.DataFrame, portfolio: Portfolio) -> tuple[str, ...]:
    """Sources that are down in the commonest mask state of some rows, at least one."""
    states, counts = np.unique(mask_states(frame, portfolio), return_counts=True)
    return _sources(str(states[counts.argmax()]))


def alike(model: ModelVersion, windows: Sequence[MaturedLoans]) -> list[AucEstimate]:
    """AUC of each window without what is down for most rows of one window or another.

    Empty where nothing is: they are alike as they are.
    """
    down = {source for rows in windows for source in most_down(rows.frame, model.portfolio)}
    return [_auc_without(model, rows, sorted(down)) for rows in windows] if down else []


def train_auc(
    model: ModelVersion, train: MaturedLoans, windows: Sequence[MaturedLoans]
) -> AucEstimate:
    """AUC on train rows, with sources down as often as they are in the windows."""
    of_windows = [mask_states(rows.frame, model.portfolio) for rows in windows]
    states, counts = np.unique(np.concatenate(of_windows), return_counts=True)
    each = [_auc_without(model, train, _sources(str(state))) for state in states]
    return mean_auc(each, (counts / counts.sum()).tolist())


def comparable_scores(
    model: ModelVersion,
    reference: MaturedLoans,
    before: FloatArray,
    window: MaturedLoans,
    pds: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """PDs of the reference (`before`) and a window (`pds`), both in its commonest mask state.

    All of them as they are where no reference row can be brought into that state.
    """
    portfolio = model.portfolio
    down = most_down(window.frame, portfolio)
    state = ",".join(down) or ALL_SOURCES_UP
    then = _without(reference.frame, down, portfolio)
    there = mask_states(then, portfolio) == state
    if not there.any():
        return before, pds
    before = model.predict(then[there]) if down else before[there]
    return before, pds[mask_states(window.frame, portfolio) == state]


def _auc_without(model: ModelVersion, rows: MaturedLoans, down: Sequence[str]) -> AucEstimate:
    pds = model.predict(_without(rows.frame, down, model.portfolio))
    return delong(rows.bad, pds, cluster=rows.cluster)


def _without(frame: pd.DataFrame, down: Sequence[str], portfolio: Portfolio) -> pd.DataFrame:
    for source in down:
        frame = masked(frame, source, portfolio)
    return frame


def _sources(state: str) -> tuple[str, ...]:
    return () if state == ALL_SOURCES_UP else tuple(state.split(","))


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
