"""A fitted model and all that turns rows of gold features into its PD."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from catboost import CatBoost, Pool
from numpy.typing import NDArray

from creditrisk.model.calibration import Calibrations
from creditrisk.model.evidence import Evidence
from creditrisk.model.matrix import ModelFeature, build_matrix, mask_states
from creditrisk.portfolio import Portfolio

FloatArray = NDArray[np.float64]
TYPICAL = "typical"


@dataclass(frozen=True, eq=False)
class Scorer:
    """One per model; `frame` is always rows of gold features, any order, any number."""

    model: CatBoost
    features: tuple[ModelFeature, ...]
    portfolio: Portfolio
    evidence: Mapping[str, Evidence]
    calibrations: Calibrations

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What CatBoost sees: one column per feature."""
        return build_matrix(frame, self.features, self.portfolio, self.evidence)

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """Calibrated PD per row; each row by the optional sources that were up for it."""
        raw = log_odds(self.model, self.matrix(frame))
        return self.calibrations.pd(raw, mask_states(frame, self.portfolio))


def log_odds(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """The model's own log-odds of bad (rows,), before calibration."""
    if matrix.empty:
        return np.empty(0)
    pool = pool_of(matrix, typical=typical_of(model))
    return np.asarray(model.predict(pool, prediction_type="RawFormulaVal"), dtype=float)


def shap_values(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """SHAP values (rows, features) in log-odds; CatBoost's last column, the base, is cut off."""
    if matrix.empty:
        return np.empty((0, matrix.shape[1]))
    pool = pool_of(matrix, typical=typical_of(model))
    values = model.get_feature_importance(pool, type="ShapValues")
    return np.asarray(values, dtype=float)[:, :-1]


def pool_of(
    matrix: pd.DataFrame,
    bad: NDArray[np.int64] | None = None,
    typical: Mapping[str, float] | None = None,
) -> Pool:
    """A CatBoost pool; the matrix's columns of text are its categories.

    `typical` holds what stands for a missing value, of the columns that have something.
    """
    categories = [name for name in matrix.columns if matrix[name].dtype == object]
    return Pool(matrix.fillna(dict(typical or {})), bad, cat_features=categories)


def keep_typical(model: CatBoost, typical: Mapping[str, float]) -> None:
    """Keep in the model itself what stands for a missing value."""
    model.get_metadata()[TYPICAL] = json.dumps(dict(typical), sort_keys=True)


def typical_of(model: CatBoost) -> dict[str, float]:
    """What stands for a missing value, by column."""
    metadata = model.get_metadata()
    found: dict[str, float] = json.loads(metadata[TYPICAL]) if TYPICAL in metadata else {}
    return found
