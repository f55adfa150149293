"""A card issuer, simulated: months are numbers before its extract, standings are codes.

An account is its own customer. The first file keeps days since birth and since employment began
as negative numbers, and 365243 where nobody is employed; the second says `C` of a month paid in
full and `X` of one without use. A table of the economy has a figure a quarter.
`python -m tests.builders.card_history_lender DIR MONTHS` writes the files.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2020, 7, 1)
REFERENCE = date(2023, 6, 1)  # the month that is number 0
EARLIER, LAG = 24, 6  # months: before the first application, until a figure is published
RETIRED = 365_243  # days


def deliver(root: Path, months: int, applications: int = 400, seed: int = 5) -> None:
    """Write `application_record.csv`, `credit_record.csv` and `economy.csv`."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    economy = _economy(months, rng)
    cards = _cards(months, applications, economy, rng)
    columns = ["ID", "MONTH", "AMT_INCOME", "INCOME_TYPE", "DAYS_BIRTH", "DAYS_EMPLOYED"]
    cards[columns].to_csv(root / "application_record.csv", index=False)
    record = pd.concat([_record(cards, number, rng) for number in range(months)])
    record.sort_values(["ID", "MONTHS_BALANCE"], ascending=[True, False]).to_csv(
        root / "credit_record.csv", index=False
    )
    published = economy[economy["step"] <= months - 1 - LAG]
    published[["quarter", "jobless"]].to_csv(root / "economy.csv", index=False, sep="\t")


def _economy(months: int, rng: np.random.Generator) -> pd.DataFrame:
    """A figure a quarter, in per cent."""
    steps = np.arange(-EARLIER, months, 3)
    quarters = [add_months(START, int(step)) for step in steps]
    jobless = 6 + 1.5 * np.sin(2 * np.pi * steps / 40) + rng.normal(0, 0.1, len(steps))
    names = [f"Q{(first.month + 2) // 3}/{first.year}" for first in quarters]
    return pd.DataFrame(
        {"step": steps, "quarter": names, "jobless": [f"{figure:.1f}%" for figure in jobless]}
    )


def _cards(
    months: int, applications: int, economy: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per card; `stops`: months after opening in which payments stop, if they do."""
    month = np.repeat(np.arange(months), applications)
    n = len(month)
    trait = rng.normal(size=n)
    figures = economy["jobless"].str.rstrip("%").astype(float).to_numpy()
    known = figures[np.searchsorted(economy["step"], month - LAG, side="right") - 1]
    hazard = 0.03 * np.exp(1.2 * trait - 0.7 + 0.1 * (known - 6))
    retired = rng.random(n) < 0.15
    return pd.DataFrame(
        {
            "ID": 5_000_000 + rng.permutation(n),
            "MONTH": month + _number(START),
            "AMT_INCOME": np.exp(11.8 - 0.4 * trait + 0.35 * rng.normal(size=n)).round(-2),
            "INCOME_TYPE": np.where(retired, "Pensioner", rng.choice(["Working", "State"], n)),
            "DAYS_BIRTH": -rng.integers(21 * 365, 68 * 365, n),
            "DAYS_EMPLOYED": np.where(
                retired, RETIRED, -np.exp(7.2 - 0.5 * trait + 0.5 * rng.normal(size=n)).astype(int)
            ),
            "opened": month,
            "stops": rng.geometric(np.minimum(hazard, 0.9)),
        }
    )


def _record(cards: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """The cards that are open in a month, each with its code."""
    there = cards[cards["opened"] <= number]
    behind = np.clip(number - there["opened"] - there["stops"] + 1, 0, 5)
    kept = rng.choice(["0", "C", "X"], len(there), p=(0.6, 0.3, 0.1))
    return pd.DataFrame(
        {
            "ID": there["ID"],
            "OPENED": there["MONTH"],
            "MONTHS_BALANCE": number + _number(START),
            # 0 is 1 to 29 days past due here, as bureaus of some countries have it
            "STATUS": np.where(behind == 0, kept, behind.astype(str)),
        }
    )


def _number(month: date) -> int:
    """Of a month as the files say it: 0 is `REFERENCE`, -1 the month before."""
    return (month.year - REFERENCE.year) * 12 + month.month - REFERENCE.month


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
