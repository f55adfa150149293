"""All that is measured on the windows of one version, and the gates applied to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from creditrisk.calendar_month import span
from creditrisk.metrics.design_effect import clusters
from creditrisk.metrics.discrimination import paired_delong
from creditrisk.metrics.estimates import OE, AucEstimate, PairedAuc
from creditrisk.metrics.ranking import RocCurve, promised_auc, roc_curve
from creditrisk.metrics.scored_rows import BoolArray, FloatArray, IntArray
from creditrisk.model.fairness import fairness
from creditrisk.model.matured_loans import MaturedLoans
from creditrisk.model.shared_shocks import Part, SharedShocks, known_cohorts, shared_shocks
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.fairness import Fairness
from creditrisk.records.measured_window import KnownCohort, MaskedTest
from creditrisk.records.validation import Comparison, Gate
from creditrisk.stages.validation import gates
from creditrisk.stages.validation.comparison import (
    PairedSample,
    champion_gate,
    compare,
    counted_bads,
    no_equal_rows,
    untrained,
)
from creditrisk.stages.validation.equal_states import (
    alike,
    comparable_scores,
    masked_test,
    train_auc,
)
from creditrisk.stages.validation.gate import fairness_gate
from creditrisk.stages.validation.measures import (
    Measures,
    Shared,
    measure,
    rank_and_level,
    shift,
    together,
)
from creditrisk.stages.validation.window_rows import read_rows


@dataclass(frozen=True)
class Pooled:
    """All windows together; `confusion` is [good, bad] by [kept, declined] at the cut-off."""

    auc: AucEstimate
    oe: OE
    roc: RocCurve
    confusion: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Examination:
    """What was found, `masked` by source down; without enough outcomes only `gates` says so."""

    gates: tuple[Gate, ...]
    windows: tuple[Measures, ...] = ()
    pooled: Pooled | None = None
    masked: Mapping[str, MaskedTest] = field(default_factory=dict)
    benchmark: PairedAuc | None = None
    comparison: Comparison | None = None
    fairness: tuple[Fairness, ...] = ()
    known: tuple[KnownCohort, ...] = ()
    promised: float | None = None


@dataclass(frozen=True, eq=False)
class Judged:
    """The rows of one window with the version's PD."""

    name: str
    rows: MaturedLoans
    pd: FloatArray


def examine(
    period: Period, model: ModelVersion, champion: ModelVersion | None, asked: Sequence[str] = ()
) -> Examination:
    """Read the outcomes of a version's windows and judge it by the policy in force.

    `asked`: the triggers it was trained for.
    """
    card, policy = model.card, period.policy
    windows = [_rows(period, model, window) for window in card.windows]
    named = [(span(rows.cohorts, ".."), rows) for rows in windows]
    counted = [
        gates.sample(name, rows.bads, rows.goods, policy, len(rows.cohorts), rows.cluster_of_bads)
        for name, rows in named
    ]
    enough = len(named) == policy.development.oot_windows
    if not enough or not all(gate.passed for gate in counted):
        return Examination(tuple(counted))
    judged = [Judged(name, rows, model.predict(rows.frame)) for name, rows in named]
    validation = _scored(period, model, "validation", card.validation)
    train = _scored(period, model, "train", card.train)
    before = [*_known(train, "train"), *_known(validation, "validation")]
    own_level = card.kind != "recalibrate"
    shocks = shared_shocks(before, [], policy.shocks, own_level=own_level)
    shared = [Shared(shocks, len(j.rows.cohorts), j.rows.frame["customer_id"]) for j in judged]
    measured = [
        _measured(model, j, validation, of_window, policy)
        for j, of_window in zip(judged, shared, strict=True)
    ]
    pooled = _pool(judged, shared, policy)
    benchmark = _against_benchmark(model, judged)
    learnt = train_auc(model, train.rows, windows)
    same = alike(model, windows)
    found = [*counted, *gates.window_gates(measured, learnt, pooled.auc, policy, shocks, same)]
    found.append(gates.benchmark(benchmark, pooled.auc.bads, policy))
    comparison = None
    if champion:
        gate, comparison = _against_champion(champion, judged, policy, shocks, asked)
        found.append(gate)
    groups = _by_group(model, judged, shared, policy)
    rows = [(j.name, j.rows) for j in judged]
    if policy.fairness.gate:
        found.append(fairness_gate(groups, policy))
    return Examination(
        tuple(found),
        tuple(measured),
        pooled,
        {
            source: masked_test(model, rows, shared, source, policy)
            for source in model.portfolio.optional_sources
        },
        benchmark,
        comparison,
        groups,
        (*before, *(one for j in judged for one in _known(j, "window"))),
        promised_auc(np.concatenate([j.pd for j in judged])),
    )


