"""A lender of consumer loans, simulated: it lends in the first month of each quarter.

Its loan system keeps a status code per loan and month, in columns of their own, and can give one
extract of who had missed an instalment within six months, without a date.
`python -m tests.builders.quarterly_lender DIR MONTHS` writes the files.
"""

import sys
from calendar import monthrange
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.calendar_month import add_months

START = date(2020, 1, 1)
TERM, WITHIN = 18, 6  # months
CODES = np.array(["0", "1", "2", "3", "4", "5"])  # days late: none, 1-29, 30-59, ... , 120 or more


def deliver(root: Path, months: int, applications: int = 600, seed: int = 3) -> None:
    """Write `requests.csv`, `standing.csv` (wide) and `final.csv` (one extract of all loans)."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    loans = _loans(months, applications, rng)
    names = ["loan", "person", "asked", "income", "burden", "region"]
    loans[names].to_csv(root / "requests.csv", index=False)
    standing = loans[["loan", "person", "paid_out"]].copy()
    for number in range(months):
        column = f"status_{add_months(START, number):%Y_%m}"
        standing[column] = _codes(loans, number)
    standing.to_csv(root / "standing.csv", index=False)
    final = loans[["loan", "person", "paid_out"]].assign(
        bad=np.where(loans["stops"] <= WITHIN, "Y", "N")
    )
    # of the newest loans nobody knows yet: as the extract has it, they have not defaulted
    unseen = months - 1 - loans["month"]
    final.loc[loans["stops"] > unseen, "bad"] = "N"
    final.to_csv(root / "final.csv", index=False)


def extract_date(months: int) -> date:
    """The day `final.csv` was taken: the last of the last month."""
    last = add_months(START, months - 1)
    return last.replace(day=monthrange(last.year, last.month)[1])


def _loans(months: int, applications: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per loan; `stops`, `heals`: months after payout in which payments stop, come back."""
    month = np.repeat(np.arange(0, months, 3), applications)
    n = len(month)
    trait = rng.normal(size=n)
    hazard = np.minimum(0.03 * np.exp(1.1 * trait - 0.5), 0.9)
    stops = rng.geometric(hazard)
    firsts = [f"{add_months(START, int(m)):%Y-%m}-" for m in month]
    asked, paid = rng.integers(1, 20, n), rng.integers(20, 29, n)
    return pd.DataFrame(
        {
            "loan": [f"Q{number:06d}" for number in range(n)],
            "person": [f"P{number:06d}" for number in rng.permutation(n)],
            "asked": [f"{first}{day:02d}" for first, day in zip(firsts, asked, strict=True)],
            "paid_out": [f"{first}{day}" for first, day in zip(firsts, paid, strict=True)],
            "month": month,
            "income": np.exp(10.2 - 0.4 * trait + 0.4 * rng.normal(size=n)).round(),
            "burden": np.clip(0.3 + 0.1 * trait + 0.1 * rng.normal(size=n), 0, 1).round(3),
            "region": np.where(rng.random(n) < 0.5 + 0.1 * np.tanh(trait), "north", "south"),
            "stops": stops,
            "heals": stops + rng.geometric(0.25, n),
            "repaid": np.where(rng.random(n) < 0.2, rng.integers(3, TERM, n), TERM),
        }
    )


def _codes(loans: pd.DataFrame, number: int) -> NDArray[np.object_]:
    """Each loan's code in a month: X before it, C when repaid, nothing long after."""
    age = (number - loans["month"]).to_numpy()
    stops, heals = loans["stops"].to_numpy(), loans["heals"].to_numpy()
    late = np.where((age >= stops) & (age < heals), np.minimum(age - stops + 2, 5), 0)
    end = np.maximum(loans["repaid"].to_numpy(), np.where(stops < TERM, heals, 0))
    codes = CODES[late].astype(object)
    codes[age == end] = "C"
    codes[age > end] = ""
    codes[age < 0] = "X"
    return codes


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
