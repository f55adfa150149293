"""One model on real data: trained in memory, judged on its windows; nothing is kept."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LOAN_MONTHS, history
from creditrisk.metrics.discrimination import delong
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period
from creditrisk.stages.monitoring.event_window import last_months
from creditrisk.stages.training.dataset import load_dataset
from creditrisk.stages.training.learn import learn
from creditrisk.stages.training.train import folder
from creditrisk.stages.validation.examine import Examination, examine
from creditrisk.stages.validation.measures import shift
from creditrisk.stages.validation.window_rows import read_rows

SOURCE = "clickstream"
Figures = dict[str, Any]


def one(period: Period, outcome: str) -> tuple[Figures, ModelVersion]:
    """Train and judge one seed's model in memory: nothing is kept, no window counts as read."""
    clock, cpu = time.perf_counter(), time.process_time()
    data = load_dataset(period)
    learned = learn(data.train, data.validation, period.policy.development, period.portfolio)
    model = ModelVersion("bench", folder(period, "initial", None, learned, data))
    took = time.perf_counter() - clock, time.process_time() - cpu
    found = examine(period, model, None)
    figures = {
        **_judged(found),
        "matched_psi": _matched_psi(period, model),
        "seconds": took[0],
        "cpu_seconds": took[1],
        "trials": len(model.metrics.tuning.trials),
        "features": len(model.feature_names),
        "dropped": sorted(model.metrics.selection.dropped),
        "trees": int(model.card.parameters["trees"]),
        "depth": int(model.card.parameters["depth"]),
        **({"reference_outcome": _at_mob_3(period, model)} if outcome == "mob3" else {}),
    }
    return figures, model


def _judged(found: Examination) -> Figures:
    if found.pooled is None or found.benchmark is None:
        raise SystemExit("bench-model: the windows hold too few outcomes to judge anything")
    if (masked := found.masked[SOURCE].pooled) is None:
        raise SystemExit(f"bench-model: no pool without {SOURCE}")
    gap = next(gate for gate in found.gates if gate.gate == "fit_gap")
    return {
        "auc": [window.auc.auc for window in found.windows],
        "mean_auc": float(np.mean([window.auc.auc for window in found.windows])),
        "oe": [[w.oe.ratio, w.oe.lower, w.oe.upper] for w in found.windows],
        "windows_containing_one": sum(w.oe.lower <= 1 <= w.oe.upper for w in found.windows),
        "pooled_oe": found.pooled.oe.ratio,
        "masked_auc": masked.auc.auc,
        "masked_oe": masked.oe.ratio,
        "score_psi": max(window.shift.psi for window in found.windows),
        "fit_gap": gap.value,
        "fit_gap_interval": [gap.lower, gap.upper],
        "gain": found.benchmark.difference,
        "gain_interval": [found.benchmark.lower, found.benchmark.upper],
        "red": sorted({gate.gate for gate in found.gates if not gate.passed}),
    }


def _matched_psi(period: Period, model: ModelVersion) -> float:
    """Largest score PSI of a window against validation, all with equally long event histories.

    Evidence spreads as histories grow: without the cut a shift is seen that nobody's risk made.
    """
    card, (events,) = model.card, period.portfolio.events
    oldest = period.lake.months(history(events).table, upto=min(card.validation))

    def scores(cohorts: Sequence[date]) -> np.ndarray:
        found = []
        for cohort in cohorts:
            frame = read_rows(period, [cohort], card.label.mob).frame
            cut, _ = last_months(replace(period, as_of=cohort), frame, {SOURCE: len(oldest)})
            found.append(model.predict(cut))
        return np.concatenate(found)

    reference, alpha = scores(card.validation), period.policy.monitoring.psi_alpha
    return max(shift(reference, scores(window), alpha).psi for window in card.windows)


def _at_mob_3(period: Period, model: ModelVersion) -> float:
    """Mean AUC on the reference system's outcome: an instalment is missed at mob 3."""
    card, areas = model.card, []
    for window in card.windows:
        frame = read_rows(period, window, card.label.mob).frame
        months = [add_months(cohort, 3) for cohort in window]
        panel: pd.DataFrame = period.lake.read(LOAN_MONTHS, months).to_pandas()
        panel = panel[panel["month_on_book"] == 3].set_index("loan_id")
        bad = (frame["loan_id"].map(panel["missed"]) >= 1).astype(int)
        areas.append(delong(bad, model.predict(frame)).auc)
    return float(np.mean(areas))