def _pool(judged: Sequence[Judged], shared: Sequence[Shared], policy: Policy) -> Pooled:
    bad, pd = _together(judged)
    auc, oe = rank_and_level(bad, pd, together(shared))
    declined = pd > policy.scoring.cutoff
    good = bad == 0
    return Pooled(
        auc,
        oe,
        roc_curve(bad, pd),
        (
            (int((good & ~declined).sum()), int((good & declined).sum())),
            (int((~good & ~declined).sum()), int((~good & declined).sum())),
        ),
    )


def _together(judged: Sequence[Judged]) -> tuple[IntArray, FloatArray]:
    return np.concatenate([j.rows.bad for j in judged]), np.concatenate([j.pd for j in judged])


def _by_group(
    model: ModelVersion, judged: Sequence[Judged], shared: Sequence[Shared], policy: Policy
) -> tuple[Fairness, ...]:
    frame = pd.concat([j.rows.frame for j in judged], ignore_index=True)
    bad, pds = _together(judged)
    pool = together(shared)
    customers = np.asarray(pool.customers)

    def outcomes(mine: BoolArray) -> tuple[AucEstimate, OE]:
        return rank_and_level(bad[mine], pds[mine], replace(pool, customers=customers[mine]))

    return fairness(frame, bad, pds, model.portfolio, policy, outcomes)


def _rows(period: Period, model: ModelVersion, cohorts: Sequence[date]) -> MaturedLoans:
    return read_rows(period, cohorts, model.card.label.mob, model.card.label)


def _scored(period: Period, model: ModelVersion, name: str, cohorts: Sequence[date]) -> Judged:
    rows = _rows(period, model, cohorts)
    return Judged(name, rows, model.predict(rows.frame))


def _measured(
    model: ModelVersion, window: Judged, validation: Judged, shared: Shared, policy: Policy
) -> Measures:
    """A window's measures; its scores are held against validation's with the same sources down."""
    then, now = comparable_scores(model, validation.rows, validation.pd, window.rows, window.pd)
    found = measure(window.name, window.rows.bad, window.pd, validation.pd, policy, shared)
    worth = len(then) * validation.rows.worth, len(now) * window.rows.worth
    return replace(found, shift=shift(then, now, policy.monitoring.psi_alpha, worth))


def _known(judged: Judged, part: Part) -> tuple[KnownCohort, ...]:
    frame = judged.rows.frame
    return known_cohorts(frame["cohort"], frame["customer_id"], judged.rows.bad, judged.pd, part)


def _against_benchmark(model: ModelVersion, judged: Sequence[Judged]) -> PairedAuc:
    bad, pd = _together(judged)
    card = np.concatenate([model.predict_benchmark(j.rows.frame) for j in judged])
    customers = np.concatenate([j.rows.frame["customer_id"] for j in judged])
    return paired_delong(bad, pd, card, clusters(customers))


def _against_champion(
    champion: ModelVersion,
    judged: Sequence[Judged],
    policy: Policy,
    shocks: SharedShocks,
    asked: Sequence[str],
) -> tuple[Gate, Comparison | None]:
    known = champion.card.known
    paired_samples = [
        paired_sample for j in judged if (paired_sample := _paired_sample(champion, j, known))
    ]
    bads, worth = counted_bads(paired_samples)
    if worth < policy.development.oot_min_bads:
        return no_equal_rows(champion.id, bads, worth, policy), None
    found = compare(champion.id, paired_samples, policy, shocks)
    return champion_gate(found, policy, asked), found


def _paired_sample(champion: ModelVersion, judged: Judged, known: set[date]) -> PairedSample | None:
    """The part of a window the champion has not learnt from, if both classes are in it."""
    cohorts = untrained(judged.rows.cohorts, known)
    kept = judged.rows.frame.cohort.isin(cohorts).to_numpy()
    rows = judged.rows.of(cohorts)
    if not rows.bads or not rows.goods:
        return None
    old = champion.predict(rows.frame)
    customers = rows.frame["customer_id"]
    return PairedSample(judged.name, rows.bad, judged.pd[kept], old, len(cohorts), customers)
