"""A bank's credit cards, simulated: applied for on any day, seen at each quarter's end."""

import sys
from calendar import monthrange
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2023, 1, 1)
NEVER = 10_000  # months


def deliver(root: Path, months: int, applications: int = 250, seed: int = 1) -> None:
    """Write `card_applications.csv` and `card_accounts.csv`: so many months of applications."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    cards = _cards(months, applications, rng)
    columns = ["person", "applied", "income", "other_cards", "channel"]
    cards[columns].to_csv(root / "card_applications.csv", index=False)
    quarters = [_at_quarter_end(cards, number, rng) for number in range(2, months, 3)]
    pd.concat(quarters).to_csv(root / "card_accounts.csv", index=False)


def _cards(months: int, applications: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per card; `stops`: months after opening in which payments stop, if they do."""
    n = months * applications
    trait = rng.normal(size=n)
    month = np.repeat(np.arange(months), applications)
    days = [
        add_months(START, int(m)).replace(day=int(d))
        for m, d in zip(month, rng.integers(1, 29, n), strict=True)
    ]
    # the hazard is monthly, so that a later quarter's end has seen more of it
    hazard = 0.05 * np.exp(1.2 * trait - 0.7)
    return pd.DataFrame(
        {
            "person": [f"P{number:06d}" for number in range(n)],
            "applied": days,
            "month": month,
            "income": np.exp(10.4 - 0.5 * trait + 0.35 * rng.normal(size=n)).round(),
            "other_cards": rng.poisson(np.exp(0.6 + 0.3 * trait)),
            "channel": np.where(rng.random(n) < 0.5 + 0.1 * np.tanh(trait), "web", "branch"),
            "stops": np.minimum(rng.geometric(np.minimum(hazard, 0.9)), NEVER),
        }
    )


def _at_quarter_end(cards: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """The accounts opened by a month, at its last day."""
    month = add_months(START, number)
    open_ = cards[cards["month"] <= number]
    since = number - open_["month"]
    minimum = rng.integers(25, 60, len(open_)).astype(float)  # by what was spent
    return pd.DataFrame(
        {
            "account": "A" + open_["person"],
            "person": open_["person"],
            "quarter_end": month.replace(day=monthrange(month.year, month.month)[1]),
            "opened": open_["applied"],
            "months_open": since,
            "minimum_payment": minimum,
            "past_due": minimum * np.maximum(since - open_["stops"] + 1, 0),
        }
    )


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
