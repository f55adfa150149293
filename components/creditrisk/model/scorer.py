"""A fitted model and all that turns rows of gold features into its PD."""

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
    return np.asarray(model.predict(pool_of(matrix), prediction_type="RawFormulaVal"), dtype=float)


def shap_values(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """SHAP values (rows, features) in log-odds; CatBoost's last column, the base, is cut off."""
    if matrix.empty:
        return np.empty((0, matrix.shape[1]))
    values = model.get_feature_importance(pool_of(matrix), type="ShapValues")
    return np.asarray(values, dtype=float)[:, :-1]


def pool_of(matrix: pd.DataFrame, bad: NDArray[np.int64] | None = None) -> Pool:
    """A CatBoost pool; the matrix's columns of text are its categories."""
    categories = [name for name in matrix.columns if matrix[name].dtype == object]
    return Pool(matrix, bad, cat_features=categories)
