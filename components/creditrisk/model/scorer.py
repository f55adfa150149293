"""A fitted model and all that turns rows of gold features into its PD."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
import pandas as pd
from catboost import CatBoost, Pool
from numpy.typing import NDArray

from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.calibration_map import Calibrations
from creditrisk.model.event_score import EventEncoder
from creditrisk.model.mask_states import mask_states
from creditrisk.model.matrix import build_matrix
from creditrisk.portfolio import Portfolio
from creditrisk.records.card import ModelFeature

METADATA = "creditrisk"


@dataclass(frozen=True)
class BaseMargin:
    """Log-odds the trees start from: linear in columns of evidence, which are log-odds already.

    Evidence adds to what is known otherwise, and sums are what trees are worst at. A missing
    value adds nothing; `means` are of what each column adds in train.
    """

    intercept: float = 0.0
    slopes: Mapping[str, float] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)

    def parts(self, matrix: pd.DataFrame) -> dict[str, FloatArray]:
        """What each column adds (rows,)."""
        return {n: matrix[n].fillna(0.0).to_numpy() * slope for n, slope in self.slopes.items()}

    def of(self, matrix: pd.DataFrame) -> FloatArray:
        """The sum (rows,)."""
        return np.asarray(sum(self.parts(matrix).values(), np.full(len(matrix), self.intercept)))


@dataclass(frozen=True)
class ModelMetadata:
    """What a model keeps beside its trees; `typical` is what stands for a missing value."""

    typical: Mapping[str, float] = field(default_factory=dict)
    start: BaseMargin = BaseMargin()


@dataclass(frozen=True, eq=False)
class Scorer:
    """One per model; `frame` is always rows of gold features, any order, any number."""

    model: CatBoost
    features: tuple[ModelFeature, ...]
    portfolio: Portfolio
    evidence: Mapping[str, EventEncoder]
    calibrations: Calibrations

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What CatBoost sees: one column per feature."""
        return build_matrix(frame, self.features, self.portfolio, self.evidence)

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """Calibrated PD per row; each row by the optional sources that were up for it."""
        return self.pd(self.matrix(frame), mask_states(frame, self.portfolio))

    def pd(self, matrix: pd.DataFrame, states: NDArray[np.str_]) -> FloatArray:
        """The same of rows of `matrix`, whose sources were up as `states` say."""
        return self.calibrations.pd(log_odds(self.model, matrix), states)


def log_odds(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """The model's own log-odds of bad (rows,), before calibration."""
    if matrix.empty:
        return np.empty(0)
    kept = read_metadata(model)
    pool = pool_of(matrix, typical=kept.typical)
    trees = np.asarray(model.predict(pool, prediction_type="RawFormulaVal"), dtype=float)
    return trees + kept.start.of(matrix)


def shap_values(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """SHAP values (rows, features) in log-odds; CatBoost's last column, the base, is cut off."""
    kept, values = read_metadata(model), tree_shap(model, matrix)
    for name, part in kept.start.parts(matrix).items():
        values[:, matrix.columns.get_loc(name)] += part - kept.start.means[name]
    return values


def tree_shap(model: CatBoost, matrix: pd.DataFrame) -> FloatArray:
    """The same of the trees alone, without what they start from."""
    if matrix.empty:
        return np.empty((0, matrix.shape[1]))
    pool = pool_of(matrix, typical=read_metadata(model).typical)
    # one way to compute, whatever the number of rows: CatBoost chooses one by it otherwise
    found = model.get_feature_importance(pool, type="ShapValues", shap_mode="UsePreCalc")
    return np.asarray(found, dtype=float)[:, :-1]


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


def embed(model: CatBoost, kept: ModelMetadata) -> None:
    """Put what is kept beside the trees into the model itself."""
    model.get_metadata()[METADATA] = json.dumps(asdict(kept), sort_keys=True)


def read_metadata(model: CatBoost) -> ModelMetadata:
    """What a model keeps beside its trees."""
    metadata = model.get_metadata()
    if METADATA not in metadata:
        return ModelMetadata()
    found = json.loads(metadata[METADATA])
    return ModelMetadata(found["typical"], BaseMargin(**found["start"]))
