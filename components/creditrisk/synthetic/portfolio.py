"""A simulated lender: cohorts of applicants and, for every month, the tables it delivers.

Published facts: one attributes and one financials row per applicant, dated at the application;
LMS rows 0..10 months after the start. Events reach from `history_months` before to
`future_months` after the application (24 fixed months in the reference).

Every cohort and every cohort's month of events has its own random stream, keyed by (seed, month,
purpose): a later month never changes an earlier one, and one month costs the same whichever it is.
"""

from dataclasses import dataclass, fields
from datetime import date
from enum import IntEnum
from math import log

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.synthetic.applicants import draw_applicants, intercept, log_odds
from creditrisk.synthetic.dirt import dirty_attributes, dirty_financials
from creditrisk.synthetic.scenario import Channel, Conditions, Scenario

TENURE, DUE, AMOUNT = 10, 1_000.0, 10_000
MISS_BY_MONTH = np.minimum(np.arange(1, TENURE + 1) / 5, 1.0)
COUNTERS = tuple(f"fe_{i}" for i in range(1, 21))
MEAN, SPREAD = 100.0, 100.0
LIFT = np.array([5.0, 10.0, 15.0, 20.0, 25.0])


def draw_bad(log_odds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """True where the loan turns bad; shape of `log_odds`."""
    return np.asarray(rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds)))


