"""Fit the encoders of event evidence, on train rows only.

Train rows get the evidence of an encoder that has not seen their customer, otherwise the
learner would trust evidence more than it deserves on anybody new.
"""

import hashlib

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from creditrisk.model.evidence import UNFITTED, Evidence, event_rows, standardised
from creditrisk.model.matrix import concealed
from creditrisk.portfolio import Events, Portfolio

FOLDS = 5
LEAST_OF_A_CLASS = 10  # fewer bads or goods with events say nothing about the rest
RIDGES = (1.0, 10.0, 50.0, 200.0, 1000.0)  # on standardised columns
DIGITS = 10  # below this, weights depend on how many threads the linear algebra took


def customer_folds(customers: "pd.Series[str]", folds: int = FOLDS) -> NDArray[np.int64]:
    """Fold of each row by a hash of the customer: stable as cohorts are added."""
    digests = (hashlib.sha256(str(customer).encode()).digest() for customer in customers)
    return np.array([int.from_bytes(digest[:8]) % folds for digest in digests], dtype=np.int64)


def fit_encoders(frame: pd.DataFrame, portfolio: Portfolio) -> dict[str, Evidence]:
    """An encoder per events source from rows of gold features with `bad`."""
    rows, bad = concealed(frame, portfolio), frame["bad"].to_numpy(dtype=np.int64)
    folds = customer_folds(frame["customer_id"])
    return {
        events.name: fit_evidence(_events_of(rows, events), bad, folds)
        for events in portfolio.events
    }


def out_of_fold(frame: pd.DataFrame, portfolio: Portfolio) -> dict[str, NDArray[np.float64]]:
    """Evidence (rows,) of each events source, from customers of the other folds only."""
    rows, bad = concealed(frame, portfolio), frame["bad"].to_numpy(dtype=np.int64)
    folds = customer_folds(frame["customer_id"])
    found = {}
    for events in portfolio.events:
        data = _events_of(rows, events)
        evidence = np.full(len(rows), np.nan)
        for fold in range(FOLDS):
            held = folds == fold
            # its ridge, too, is chosen without the fold it speaks about
            encoder = fit_evidence(data[~held], bad[~held], folds[~held])
            evidence[held] = encoder.of_rows(data[held])
        found[events.name] = evidence
    return found


def fit_evidence(
    rows: NDArray[np.float64], bad: NDArray[np.int64], folds: NDArray[np.int64]
) -> Evidence:
    """Logistic regression on `rows` (count, then sums) with the ridge that loses least on `folds`.

    Rows without a count are left out. With fewer than ten bads or goods the encoder stays unfitted.
    """
    present = ~np.isnan(rows[:, 0])
    rows, bad, folds = rows[present], bad[present], folds[present]
    if not _enough(rows, bad):
        return UNFITTED
    with threadpool_limits(1):  # so small a problem is slower on more threads
        return _fitted(rows, bad, choose_ridge(rows, bad, folds))


def choose_ridge(
    rows: NDArray[np.float64], bad: NDArray[np.int64], folds: NDArray[np.int64]
) -> float:
    """The ridge with the lowest log-loss on rows of customers its encoder has not seen.

    A tie, or folds too small to tell, goes to the strongest.
    """
    losses = dict.fromkeys(reversed(RIDGES), 0.0)
    for fold in np.unique(folds):
        held = folds == fold
        if not _enough(rows[~held], bad[~held]):
            continue
        base = float(np.log(bad[~held].sum() / (1 - bad[~held]).sum()))
        for ridge in RIDGES:
            encoder = _fitted(rows[~held], bad[~held], ridge)
            z = base + encoder.of_rows(rows[held])
            losses[ridge] += float(np.logaddexp(0, np.where(bad[held] == 1, -z, z)).sum())
    return min(losses, key=lambda ridge: losses[ridge])


def _fitted(rows: NDArray[np.float64], bad: NDArray[np.int64], ridge: float) -> Evidence:
    centre = float(rows[:, 0].mean())
    means = tuple(_rounded(np.nansum(rows[:, 1:], axis=0) / rows[:, 0].sum()))
    spread = standardised(rows, means, centre, (1.0,) * rows.shape[1]).std(axis=0)
    scales = tuple(_rounded(np.where(spread > 0, spread, 1.0)))
    design = standardised(rows, means, centre, scales)
    fit = LogisticRegression(C=1 / ridge, solver="newton-cholesky", tol=1e-10).fit(design, bad)
    base = bad.mean()
    return Evidence(
        means=means,
        centre=centre,
        scales=scales,
        weights=tuple(_rounded(fit.coef_[0])),
        offset=round(float(fit.intercept_[0] - np.log(base / (1 - base))), DIGITS),
        ridge=ridge,
    )


def _enough(rows: NDArray[np.float64], bad: NDArray[np.int64]) -> bool:
    return min(bad.sum(), len(bad) - bad.sum()) >= LEAST_OF_A_CLASS and bool(rows[:, 0].any())


def _events_of(rows: pd.DataFrame, events: Events) -> NDArray[np.float64]:
    return event_rows(rows[events.count], rows[[*events.sums]])


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in values]
