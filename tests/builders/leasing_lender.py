"""A lessor of machines, simulated: its files are what a spreadsheet saves in German.

Semicolons, cp1252, decimal commas, amounts below zero in brackets, dates as the numbers a
spreadsheet counts by, the time as their fraction. A bureau's file is there for most contracts;
how contracts ended comes as one extract, without a date of default.
`python -m tests.builders.leasing_lender DIR MONTHS` writes the files.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2021, 1, 1)
DAY_0 = date(1899, 12, 30)
WITHIN = 9  # months
FORMS = ("GmbH", "KG", "Einzelunternehmen")
STATES = ("Baden-Württemberg", "Thüringen", "Bayern")


def deliver(root: Path, months: int, applications: int = 260, seed: int = 6) -> None:
    """Write `Anträge.csv`, `Auskunft.csv` and `Verträge.csv`."""
    rng = np.random.default_rng(seed)
    root.mkdir(parents=True, exist_ok=True)
    contracts = _contracts(months, applications, rng)
    names = ["Antrag", "Kunde", "Eingang", "Umsatz", "Ergebnis", "Rechtsform", "Bundesland"]
    _save(contracts[names], root / "Anträge.csv")
    known = contracts[rng.random(len(contracts)) < 0.9]
    _save(known[["Antrag", "Kunde", "Abfrage", "Index"]], root / "Auskunft.csv")
    _save(contracts[["Antrag", "Kunde", "Beginn", "Stand"]], root / "Verträge.csv")


def _save(rows: pd.DataFrame, path: Path) -> None:
    rows.to_csv(path, sep=";", index=False, encoding="cp1252", lineterminator="\r\n")


def _contracts(months: int, applications: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per contract; a firm may have several."""
    month = np.repeat(np.arange(months), applications)
    n = len(month)
    firm = rng.integers(0, n * 2 // 3, n)
    trait = rng.normal(size=n)[firm] * 0.7 + rng.normal(size=n) * 0.7
    firsts = np.array([(add_months(START, int(m)) - DAY_0).days for m in month])
    asked = firsts + rng.integers(0, 12, n)
    index = 250 + 60 * trait + 40 * rng.normal(size=n)
    return_on_sales = 0.06 - 0.05 * trait + 0.05 * rng.normal(size=n)
    sales = np.exp(13 - 0.3 * trait + 0.5 * rng.normal(size=n))
    stops = rng.geometric(np.minimum(0.02 * np.exp(1.1 * trait - 0.6), 0.9))
    seen = months - 1 - month  # whole months that the extract has seen of it
    failed = (stops <= WITHIN) & (stops <= seen)
    return pd.DataFrame(
        {
            "Antrag": [f"A-{number:06d}" for number in range(n)],
            "Kunde": [f"{number:07d}" for number in firm],
            "Eingang": [_comma(day, 6) for day in asked + rng.random(n)],
            "Abfrage": [_comma(day, 0) for day in asked],
            "Beginn": [_comma(day, 0) for day in firsts + rng.integers(14, 27, n)],
            "Umsatz": [_euros(amount) for amount in sales],
            "Ergebnis": [_euros(amount) for amount in sales * return_on_sales],
            "Index": [_comma(index, 1) for index in np.clip(index, 0, 600)],
            "Rechtsform": rng.choice(FORMS, n),
            "Bundesland": rng.choice(STATES, n),
            "Stand": np.select([failed, seen > 30], ["gekündigt", "abgelöst"], "läuft"),
        }
    )


def _comma(number: float, digits: int) -> str:
    return f"{number:.{digits}f}".replace(".", ",")


def _euros(amount: float) -> str:
    text = f"{abs(amount):,.2f} €".translate(str.maketrans(",.", ".,"))
    return f"({text})" if amount < 0 else text


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
