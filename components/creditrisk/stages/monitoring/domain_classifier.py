"""Can a classifier separate the month's applications from the reference, all columns together?

A classifier is asked to. Out-of-fold AUC 0.5: it cannot. A column that moved shows in its CSI;
this shows columns that moved against one another, too (Lopez-Paz and Oquab, Revisiting
Classifier Two-Sample Tests, ICLR 2017).
"""

import numpy as np
import pandas as pd
from catboost import CatBoost
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from creditrisk.metrics.design_effect import independent, worth_text
from creditrisk.metrics.discrimination import decay_test, delong
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.model.scorer import pool_of
from creditrisk.policy import Policy
from creditrisk.stages.monitoring.finding import Finding

METRIC = "domain_auc"
_DEPTH, _RATE = 4, 0.1  # shallow and quick: whether they differ, not how well a model could tell
_NAMED = 3
_CHANCE = AucEstimate(0.5, 0.0, 0.5, 0.5, 0, 0)


def domain_auc(
    current: pd.DataFrame, reference: pd.DataFrame, policy: Policy, cluster: IntArray | None = None
) -> Finding:
    """Out-of-fold AUC of current rows against reference rows, of the same matrix columns.

    DeLong's interval, and one-sided p of H0: they do not differ. Too few rows on a side,
    or no column that varies: insufficient. `cluster` numbers the customers of the reference's rows
    and then the current ones (None: nobody has two): they are in one fold, for a tree that has
    seen one of a customer's applications knows the others.
    """
    old, new, limits = len(reference), len(current), policy.monitoring
    needed = max(limits.min_rows_stability, limits.domain_folds)
    sides = (None, None) if cluster is None else (cluster[:old], cluster[old:])
    worth = [independent(own, rows) for own, rows in zip(sides, (old, new), strict=True)]
    if min(worth) < needed:
        text = f"{new:,} applications{worth_text(worth[1], new)} and {old} of the reference"
        text += f"{worth_text(worth[0], old)}, {needed} of each needed"
        return not_measured(text, old + new)
    rows = pd.concat([reference, current], ignore_index=True)
    rows = rows.loc[:, rows.nunique(dropna=False) > 1]
    if rows.columns.empty:
        return not_measured("no column varies", old + new)
    is_new = np.repeat(np.array([0, 1], dtype=np.int64), [old, new])
    scores, weights = _out_of_fold(rows, is_new, policy, cluster)
    found = delong(is_new, scores, cluster=cluster)
    heaviest = np.argsort(-weights, kind="stable")[:_NAMED]
    named = ", ".join(str(rows.columns[place]) for place in heaviest if weights[place] > 0)
    return Finding(
        METRIC,
        "stability",
        value=found.auc,
        lower=found.lower,
        upper=found.upper,
        p_value=decay_test(found, _CHANCE).p_value,
        rows=old + new,
        text=f"AUC {found.auc:.3f} ({found.lower:.3f} to {found.upper:.3f}) of {new:,} applications"
        f" against {old:,} of the reference, mostly by {named or 'nothing'}",
    )


def not_measured(text: str, rows: int = 0) -> Finding:
    """The finding where there is nothing to compare."""
    return Finding(METRIC, "stability", rows=rows).lacking(text)


def _out_of_fold(
    rows: pd.DataFrame, is_new: IntArray, policy: Policy, cluster: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """Log-odds (rows,) by trees that did not see the row, and the weight of each column."""
    limits, seed = policy.monitoring, policy.development.seed % 2**32
    scores, weights = np.zeros(len(rows)), np.zeros(rows.shape[1])
    kind = StratifiedKFold if cluster is None else StratifiedGroupKFold
    folds = kind(limits.domain_folds, shuffle=True, random_state=seed)
    for seen, held_out in folds.split(rows, is_new, cluster):
        model = CatBoost(_parameters(policy))
        model.fit(pool_of(rows.iloc[seen], is_new[seen]))
        held = pool_of(rows.iloc[held_out])
        scores[held_out] = model.predict(held, prediction_type="RawFormulaVal")
        weights += np.asarray(model.get_feature_importance(), dtype=float)
    return scores, weights


def _parameters(policy: Policy) -> dict[str, object]:
    return {
        "loss_function": "Logloss",
        "iterations": policy.monitoring.domain_trees,
        "depth": _DEPTH,
        "learning_rate": _RATE,
        "boosting_type": "Plain",
        "random_seed": policy.development.seed,
        "thread_count": 1,  # on so few rows threads cost more than they bring
        "allow_writing_files": False,
        "logging_level": "Silent",
    }
