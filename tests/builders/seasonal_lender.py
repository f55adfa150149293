"""A lender to farms, simulated: it lends from March to October, and nobody applies in winter.

Its ledger says in states where each loan stands; restructured, written off and repaid are among
them. A table of the economy has a figure a month, published two months later.
`python -m tests.builders.seasonal_lender DIR MONTHS` writes the files.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2021, 3, 1)
SEASON = range(3, 11)  # months of the year
TERM, LAG = 14, 2  # months
STATES = ("OK", "L1", "L30", "L60", "L90")


def deliver(root: Path, months: int, applications: int = 500, seed: int = 4) -> None:
    """Write `farm_requests.csv`, `farm_ledger.csv` and `economy.csv`."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    economy = _economy(months, rng)
    loans = _loans(months, applications, economy, rng)
    columns = ["loan", "farm", "asked", "acres", "debt_share", "kind"]
    loans[columns].to_csv(root / "farm_requests.csv", index=False)
    ledger = [_ledger(loans, number) for number in range(months)]
    pd.concat(ledger).to_csv(root / "farm_ledger.csv", index=False)
    published = economy.iloc[: months + 12 - LAG]
    published[["month", "price_index"]].to_csv(root / "economy.csv", index=False)


def _economy(months: int, rng: np.random.Generator) -> pd.DataFrame:
    """A figure a month, from a year before `START` on."""
    steps = np.arange(-12, months)
    index = 100 + 6 * np.sin(2 * np.pi * steps / 30) + rng.normal(0, 0.4, len(steps))
    names = [f"{add_months(START, int(step)):%Y-%m}" for step in steps]
    return pd.DataFrame({"step": steps, "month": names, "price_index": index.round(2)})


def _loans(
    months: int, applications: int, economy: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per loan; `fails`: months after payout in which it falls behind, if it does."""
    season = [n for n in range(months) if add_months(START, n).month in SEASON]
    month = np.repeat(season, applications)
    n = len(month)
    trait = rng.normal(size=n)
    prices = economy.set_index("step")["price_index"]
    known = prices.loc[month - LAG].to_numpy()
    hazard = 0.035 * np.exp(1.0 * trait - 0.5 - 0.04 * (known - 100))
    firsts = [f"{add_months(START, int(m)):%Y-%m}-" for m in month]
    days = rng.integers(1, 15, n)
    return pd.DataFrame(
        {
            "loan": [f"F{number:06d}" for number in range(n)],
            "farm": [f"H{number:06d}" for number in rng.permutation(n)],
            "asked": [f"{first}{day:02d}" for first, day in zip(firsts, days, strict=True)],
            "paid_out": [f"{first}{day + 12:02d}" for first, day in zip(firsts, days, strict=True)],
            "month": month,
            "acres": np.exp(4.5 - 0.5 * trait + 0.4 * rng.normal(size=n)).round(1),
            "debt_share": np.clip(0.4 + 0.12 * trait + 0.1 * rng.normal(size=n), 0, 1).round(3),
            "kind": rng.choice(["dairy", "grain", "orchard"], n),
            "amount": rng.integers(5, 60, n) * 1000.0,
            "fails": rng.geometric(np.minimum(hazard, 0.9)),
            "eased": rng.random(n) < 0.3,
            "repaid": np.where(rng.random(n) < 0.15, rng.integers(2, TERM, n), TERM),
        }
    )


def _ledger(loans: pd.DataFrame, number: int) -> pd.DataFrame:
    """The loans that are there in a month: each up to the row that says it is repaid or gone."""
    age = number - loans["month"]
    behind = age - loans["fails"] + 1
    falls = loans["fails"] < loans["repaid"]
    end = np.where(falls, loans["fails"] + 5, loans["repaid"])
    there = (age >= 0) & (age <= end)
    late = np.where(falls, np.clip(behind + 1, 0, 4), 0)
    state = np.where(behind > 0, np.array(STATES)[np.where(behind > 0, late, 0)], "OK")
    state = np.where(falls & (behind >= 2) & loans["eased"], "R", state)
    state = np.where(age == end, np.where(falls, "W", "P"), state)
    paid = np.minimum(age / TERM, 1)
    owed = np.where(age == end, 0.0, (loans["amount"] * (1 - paid)).round(2))
    month = f"{add_months(START, number):%Y-%m}"
    found = loans[["loan", "farm", "paid_out"]].assign(month=month, owed=owed, state=state)
    return found[there]


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
