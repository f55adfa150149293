"""How loans are repaid: who turns bad, which instalments are missed, what the LMS then shows.

Published facts: tenure 10, 1,000 due each month, 11 rows a loan. In the reference data a loan
either misses nothing or turns bad for good, and a bad one misses the instalment of month k with
probability k / 5, independently, from month 5 on always. That reproduces all 17 payment patterns
and their counts, and the published rates of missing by month on book: .058 .115 .173 .230 .288
(published dpd >= 30: .051 .101 .170 .227 .283, lower where a month has less than 30 days). A
customer who pays after a gap pays all that is owed, so overdue falls to zero at once.
"""

from datetime import date

import numpy as np
import pandas as pd

TENURE, DUE, AMOUNT = 10, 1_000.0, 10_000
MISS_BY_MONTH = np.minimum(np.arange(1, TENURE + 1) / 5, 1.0)


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
