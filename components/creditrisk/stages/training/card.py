"""The model card as data: what a version is, what it rests on and where it stops."""

from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np

from creditrisk.calendar import months_between
from creditrisk.model.fairness import fairness
from creditrisk.period import Period
from creditrisk.stages.training.dataset import Dataset
from creditrisk.stages.training.learn import Learned


def card_of(
    period: Period, kind: str, parent: str | None, learned: Learned, data: Dataset
) -> dict[str, Any]:
    """The card as data. Cohorts are ISO months, ages are in months at `as_of`."""
    dev, newest = period.policy.development, max(learned.train)
    tuning, scorer = learned.metrics["tuning"], learned.scorer
    windows = () if kind == "refit" else data.split.windows  # a refit has learned from them
    fitted = (*learned.train, *learned.validation)
    return {
        "kind": kind,
        "as_of": period.as_of.isoformat(),
        "parent": parent,
        "label": {
            "mob": period.policy.outcome.mob,
            "missed_instalments": period.policy.outcome.missed_instalments
            if period.portfolio.by_role("performance")
            else None,
        },
        "train": _iso(learned.train),
        "validation": _iso(learned.validation),
        "windows": [_iso(window) for window in windows],
        "newest_train_cohort": newest.isoformat(),
        "newest_fitted_cohort": max(fitted).isoformat(),
        # the windows chose nothing, but they let it through: monitoring starts after them
        "newest_development_cohort": max(
            *fitted, *(cohort for window in windows for cohort in window)
        ).isoformat(),
        "train_age_months": months_between(newest, period.as_of),
        "features": [asdict(feature) for feature in scorer.features],
        "left_out": [f.name for f in scorer.portfolio.features if f.protected],
        "benchmark": {
            "kind": "logistic scorecard on weight of evidence",
            "train_auc": learned.metrics["benchmark"]["train"]["auc"],
            "validation_auc": learned.metrics["benchmark"]["validation"]["auc"],
        },
        "calibration": {s: c["method"] for s, c in learned.metrics["calibration"].items()},
        "masked_sources_trained": list(scorer.portfolio.optional_sources)
        if dev.masked_copies
        else [],
        "data_version": dict(data.data_version),
        "seed": dev.seed,
        "threads": dev.threads,
        "parameters": dict(learned.parameters),
        "tuned_trials": len(tuning["trials"]),
        "tuning_cut_by_time": tuning["cut"],
        "unmatched_loans": data.unmatched,
        "selection": learned.metrics["selection"],
        "leakage": dict(learned.metrics["leakage"]) | {"months_dated": data.dated},
        "fairness": _by_group(period, learned, data),
    }


def _iso(months: tuple[date, ...]) -> list[str]:
    return [month.isoformat() for month in months]


def _by_group(period: Period, learned: Learned, data: Dataset) -> list[dict[str, Any]]:
    """How groups fare on validation rows; the windows are left to validation."""
    rows, scorer = data.validation, learned.scorer
    if rows.empty:
        return []
    bad = rows["bad"].to_numpy(dtype=np.int64)
    found = fairness(rows, bad, scorer.predict(rows), scorer.portfolio, period.policy)
    return [asdict(column) | {"signal": column.signal} for column in found]
