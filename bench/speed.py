"""What statistics and scoring cost, beside what else a team would use for them, in one run."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.figure import Figure
from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.discrimination import delong, paired_delong
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.stability import psi
from creditrisk.model.scorer import pool_of, read_metadata
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion
from creditrisk.policy import Policy
from creditrisk.stages.scoring.score import score_rows

ROWS, FEATURES, BESIDE = 1_000_000, 60, 3  # BESIDE: columns Evidently is given of the 60
Figures = dict[str, Any]


def statistics(beside: bool = True) -> Figures:
    """CPU seconds at a million rows: (un)paired DeLong, PSI of a score and CSI of 60 features.

    `beside`: Evidently's PSI, too.
    """
    rng = np.random.default_rng(1)
    bad = (rng.random(ROWS) < 0.08).astype(np.int64)
    one, two = (rng.normal(size=ROWS) + 1.2 * bad for _ in range(2))
    before, now = (
        pd.DataFrame({f"x{n}": rng.normal(0.02 * n * late, 1, ROWS) for n in range(FEATURES)})
        for late in (0, 1)
    )
    few = list(before.columns[:BESIDE])
    found = {
        "rows": ROWS,
        "delong": seconds(lambda: delong(bad, one)),
        "paired_delong": seconds(lambda: paired_delong(bad, one, two)),
        "psi_60_features": seconds(lambda: shifts(before, now)),
        "psi_one_feature": seconds(lambda: shifts(before[few], now[few])) / BESIDE,
    }
    if beside:
        theirs = seconds(lambda: evidently(before[few], now[few])) / BESIDE
        found |= {"evidently_psi_one_feature": theirs, "evidently_columns": BESIDE}
    return found


def figures(_: Path) -> list[Figure]:
    """Ours of them, beside their budgets."""
    found = statistics(beside=False)
    return [
        Figure("paired DeLong at 1M rows", found["paired_delong"], 0.5),
        Figure("PSI and CSI of 60 features at 1M rows", found["psi_60_features"], 4),
    ]


def shifts(before: pd.DataFrame, now: pd.DataFrame) -> list[float]:
    """PSI of every column, bins frozen on `before`."""
    found = []
    for name in before:
        bins = FrozenBins.numeric(before[name])
        found.append(psi(bins.counts(before[name]), bins.counts(now[name])))
    return found


def evidently(before: pd.DataFrame, now: pd.DataFrame) -> None:
    """The same by Evidently's PSI."""
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    named = DataDefinition(numerical_columns=list(now.columns))
    current, reference = (Dataset.from_pandas(frame, named) for frame in (now, before))
    Report([DataDriftPreset(num_method="psi", num_threshold=0.25)]).run(current, reference)


def scoring(model: ModelVersion, applications: pd.DataFrame, policy: Policy, rows: int) -> Figures:
    """Applications a CPU second with PD, grade and reasons, beside CatBoost's SHAP of the same."""
    rng = np.random.default_rng(1)
    frame = applications.iloc[rng.integers(0, len(applications), rows)].reset_index(drop=True)
    frame["application_id"] = [f"A{number}" for number in range(rows)]
    measured = AucEstimate(0.8, 0.01, 0.78, 0.82, bads=500, goods=4500)
    sources = frozenset(model.portfolio.optional_sources)
    validated = ValidatedStates(sources, {ALL_SOURCES_UP: measured})
    matrix = model.matrix(frame)
    pool = pool_of(matrix, typical=read_metadata(model.scorer.model).typical)
    ours = seconds(lambda: score_rows(model, frame, validated, policy))
    catboost = seconds(lambda: model.scorer.model.get_feature_importance(pool, type="ShapValues"))
    return {
        "rows": rows,
        "trees": model.scorer.model.tree_count_,
        "scored_per_second": rows / ours,
        "catboost_shap_per_second": rows / catboost,
        "share": catboost / ours,
    }


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the better of two goes: what else the machine does only adds."""
    return min(_once(work) for _ in range(2))


def _once(work: Callable[[], object]) -> float:
    clock = time.process_time()
    work()
    return time.process_time() - clock
