"""Whole documents of evidence with small content, any field of which a test may choose."""

from datetime import date
from typing import Any

from creditrisk.metrics.estimates import Proportion
from creditrisk.records.card import Benchmark, Card, Label
from creditrisk.records.development import Lineage
from creditrisk.records.measured_window import AucInterval, Bands, OeInterval, Window
from creditrisk.records.quality import Check, QualityReport
from creditrisk.records.validation import Gate, Validation

JANUARY = date(2024, 1, 1)
SHARE = Proportion(0.5, 0.25, 0.75, 20, 40)


def card(**fields: Any) -> Card:
    """Of a first model of January's cohort."""
    known: dict[str, Any] = {
        "kind": "initial", "as_of": date(2024, 4, 1), "parent": None,
        "label": Label(mob=3, missed_instalments=1), "train": (JANUARY,), "validation": (),
        "windows": (), "newest_train_cohort": JANUARY, "newest_fitted_cohort": JANUARY,
        "newest_development_cohort": JANUARY, "train_age_months": 3, "features": (),
        "left_out": (),
        "benchmark": Benchmark(kind="scorecard", train_auc=0.7, validation_auc=0.7),
        "calibration": {}, "masked_sources_trained": (), "data_version": {}, "seed": 1,
        "threads": 1, "parameters": {}, "tuned_trials": 0, "tuning_cut_by_time": False,
        "unmatched_loans": 0,
    }  # fmt: skip
    return Card(**(known | fields))


def lineage(**fields: Any) -> Lineage:
    """Of a version made from nothing."""
    known: dict[str, Any] = {
        "as_of": date(2024, 4, 1), "code": "code-1", "config": "", "policy": "ab" * 32,
        "portfolio": "cd" * 32, "parent": None, "data_version": {}, "parameters": {}, "seed": 1,
        "threads": 1, "python": "3.11.9", "packages": {},
    }  # fmt: skip
    return Lineage(**(known | fields))


def validation(version: str, **fields: Any) -> Validation:
    """Of a version that passed, in the month of its name."""
    known = {"as_of": f"{version[:7]}-01", "policy": "ab" * 32, "verdict": "pass"}
    return Validation(version=version, **(known | fields))


def window(cohort: date, **fields: Any) -> Window:
    """What was measured on loans of one month."""
    auc = AucInterval(auc=0.8, se=0.015, lower=0.77, upper=0.83)
    known: dict[str, Any] = {
        "name": f"{cohort:%Y-%m}", "cohorts": (cohort,), "rows": 400, "bads": 80, "auc": auc,
        "gini": 0.6, "ks": 0.5, "oe": OeInterval(ratio=1.01, lower=0.9, upper=1.13, p_value=0.9),
        "jeffreys": 0.4, "grades": (), "brier": 0.12, "ece": 0.02, "score_psi": 0.03,
        "score_psi_critical": 0.1, "inversions": 0, "significant_inversions": 0,
        "bands": Bands(rows=(400,), bads=(80,)), "precision": SHARE, "recall": SHARE,
    }  # fmt: skip
    return Window(**(known | fields))


def gate(name: str, state: str = "green", **fields: Any) -> Gate:
    """A gate across all windows."""
    known = {"window": "all windows", "value": 0.5, "limit": 0.7, "sample": 80, "reason": "why"}
    return Gate(gate=name, state=state, **(known | fields))


def quality_report(
    month: date, failure: str = "", outages: tuple[str, ...] = (), **fields: Any
) -> QualityReport:
    """A month with a harmless check, and one that blocks it where there is a failure."""
    found = [("info", "fine"), *([("block", failure)] if failure else [])]
    checks = [Check("silver", "form", "empty", "", 1, 100, 0.01, *check) for check in found]
    known: dict[str, Any] = {
        "as_of": month, "portfolio": "small-lender", "policy": "ab" * 32, "checks": checks,
        "outages": outages, "inputs": {}, "profiles": (), "compared_with": None,
    }  # fmt: skip
    return QualityReport(**(known | fields))
