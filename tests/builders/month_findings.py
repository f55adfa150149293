"""The findings of a month that was run: every number follows from the month's number."""

from collections.abc import Iterator
from datetime import date
from math import sqrt

import numpy as np

from creditrisk.calendar_month import add_months
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.proportion import clopper_pearson
from creditrisk.metrics.stability import psi
from creditrisk.stages.monitoring.finding import Finding, axis_finding

START = date(2023, 1, 1)
ROWS, EDGES = 1000, (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
BUCKETS = ("current", "1-29", "30-59", "60-89", "90+")
DRIFTS = range(9, 12)  # months in which applicants are others than those the champion knew
PROMOTED = 11


def feature(n: int) -> str:
    """A name as lenders give them."""
    words = ("income", "debt", "utilisation", "enquiries", "tenure", "balance", "instalment")
    return f"{words[n % len(words)]}_{n // len(words) + 1}"


def _moved(n: int, number: int) -> float:
    """How far a feature has moved, in standard deviations."""
    wobble = 0.06 * np.sin(1.7 * n + number)
    return float(wobble + (0.7 / (1 + number % 5) if n in DRIFTS else 0.0))


def counts_of(shift: float, rows: int = ROWS) -> list[int]:
    """Rows of a shifted bell in each bin, and a few missing."""
    centres = np.array([-1.75, -1.25, -0.75, -0.25, 0.25, 0.75, 1.25, 1.75])
    weights = np.exp(-((centres - shift) ** 2) / 2)
    counts = np.round(0.97 * rows * weights / weights.sum()).astype(int)
    return [*counts.tolist(), rows - int(counts.sum())]


def findings(n: int, champion: str, features: int) -> Iterator[Finding]:
    """What monitoring would have found in month n."""
    month = f"{add_months(START, n):%Y-%m}"
    yield from _portfolio(n, month)
    if not champion:
        return
    yield from _matured(n)
    moves = {feature(i): counts_of(_moved(n, i)) for i in range(features)}
    for name, counts in moves.items():
        yield from _feature(name, counts, month)
    drifted = n in DRIFTS
    score = psi(counts_of(0.0), counts_of(_moved(n, 0)))
    state = "red" if drifted else "green"
    yield Finding("score_psi", "stability", score, rows=ROWS, state=state, cohort=month)
    share = sum(psi(counts_of(0.0), counts) > 0.1 for counts in moves.values()) / len(moves)
    yield Finding("csi_share", "stability", share, rows=ROWS, state=state, cohort=month)
    yield Finding("domain_auc", "stability", 0.78 if drifted else 0.52, 0.5, 0.8, cohort=month)
    for label, count in zip(frozen().labels, counts_of(_moved(n, 0)), strict=True):
        yield Finding("share:score", "stability", count / ROWS, rows=count, text="plain",
                      segment=label, cohort=month)  # fmt: skip
    yield axis_finding("stability", state, f"score PSI {score:.3f}", ROWS, None)


def _feature(name: str, counts: list[int], month: str) -> Iterator[Finding]:
    value = psi(counts_of(0.0), counts)
    state = "red" if value >= 0.25 else "amber" if value >= 0.1 else "green"
    yield Finding(f"csi:{name}", "stability", value, rows=ROWS, state=state, cohort=month)
    yield Finding(f"missing:{name}", "stability", counts[-1] / ROWS, rows=ROWS, cohort=month)
    for label, count in zip(frozen().labels, counts, strict=True):
        yield Finding(f"share:{name}", "stability", count / ROWS, rows=count, segment=label,
                      cohort=month)  # fmt: skip


def _matured(n: int) -> Iterator[Finding]:
    broken = n == PROMOTED
    auc, bads = (0.61 if broken else 0.79 - 0.002 * (n % 9)), 210 + 9 * (n % 5)
    oe, state = (1.45 if broken else 1.0 + 0.05 * np.sin(n)), "red" if broken else "green"
    pool = f"{add_months(START, n - 4):%Y-%m}..{add_months(START, n - 4):%Y-%m}"
    for metric, axis, value, half in (
        ("auc", "discrimination", auc, 0.03),
        ("gini", "discrimination", 2 * auc - 1, 0.06),
        ("auc_decay", "discrimination", 0.79 - auc, 0.04),
        ("ks", "discrimination", auc - 0.3, None),
        ("precision", "discrimination", 0.46, 0.05),
        ("recall", "discrimination", 0.62, 0.06),
        ("oe", "calibration", oe, 0.13),
        ("early_oe", "calibration", oe * 1.03, 0.2),
        ("concept_drift", "calibration", -0.4 if broken else 0.02, 0.2),
        ("jeffreys", "calibration", 0.0004 if broken else 0.4 + 0.02 * (n % 7), None),
    ):
        low, high = (None, None) if half is None else (value - half, value + half)
        judged = state if metric in ("auc", "auc_decay", "oe", "jeffreys") else "none"
        yield Finding(metric, axis, value, low, high, rows=ROWS, bads=bads, state=judged,
                      cohort=pool)  # fmt: skip
        for segment, away in (("age=to 25", -0.03), ("age=over 25 to 45", 0.0),
                              ("age=over 45", 0.02), (f"cohort={pool[:7]}", 0.0)):  # fmt: skip
            if metric in ("auc", "oe"):
                yield Finding(metric, axis, value + away, value + away - 0.05, value + away + 0.05,
                              rows=ROWS // 3, bads=70, segment=segment, cohort=pool)  # fmt: skip
    texts = {"discrimination": f"AUC {auc:.3f}, floor 0.7", "calibration": f"O/E {oe:.2f}"}
    for axis, text in texts.items():
        yield axis_finding(axis, state, text, ROWS, bads)


def _portfolio(n: int, month: str) -> Iterator[Finding]:
    applications = 1000 + 12 * n
    for metric, value in (
        ("applications", applications),
        ("mean_pd", 0.21),
        ("expected_loss", 250_000 + 900 * n),
        ("loans_on_book", 9000 + 150 * n),
    ):
        yield Finding(metric, "portfolio", float(value), rows=applications, cohort=month)
    approved = clopper_pearson(700 + n, 1000)
    yield Finding("approval_rate", "portfolio", approved.value, approved.lower, approved.upper,
                  rows=1000, cohort=month)  # fmt: skip
    for grade in range(1, 6):
        yield Finding(f"grade:{grade}", "portfolio", (0.3, 0.25, 0.2, 0.15, 0.1)[grade - 1],
                      rows=applications, cohort=month)  # fmt: skip
    for age in range(1, 7):
        cohort = f"{add_months(START, n - age):%Y-%m}"
        for mob in range(1, age + 1):
            bad = 0.05 * sqrt(mob) * (1.4 if (n - age) in DRIFTS else 1.0)
            yield Finding(f"vintage:{mob}", "portfolio", bad, rows=ROWS, cohort=cohort)
    for origin, row in zip(BUCKETS, ((0.93, 0.07, 0, 0, 0), (0.5, 0.2, 0.3, 0, 0),
                                     (0.2, 0.1, 0.3, 0.4, 0), (0.1, 0, 0.1, 0.2, 0.6),
                                     (0.02, 0, 0, 0.08, 0.9)), strict=True):  # fmt: skip
        for to, share in zip(BUCKETS, row, strict=True):
            yield Finding(f"roll:{origin}>{to}", "portfolio", share, rows=500, cohort=month)


def frozen() -> FrozenBins:
    return FrozenBins("numeric", edges=EDGES)
