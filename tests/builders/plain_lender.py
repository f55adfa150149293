"""A bank as it exports to a spreadsheet: semicolons, decimal commas, days first, people's names."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2022, 1, 1)


def tables(months: int = 8, applications: int = 60, seed: int = 5) -> dict[str, pd.DataFrame]:
    """`antraege` (who applied) and `konten` (each loan at every month's end), as text."""
    rng = np.random.default_rng(seed)
    n = months * applications
    applied = [
        add_months(START, number // applications) + timedelta(days=int(day))
        for number, day in enumerate(rng.integers(0, 27, n))
    ]
    bad = rng.random(n) < 0.3
    loans = pd.DataFrame(
        {
            "Kunde_Nr": [f"K{number:05d}" for number in rng.permutation(n)],
            "Name": [f"Jürgen Müller {number}" for number in range(n)],
            "E-Mail": [f"kunde{number}@example.org" for number in range(n)],
            "Steuer": [
                f"{rng.integers(100, 999)}-{number % 90 + 10}-{number + 1000}"
                for number in range(n)
            ],
            "Antrag_Date": [f"{day:%d.%m.%Y}" for day in applied],
            "Einkommen": [_euros(amount) for amount in np.exp(rng.normal(7.8, 0.4, n))],
            "Gender": np.where(rng.random(n) < 0.5, "f", "m"),
            "Wohnung": rng.choice(["Miete", "Eigentum", "n/a"], n),
            "Mahnungen": np.where(bad, rng.integers(2, 6, n), rng.integers(0, 3, n)),
        }
    )
    rows = []
    for number in range(months):
        end = add_months(START, number + 1) - timedelta(days=1)
        open_ = np.array([day <= end for day in applied])
        since = np.array([(end.year - d.year) * 12 + end.month - d.month for d in applied])
        rows.append(
            pd.DataFrame(
                {
                    "Konto": "L" + loans["Kunde_Nr"],
                    "Kunde_Nr": loans["Kunde_Nr"],
                    "Report_Date": f"{end:%d.%m.%Y}",
                    "Start_Date": loans["Antrag_Date"],
                    "Months_on_Book": since,
                    "Due_EUR": _euros(250),
                    "Overdue_EUR": [
                        _euros(250 * max(m - 1, 0) * b) for m, b in zip(since, bad, strict=True)
                    ],
                }
            )[open_]
        )
    return {"antraege": loans, "konten": pd.concat(rows)}


def deliver(root: Path, **how: str) -> None:
    """Write both tables as `how` (delimiter, encoding) says."""
    root.mkdir(parents=True, exist_ok=True)
    for name, table in tables().items():
        text = table.to_csv(index=False, sep=how.get("delimiter", ";"), lineterminator="\n")
        (root / f"{name}.csv").write_bytes(text.encode(how.get("encoding", "windows-1252")))


def _euros(amount: float) -> str:
    return f"{amount:,.2f} €".translate(str.maketrans(",.", ".,"))
