"""Fit the encoders of event evidence, on train rows only.

Train rows get the evidence of an encoder that has not seen their customer, otherwise the
learner would trust evidence more than it deserves on anybody new.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf_shrinkage

from creditrisk.metrics.design_effect import clusters, independent
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.event_score import UNFITTED, EventEncoder, event_rows, excess
from creditrisk.model.mask_states import mask_unavailable
from creditrisk.portfolio import Events, Portfolio

FOLDS = 5
LEAST_OF_A_CLASS = 10  # fewer bads or goods with events say nothing about the rest
DIGITS = 10  # below this, weights depend on how many threads the linear algebra took


def customer_folds(customers: Iterable[object]) -> NDArray[np.int64]:
    """Fold of each row by a hash of the customer: stable as cohorts are added."""
    digests = (hashlib.sha256(str(customer).encode()).digest() for customer in customers)
    return np.array([int.from_bytes(digest[:8]) % FOLDS for digest in digests], dtype=np.int64)


def fit_encoders(frame: pd.DataFrame, portfolio: Portfolio) -> dict[str, EventEncoder]:
    """An encoder per events source from rows of gold features with `bad`."""
    rows, bad = mask_unavailable(frame, portfolio), frame["bad"].to_numpy(dtype=np.int64)
    customers = rows["customer_id"].to_numpy(dtype=object)
    return {
        events.name: fit_evidence(_events_of(rows, events), bad, customers)
        for events in portfolio.events
    }


def out_of_fold(frame: pd.DataFrame, portfolio: Portfolio) -> dict[str, FloatArray]:
    """Evidence (rows,) of each events source, from customers of the other folds only."""
    rows, bad = mask_unavailable(frame, portfolio), frame["bad"].to_numpy(dtype=np.int64)
    customers = rows["customer_id"].to_numpy(dtype=object)
    folds = customer_folds(customers)
    found = {}
    for events in portfolio.events:
        data = _events_of(rows, events)
        evidence = np.full(len(rows), np.nan)
        for fold in range(FOLDS):
            held = folds == fold
            seen = fit_evidence(data[~held], bad[~held], customers[~held])
            evidence[held] = seen.of_rows(data[held])
        found[events.name] = evidence
    return found


def fit_evidence(
    rows: FloatArray, bad: NDArray[np.int64], customers: NDArray[np.object_]
) -> EventEncoder:
    """A linear discriminant of single events, from `rows` (count, then sums) of applicants.

    Class means are pooled over events; the covariance within a class follows from how far sums
    lie from count * mean, and is shrunk towards its diagonal as far as its noise asks for (Ledoit
    and Wolf 2004). A difference of means that chance explains counts less, or not at all (the
    non-negative garotte, Breiman 1995). The events of a customer with several loans are the same
    ones: they count as often as the loans are worth. With fewer than ten bads or goods that have
    events, the encoder stays unfitted.
    """
    some = rows[:, 0] > 0
    rows, bad, customers = rows[some], bad[some], customers[some]
    loans = np.bincount(bad, minlength=2)
    worth = np.array([_worth(customers[bad == outcome]) for outcome in (0, 1)])
    if worth.min() < LEAST_OF_A_CLASS:
        return UNFITTED
    events = np.array([rows[bad == outcome, 0].sum() for outcome in (0, 1)])
    counts = events * (worth / loans)
    good, risky = (_mean(rows[bad == outcome]) for outcome in (0, 1))
    beyond = excess(rows, np.where(bad[:, None] == 1, risky, good)) / np.sqrt(rows[:, :1])
    spread = beyond.std(axis=0)
    scales = np.where(spread > 0, spread, np.inf)  # a column that never varies gets no weight
    weights = _discriminant((risky - good) / scales, beyond / scales, counts) / scales
    return EventEncoder(means=_rounded((good + risky) / 2), weights=_rounded(weights))


def _discriminant(apart: FloatArray, beyond: FloatArray, counts: FloatArray) -> FloatArray:
    """Weights in units of standard deviations, from standardised differences and residuals."""
    chance = (1 / counts).sum()  # variance of each difference where there is none
    signal = apart**2 > chance
    kept = np.where(signal, apart - chance / np.where(signal, apart, 1.0), 0.0)
    shrinkage = ledoit_wolf_shrinkage(beyond, assume_centered=True)
    within = (1 - shrinkage) * beyond.T @ beyond / len(beyond)
    within[np.diag_indices_from(within)] = 1.0
    return np.asarray(np.linalg.solve(within, kept))


def _worth(customers: NDArray[np.object_]) -> float:
    return independent(clusters(customers), len(customers))


def _mean(rows: FloatArray) -> FloatArray:
    """Of an event; a lone missing sum is left out with its events."""
    found = np.where(np.isnan(rows[:, 1:]), 0.0, rows[:, :1]).sum(axis=0)
    sums = np.nansum(rows[:, 1:], axis=0)
    return np.asarray(np.divide(sums, found, where=found > 0, out=np.zeros_like(sums)))


def _events_of(rows: pd.DataFrame, events: Events) -> FloatArray:
    return event_rows(rows[events.count], rows[[*events.sums]])


def _rounded(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)
