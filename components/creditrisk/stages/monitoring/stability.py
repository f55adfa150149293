"""Are the month's applications still those the version was validated on? PSI and CSI.

Bins and reference counts are frozen in the version's profile; columns of a source that is down
are not compared: an outage is no drift.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.design_effect import worth_text
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.metrics.stability import psi_with_chance
from creditrisk.model.mask_states import segment_of
from creditrisk.policy import Monitoring
from creditrisk.policy.limits import state_of
from creditrisk.records.development import FeatureReference, Reference
from creditrisk.stages.monitoring.column_shares import missing, shares, unseen
from creditrisk.stages.monitoring.finding import Finding, Mode, axis_finding, worst

SCORE = "score"  # what the PD's own shares are called; a feature of that name has none


@dataclass(frozen=True)
class Scores:
    """PDs of the applications with one mask state; no reference: nothing to compare with."""

    state: str
    pds: FloatArray
    reference: Reference | None
    worth: float = 1.0  # independent rows over rows


@dataclass(frozen=True)
class Drift:
    """PSI of a column; `chance` is what two samples of one distribution rarely exceed.

    `counts`: current rows per bin of the reference.
    """

    psi: float
    chance: float
    rows: int
    counts: tuple[int, ...] = ()


def stability_axis(
    scores: Sequence[Scores],
    columns: Mapping[str, "pd.Series[Any]"],
    references: Mapping[str, FeatureReference],
    limits: Monitoring,
    mode: Mode,
    worth: float = 1.0,
) -> list[Finding]:
    """Score PSI, CSI per feature, their share, the shares behind them, and the axis.

    `columns` are model features on the rows whose sources were up (a feature with too few such
    rows is not compared), `references` the profile's entry of every model feature. `worth`:
    independent applications over all, where customers have several.
    """
    of_scores = score_psi(scores, limits, mode)
    top = top_features(references, limits.top_features)
    drifts = {
        name: drift(references[name], values, limits, worth)
        for name, values in columns.items()
        if len(values) * worth >= least_rows(limits, mode)
    }
    of_features = {name: csi(name, d, name in top, limits, mode) for name, d in drifts.items()}
    share = csi_share(drifts, limits, mode)
    family = [of_scores[0], share, *(f for name, f in of_features.items() if name in top)]
    text = "; ".join(f.text for f in (of_scores[0], share))
    largest = max(drifts, key=lambda name: (drifts[name].psi, name), default="")
    if largest:
        text += f"; largest CSI {drifts[largest].psi:.3f} of {largest}"
    return [
        *of_scores,
        *of_features.values(),
        *(f for name, d in drifts.items() for f in _shares(name, columns[name], d, references)),
        *score_shares(scores),
        share,
        axis_finding("stability", worst(f.state for f in family), text, of_scores[0].rows, None),
    ]


def score_psi(scores: Sequence[Scores], limits: Monitoring, mode: Mode) -> list[Finding]:
    """First the largest group, which stands for all; then every group, if there are several."""
    groups = _by_size(scores)
    if not groups:
        text = "no application to compare"
        return [Finding("score_psi", "stability").lacking(text)]
    each = [_score_psi(group, limits, mode) for group in groups]
    if len(groups) == 1:
        return each
    segments = [
        replace(finding, segment=segment_of(group.state))
        for finding, group in zip(each, groups, strict=True)
    ]
    return [each[0], *segments]


def _by_size(scores: Sequence[Scores]) -> list[Scores]:
    return sorted(
        scores, key=lambda group: (-len(group.pds), group.state != ALL_SOURCES_UP, group.state)
    )


def _score_psi(group: Scores, limits: Monitoring, mode: Mode) -> Finding:
    rows, without = (
        len(group.pds),
        "" if group.state == ALL_SOURCES_UP else f" without {group.state}",
    )
    base = Finding("score_psi", "stability", rows=rows)
    if group.reference is None:
        return base.lacking(f"no reference for scores{without}")
    counted = rows * group.worth
    if counted < (needed := least_rows(limits, mode)):
        many = worth_text(counted, rows)
        return base.lacking(f"{rows:,} applications{many}{without}, {needed} needed")
    found = drift(group.reference, group.pds, limits, group.worth)
    beyond = mode == "plain" or found.psi > found.chance
    state = state_of("score_psi", found.psi, limits, lambda state: beyond or state == "amber")
    text = f"score PSI{without} {found.psi:.3f} (by chance up to {found.chance:.3f})"
    return replace(base, value=found.psi, state=state, text=text)


def csi(name: str, found: Drift, top: bool, limits: Monitoring, mode: Mode) -> Finding:
    """PSI of a feature; only a top feature turns red.

    Among many features some exceed a limit by chance, so amber must be significant, too.
    """
    beyond = mode == "plain" or found.psi > found.chance
    metric = f"csi:{name}"
    state = state_of(metric, found.psi, limits, lambda state: beyond and (top or state == "amber"))
    kind = "a top feature" if top else "not a top feature"
    text = f"CSI {found.psi:.3f} of {name} (by chance up to {found.chance:.3f}), {kind}"
    return Finding(metric, "stability", value=found.psi, rows=found.rows, state=state, text=text)


def csi_share(drifts: Mapping[str, Drift], limits: Monitoring, mode: Mode) -> Finding:
    """Share of the compared features that have moved: red above the limit."""
    base = Finding("csi_share", "stability")
    if not drifts:
        return base.lacking("no feature to compare")
    moved = [
        name
        for name, found in drifts.items()
        if found.psi >= limits.csi_amber and (mode == "plain" or found.psi > found.chance)
    ]
    share = len(moved) / len(drifts)
    return replace(
        base,
        value=share,
        rows=max(found.rows for found in drifts.values()),
        state=state_of("csi_share", share, limits, lambda _: True),
        text=f"{len(moved)} of {len(drifts)} features above {limits.csi_amber:g}",
    )


def score_shares(scores: Sequence[Scores]) -> list[Finding]:
    """The PDs of the group that stands for all; `text` names the state of its reference."""
    group = _by_size(scores)[0] if scores else None
    if group is None or group.reference is None or not len(group.pds):
        return []
    counts = group.reference.bins.counts(group.pds)
    found = shares(SCORE, group.reference, tuple(counts.tolist()))
    return [replace(finding, text=group.state) for finding in found]


def _shares(
    name: str, values: "pd.Series[Any]", found: Drift, references: Mapping[str, Reference]
) -> list[Finding]:
    reference = references[name]
    of_bins = shares(name, reference, found.counts) if name != SCORE else []
    return [
        missing(name, values, reference, found.counts),
        *unseen(name, values, reference, found.counts),
        *of_bins,
    ]


def outage(source: str, down: int, rows: int) -> Finding:
    """A source that was down for some of the month's applications; never judged as drift."""
    text = f"{source} was down for {down:,} of {rows:,} applications; its features are not compared"
    return Finding(f"source_outage:{source}", "stability", value=down / rows, rows=rows, text=text)


def drift(
    reference: Reference,
    values: "pd.Series[Any] | FloatArray",
    limits: Monitoring,
    worth: float = 1.0,
) -> Drift:
    """PSI of current values (rows,), at least one, on the reference's frozen bins.

    A customer's applications may all be alike: chance is that of as many rows as they are `worth`.
    The customers of the reference are not known any more, its rows are taken to be worth as many.
    """
    before, now = np.array(reference.counts), reference.bins.counts(values)
    rows = float(before.sum()) * worth, float(now.sum()) * worth
    found = psi_with_chance(before, now, limits.psi_alpha, rows)
    return Drift(*found, int(now.sum()), tuple(now.tolist()))


def top_features(references: Mapping[str, FeatureReference], most: int) -> set[str]:
    """The most important features of the profile, equal ones by name."""
    ranked = sorted(references, key=lambda name: (-references[name].importance, name))
    return set(ranked[:most])


def least_rows(limits: Monitoring, mode: Mode) -> int:
    return limits.min_rows_stability if mode == "significant" else 1
