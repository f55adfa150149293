"""A lender's only file, as peer-to-peer platforms publish theirs: a row a loan, as it stands."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

EXTRACT = date(2017, 3, 31)
START = date(2014, 1, 1)
TERM = 36  # months


def one_file(months: int = 36, loans: int = 60, seed: int = 41) -> pd.DataFrame:
    """One row per loan; `closed`: the day it was repaid or charged off, empty while it runs."""
    rng = np.random.default_rng(seed)
    month = np.repeat(np.arange(months), loans)
    n = len(month)
    issued = [add_months(START, int(m)) + timedelta(int(d)) for m, d in zip(
        month, rng.integers(0, 28, n), strict=True
    )]  # fmt: skip
    charged_in, repaid_in = rng.geometric(0.02, n) + 3, rng.integers(6, TERM, n)
    repaid_in = np.where(rng.random(n) < 0.4, repaid_in, TERM)
    ends = [
        add_months(day.replace(day=1), int(k)) + timedelta(9)
        for day, k in zip(issued, np.minimum(charged_in, repaid_in), strict=True)
    ]
    over = np.array([day <= EXTRACT for day in ends])
    bad = charged_in < repaid_in
    return pd.DataFrame(
        {
            "LoanKey": [f"LK{k:07d}" for k in range(n)],
            "MemberKey": [f"M{k:07d}" for k in rng.permutation(n)],
            "LoanOriginationDate": [f"{day} 00:00:00" for day in issued],
            "LoanStatus": np.where(~over, "Current", np.where(bad, "Chargedoff", "Completed")),
            "ClosedDate": [f"{day} 00:00:00" if ended else "" for day, ended in zip(
                ends, over, strict=True
            )],
            "CreditScore": rng.integers(520, 800, n),
            "StatedMonthlyIncome": rng.integers(800, 9000, n) + 0.25,
        }
    )  # fmt: skip


def write(landing: Path, rows: pd.DataFrame, name: str = "loans.csv", **how: object) -> Path:
    """The rows as a file of a folder of deliveries."""
    (landing / name).parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(landing / name, index=False, **how)
    return landing
