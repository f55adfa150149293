"""Fit calibrations on validation rows: sigmoid or isotonic, whichever cross-fits better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.logistic import logistic_loss
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.calibration_map import Calibration, Calibrations
from creditrisk.records.development import ChosenCalibration
from creditrisk.stages.training.event_scores import FOLDS, customer_folds

LEAST_ROWS, LEAST_OF_A_CLASS = 200, 30  # independent; with fewer a state uses the pool of all
# a model that ranks backwards stays so and fails on rank; a few rows it separates prove nothing
SLOPES = (0.05, 5.0)


@dataclass(frozen=True, eq=False)
class Sample:
    """The model's log-odds, outcomes and customer ids of the rows to calibrate on."""

    raw: FloatArray
    bad: NDArray[np.int64]
    customer: NDArray[np.object_]

    @cached_property
    def fold(self) -> NDArray[np.int64]:
        """Of its customer."""
        return customer_folds(self.customer)

    def take(self, which: NDArray[np.bool_]) -> "Sample":
        """The rows where `which` is true."""
        return Sample(self.raw[which], self.bad[which], self.customer[which])

    def worth(self, which: NDArray[np.bool_]) -> float:
        """How many independent rows these are at most."""
        return independent(clusters(self.customer[which]), int(which.sum()))


Method = Callable[[Sample], Calibration]


def fit_calibrations(
    samples: Mapping[str, Sample],
) -> tuple[Calibrations, dict[str, ChosenCalibration]]:
    """A calibration per mask state (`plain` and each optional source), and how each was chosen.

    A state with too few rows gets the calibration of all states' rows together.
    """
    everyone = Sample(
        np.concatenate([sample.raw for sample in samples.values()]),
        np.concatenate([sample.bad for sample in samples.values()]),
        np.concatenate([sample.customer for sample in samples.values()]),
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
    methods: dict[str, Method] = {"sigmoid": sigmoid, "isotonic": isotonic}
    losses = {name: _cross_fitted(sample, method) for name, method in methods.items()}
    best = min(losses, key=lambda name: losses[name])
    return methods[best](sample), losses


def sigmoid(sample: Sample) -> Calibration:
    """Platt: one slope in log-odds; the mean PD equals the share of bads."""
    raw, bad = sample.raw, sample.bad
    spread = float(raw.std()) or 1.0
    line = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-10)
    line.fit((raw / spread).reshape(-1, 1), bad)
    slope = float(np.clip(round(float(line.coef_[0, 0]) / spread, 10), *SLOPES))
    return _levelled(Calibration("sigmoid", (0.0,), (0.0,), slope), raw, bad)


def isotonic(sample: Sample) -> Calibration:
    """Centred isotonic regression; the mean PD equals the share of bads.

    A block of goods only counts half a bad (of bads only, half a good) among as many rows as it
    is worth: they are not proof of a PD of 0 or 1.
    """
    raw, bad = sample.raw, sample.bad
    fitted = IsotonicRegression().fit_transform(raw, bad)
    # one block's rate may come out in two spellings that differ in the last bit
    _, first, block, sizes = np.unique(
        fitted.round(12), return_index=True, return_inverse=True, return_counts=True
    )
    rates = fitted[first]
    centres = np.bincount(block, weights=raw) / sizes
    if rates[0] <= 0:
        half = 0.5 / sample.worth(block == 0)
        rates[0] = min(half, rates[1] / 2 if len(rates) > 1 else 1)
    if rates[-1] >= 1:
        half = 0.5 / sample.worth(block == len(rates) - 1)
        rates[-1] = 1 - min(half, (1 - rates[-2]) / 2 if len(rates) > 1 else 1)
    knots = Calibration("isotonic", _floats(centres), _floats(logit(rates)), 1.0)
    return _levelled(knots, raw, bad)


def _levelled(shape: Calibration, raw: FloatArray, bad: NDArray[np.int64]) -> Calibration:
    """The same curve, moved in log-odds until expected equals observed."""
    z, rate = shape.log_odds(raw), bad.mean()
    shift = brentq(lambda shift: expit(z + shift).mean() - rate, -60, 60, xtol=1e-12)
    return Calibration(shape.method, shape.x, _floats(np.array(shape.y) + shift), shape.slope)


def _cross_fitted(sample: Sample, method: Method) -> float:
    loss = 0.0
    for fold in range(FOLDS):
        held = sample.fold == fold
        if not held.any():
            continue
        if len(set(sample.bad[~held].tolist())) < 2:
            return float("inf")
        z = method(sample.take(~held)).log_odds(sample.raw[held])
        loss += logistic_loss(z, sample.bad[held] == 1)
    return loss / len(sample.raw)


def _enough(sample: Sample) -> bool:
    rarer = min(sample.worth(sample.bad == outcome) for outcome in (0, 1))
    whole = sample.worth(np.ones(len(sample.bad), dtype=np.bool_))
    return whole >= LEAST_ROWS and rarer >= LEAST_OF_A_CLASS


def _floats(values: FloatArray) -> tuple[float, ...]:
    return tuple(round(float(value), 10) for value in values)
