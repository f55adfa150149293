"""Fit calibrations on validation rows: sigmoid or isotonic, whichever cross-fits better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.model.calibration_map import Calibration, Calibrations
from creditrisk.records.development import ChosenCalibration
from creditrisk.stages.training.event_scores import FOLDS

FloatArray = NDArray[np.float64]
LEAST_ROWS, LEAST_OF_A_CLASS = 200, 30  # a mask state with fewer uses the pool of all states
# a model that ranks backwards stays so and fails on rank; a few rows it separates prove nothing
SLOPES = (0.05, 5.0)


@dataclass(frozen=True, eq=False)
class Sample:
    """The model's log-odds, outcomes and customer fold of the rows to calibrate on."""

    raw: FloatArray
    bad: NDArray[np.int64]
    fold: NDArray[np.int64]


def fit_calibrations(
    samples: Mapping[str, Sample],
) -> tuple[Calibrations, dict[str, ChosenCalibration]]:
    """A calibration per mask state (`plain` and each optional source), and how each was chosen.

    A state with too few rows gets the calibration of all states' rows together.
    """
    everyone = Sample(
        np.concatenate([sample.raw for sample in samples.values()]),
        np.concatenate([sample.bad for sample in samples.values()]),
        np.concatenate([sample.fold for sample in samples.values()]),
    )
    found: dict[str, Calibration] = {}
    chosen: dict[str, ChosenCalibration] = {}
    for state in (ALL_SOURCES_UP, *(name for name in samples if name != ALL_SOURCES_UP)):
        own = state in samples and _enough(samples[state])
        sample = samples[state] if own else everyone
        found[state], losses = choose(sample)
        chosen[state] = ChosenCalibration(
            method=found[state].method,
            rows=len(sample.raw),
            pooled=not own,
            cross_fitted_log_loss=losses,
        )
    return Calibrations(found), chosen


def choose(sample: Sample) -> tuple[Calibration, dict[str, float]]:
    """The method with the lower cross-fitted log-loss (a tie is the sigmoid's), on all rows."""
    methods: dict[str, Callable[[FloatArray, NDArray[np.int64]], Calibration]]
    methods = {"sigmoid": sigmoid, "isotonic": isotonic}
    losses = {name: _cross_fitted(sample, method) for name, method in methods.items()}
    best = min(losses, key=lambda name: losses[name])
    return methods[best](sample.raw, sample.bad), losses


def sigmoid(raw: FloatArray, bad: NDArray[np.int64]) -> Calibration:
    """Platt: one slope in log-odds; the mean PD equals the share of bads."""
    spread = float(raw.std()) or 1.0
    line = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-10)
    line.fit((raw / spread).reshape(-1, 1), bad)
    slope = float(np.clip(round(float(line.coef_[0, 0]) / spread, 10), *SLOPES))
    return _levelled(Calibration("sigmoid", (0.0,), (0.0,), slope), raw, bad)


def isotonic(raw: FloatArray, bad: NDArray[np.int64]) -> Calibration:
    """Centred isotonic regression; the mean PD equals the share of bads.

    A block of goods only counts half a bad (of bads only, half a good): its rows are not
    proof of a PD of 0 or 1.
    """
    fitted = IsotonicRegression().fit_transform(raw, bad)
    # one block's rate may come out in two spellings that differ in the last bit
    _, first, block, sizes = np.unique(
        fitted.round(12), return_index=True, return_inverse=True, return_counts=True
    )
    rates = fitted[first]
    centres = np.bincount(block, weights=raw) / sizes
    if rates[0] <= 0:
        rates[0] = min(0.5 / sizes[0], rates[1] / 2 if len(rates) > 1 else 1)
    if rates[-1] >= 1:
        rates[-1] = 1 - min(0.5 / sizes[-1], (1 - rates[-2]) / 2 if len(rates) > 1 else 1)
    knots = Calibration("isotonic", _floats(centres), _floats(logit(rates)), 1.0)
    return _levelled(knots, raw, bad)


def _levelled(shape: Calibration, raw: FloatArray, bad: NDArray[np.int64]) -> Calibration:
    """The same curve, moved in log-odds until expected equals observed."""
    z, rate = shape.log_odds(raw), bad.mean()
    shift = brentq(lambda shift: expit(z + shift).mean() - rate, -60, 60, xtol=1e-12)
    return Calibration(shape.method, shape.x, _floats(np.array(shape.y) + shift), shape.slope)


def _cross_fitted(
    sample: Sample, method: Callable[[FloatArray, NDArray[np.int64]], Calibration]
) -> float:
    loss = 0.0
    for fold in range(FOLDS):
        held = sample.fold == fold
        if not held.any():
            continue
        if len(set(sample.bad[~held].tolist())) < 2:
            return float("inf")
        z = method(sample.raw[~held], sample.bad[~held]).log_odds(sample.raw[held])
        loss += float(np.logaddexp(0, np.where(sample.bad[held] == 1, -z, z)).sum())
    return loss / len(sample.raw)


def _enough(sample: Sample) -> bool:
    bads = int(sample.bad.sum())
    rarer = min(bads, len(sample.bad) - bads)
    return len(sample.bad) >= LEAST_ROWS and rarer >= LEAST_OF_A_CLASS


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(round(float(value), 10) for value in values)