def draw_unpaid(bad: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Instalments owed and unpaid after each month on book; shape (loans, 11), whole numbers."""
    missed = bad[:, None] & (rng.random((len(bad), TENURE)) < MISS_BY_MONTH)
    unpaid = np.zeros((len(bad), TENURE + 1), dtype=np.int64)
    for month in range(1, TENURE + 1):
        unpaid[:, month] = np.where(missed[:, month - 1], unpaid[:, month - 1] + 1, 0)
    return unpaid


def loan_rows(
    customers: np.ndarray, unpaid: np.ndarray, started: date, snapshot: date, month_on_book: int
) -> pd.DataFrame:
    """The LMS rows of one cohort in one snapshot. One row per loan."""
    n, k = len(customers), month_on_book
    owed = unpaid[:, k]
    paid = np.zeros(n) if k == 0 else DUE * (unpaid[:, k - 1] + 1 - owed)
    return pd.DataFrame(
        {
            "loan_id": [f"{c}_{started:%Y_%m_%d}" for c in customers],
            "Customer_ID": customers,
            "loan_start_date": f"{started:%Y-%m-%d}",
            "tenure": TENURE,
            "installment_num": k,
            "loan_amt": AMOUNT,
            "due_amt": DUE if k else 0.0,
            "paid_amt": paid,
            "overdue_amt": DUE * owed,
            "balance": AMOUNT - DUE * (k - owed),
            "snapshot_date": f"{snapshot:%Y-%m-%d}",
        }
    )


class _Stream(IntEnum):
    APPLICANTS = 1
    REPAYMENT = 2
    EVENTS = 3
    DIRT = 4


@dataclass(frozen=True)
class Tables:
    """The four delivered tables; `feature_clickstream` has no rows in a month of outage."""

    features_attributes: pd.DataFrame
    features_financials: pd.DataFrame
    feature_clickstream: pd.DataFrame
    lms_loan_daily: pd.DataFrame

    def items(self) -> list[tuple[str, pd.DataFrame]]:
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


@dataclass(frozen=True)
class Cohort:
    """The applicants of one month and what becomes of them; arrays share the applicants' order."""

    month: int
    conditions: Conditions
    applicants: pd.DataFrame
    from_pilot: np.ndarray
    bad: np.ndarray
    unpaid: np.ndarray  # (applicants, 11) instalments owed after each month on book


class Portfolio:
    """Draws cohorts when they are needed and keeps those that a running delivery still needs."""

    def __init__(self, scenario: Scenario, seed: int, first_month: date) -> None:
        if first_month.day != 1:
            raise UserError(f"first_month {first_month} is not the first day of a month")
        self.scenario = scenario
        self.seed = seed
        self.first_month = first_month
        self._cohorts: dict[int, Cohort] = {}

    def day(self, month: int) -> date:
        """The snapshot date of month `month` (1 is the first)."""
        return add_months(self.first_month, month - 1)

    def cohort(self, month: int) -> Cohort:
        if month not in self._cohorts:
            self._cohorts[month] = self._draw(month)
        return self._cohorts[month]

    def tables(self, month: int) -> Tables:
        """What the lender delivers in month `month`: rows dated `day(month)` only."""
        for old in [m for m in self._cohorts if m < month - TENURE]:
            del self._cohorts[old]
        snapshot = f"{self.day(month):%Y-%m-%d}"
        applicants = self.cohort(month).applicants
        rng = self._stream(_Stream.DIRT, month)
        return Tables(
            features_attributes=dirty_attributes(applicants, rng).assign(snapshot_date=snapshot),
            features_financials=dirty_financials(applicants, rng).assign(snapshot_date=snapshot),
            feature_clickstream=self._events(month).assign(snapshot_date=snapshot),
            lms_loan_daily=self._loans(month),
        )

    def _stream(self, purpose: _Stream, *months: int) -> np.random.Generator:
        return np.random.default_rng(np.random.SeedSequence([self.seed, purpose, *months]))

    def _draw(self, month: int) -> Cohort:
        conditions = self.scenario.at(month)
        n = conditions.applications
        rng = self._stream(_Stream.APPLICANTS, month)
        from_pilot = rng.permutation(n) < round(conditions.pilot_share * n)
        channels = ((self.scenario.regular, ~from_pilot), (self.scenario.pilot, from_pilot))
        applicants = pd.concat(
            [self._applicants(c, conditions, m, rng) for c, m in channels if m.any()]
        ).sort_index()
        applicants.insert(0, "Customer_ID", self._customer_ids(month, n))
        rng = self._stream(_Stream.REPAYMENT, month)
        bad = draw_bad(applicants.pop("log_odds").to_numpy(), rng)
        return Cohort(month, conditions, applicants, from_pilot, bad, draw_unpaid(bad, rng))

    def _applicants(
        self,
        channel: Channel,
        conditions: Conditions,
        members: np.ndarray,
        rng: np.random.Generator,
    ) -> pd.DataFrame:
        """One channel's applicants with their `log_odds` of turning bad, indexed by position."""
        table = draw_applicants(channel, conditions.quality, int(members.sum()), rng)
        constant = intercept(channel, self.scenario.bad_rate, conditions.signal)
        constant += log(channel.bad_odds * conditions.odds)
        table["log_odds"] = constant + conditions.signal * log_odds(table, channel.drivers)
        return table.set_axis(np.flatnonzero(members))

    def _customer_ids(self, month: int, n: int) -> list[str]:
        before = sum(self.scenario.at(earlier).applications for earlier in range(1, month))
        return [f"CUS_0x{0x1000 + before + i:x}" for i in range(n)]

    def _events(self, month: int) -> pd.DataFrame:
        """Rows of the customers around their application. One row per customer."""
        first = max(1, month - self.scenario.future_months)
        last = month + self.scenario.history_months if self.scenario.at(month).events else 0
        frames = [self._cohort_events(c, month) for c in map(self.cohort, range(first, last + 1))]
        empty = pd.DataFrame(columns=[*COUNTERS, "Customer_ID"])
        return pd.concat(frames, ignore_index=True) if frames else empty

    def _cohort_events(self, cohort: Cohort, month: int) -> pd.DataFrame:
        pilot, regular = self.scenario.pilot, self.scenario.regular
        of_bad = np.where(cohort.from_pilot, pilot.events_of_bad, regular.events_of_bad)
        of_good = np.where(cohort.from_pilot, pilot.events_of_good, regular.events_of_good)
        # lost signal draws bad and good together without moving what all of them look like
        middle, half = (of_bad + of_good) / 2, cohort.conditions.signal * (of_bad - of_good) / 2
        leaning = np.where(cohort.bad, middle + half, middle - half)
        events = draw_events(leaning, self._stream(_Stream.EVENTS, cohort.month, month))
        return events.assign(Customer_ID=cohort.applicants["Customer_ID"].to_numpy())

    def _loans(self, month: int) -> pd.DataFrame:
        cohorts = map(self.cohort, range(max(1, month - TENURE), month + 1))
        rows = [
            loan_rows(
                c.applicants["Customer_ID"].to_numpy(),
                c.unpaid,
                self.day(c.month),
                self.day(month),
                month - c.month,
            )
            for c in cohorts
        ]
        return pd.concat(rows, ignore_index=True)


def draw_events(leaning: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """One month of counters. One row per customer.

    `leaning`: 1 clicks like a reference customer who turns bad, -1 like one who does not, 0 tells
    nothing; shape (customers,).
    """
    values = rng.normal(MEAN, SPREAD, (len(leaning), len(COUNTERS)))
    values[:, :5] += np.maximum(leaning, 0.0)[:, None] * LIFT
    values[:, 5:10] += np.maximum(-leaning, 0.0)[:, None] * LIFT
    return pd.DataFrame(np.rint(values).astype(np.int64), columns=list(COUNTERS))
