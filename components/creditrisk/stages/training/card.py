"""The model card as data: what a version is, what it rests on and where it stops."""

import numpy as np

from creditrisk.calendar_month import months_between
from creditrisk.metrics.design_effect import by_group, clusters, independent
from creditrisk.metrics.low_default import upper_bounds
from creditrisk.model.fairness import fairness
from creditrisk.model.grade import grades_of
from creditrisk.period import Period
from creditrisk.records.card import Benchmark, Card, DatedLeakageScan, Kind, Label, PrudentGrade
from creditrisk.records.fairness import Fairness
from creditrisk.stages.training.dataset import Dataset
from creditrisk.stages.training.learn import Learned


def card_of(
    period: Period, kind: Kind, parent: str | None, learned: Learned, data: Dataset
) -> Card:
    """The card of a version just learned."""
    dev, newest = period.policy.development, max(learned.train)
    metrics, scorer = learned.metrics, learned.scorer
    windows = () if kind == "refit" else data.split.windows  # a refit has learned from them
    fitted = (*learned.train, *learned.validation)
    return Card(
        kind=kind,
        as_of=period.as_of,
        parent=parent,
        label=_label(period),
        train=learned.train,
        validation=learned.validation,
        windows=windows,
        newest_train_cohort=newest,
        newest_fitted_cohort=max(fitted),
        # the windows chose nothing, but they let it through: monitoring starts after them
        newest_development_cohort=max(*fitted, *(month for window in windows for month in window)),
        train_age_months=months_between(newest, period.as_of),
        features=scorer.features,
        left_out=tuple(f.name for f in scorer.portfolio.features if f.protected),
        benchmark=Benchmark(
            kind="logistic scorecard on bins, evidence of events as it is",
            train_auc=metrics.benchmark["train"].auc,
            validation_auc=metrics.benchmark["validation"].auc,
        ),
        calibration={state: chosen.method for state, chosen in metrics.calibration.items()},
        masked_sources_trained=scorer.portfolio.optional_sources if dev.masked_copies else (),
        data_version=data.data_version,
        seed=dev.seed,
        threads=dev.threads,
        parameters=learned.parameters,
        tuned_trials=len(metrics.tuning.trials),
        tuning_cut_by_time=metrics.tuning.cut,
        unmatched_loans=data.unmatched,
        late_loans=data.late,
        restated_loans=data.restated,
        selection=metrics.selection,
        leakage=DatedLeakageScan(**dict(metrics.leakage), months_dated=data.dated),
        fairness=_by_group(period, learned, data),
        prudent=_prudent(period, learned, data),
    )


def _prudent(period: Period, learned: Learned, data: Dataset) -> tuple[PrudentGrade, ...]:
    """Of validation rows whose bads are few; else none."""
    rows = data.validation
    if rows.empty:
        return ()
    limits = period.policy.low_default
    customers = clusters(rows["customer_id"][rows["bad"] == 1])
    if independent(customers, int(rows["bad"].sum())) >= limits.few_bads:
        return ()
    bounds = period.policy.development.grades
    pds, bad = learned.scorer.predict(rows), rows["bad"].to_numpy(dtype=np.int64)
    grade = grades_of(pds, bounds) - 1
    counts = np.bincount(grade, minlength=len(bounds) + 1).tolist()
    bads = np.bincount(grade[bad == 1], minlength=len(counts)).tolist()
    effects = np.array(by_group(bad - pds, grade, len(counts), clusters(rows["customer_id"])))
    worth_bads, worth = (np.divide(count, effects).tolist() for count in (bads, counts))
    most = upper_bounds(worth_bads, worth, limits.confidence, limits.asset_correlation)
    return tuple(map(PrudentGrade, counts, bads, most))


def _label(period: Period) -> Label:
    outcome, has_panel = period.policy.outcome, period.portfolio.by_role("performance")
    return Label(
        mob=outcome.mob, missed_instalments=outcome.missed_instalments if has_panel else None
    )


def _by_group(period: Period, learned: Learned, data: Dataset) -> tuple[Fairness, ...]:
    """How groups fare on validation rows; the windows are left to validation."""
    rows, scorer = data.validation, learned.scorer
    if rows.empty:
        return ()
    bad = rows["bad"].to_numpy(dtype=np.int64)
    return fairness(rows, bad, scorer.predict(rows), scorer.portfolio, period.policy)
