"""A lender of personal loans who says where a loan stands in codes, month by month.

In length, a row per loan and month; in width, a row per loan and a column per month.
"""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2022, 1, 1)
CODES = ("0", "1", "2", "3")  # months behind; C: repaid


def deliver(
    root: Path, months: int, applications: int = 150, seed: int = 3, wide: bool = False
) -> None:
    """Write `loan_requests.csv` and `loan_status.csv`."""
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    loans = _loans(months, applications, rng)
    requests = ["member_id", "loan_no", "request_date", "purpose", "annual_income", "dti"]
    loans[requests].to_csv(root / "loan_requests.csv", index=False)
    codes = pd.DataFrame({number: _codes(loans, number) for number in range(months)})
    if wide:
        named = codes.rename(columns=lambda n: f"status_{add_months(START, n):%Y_%m}")
        fixed = loans[["loan_no", "member_id", "issue_date"]]
        pd.concat([fixed, named], axis=1).to_csv(root / "loan_status.csv", index=False)
        return
    long = [
        loans[["loan_no", "member_id", "issue_date"]].assign(
            month=f"{add_months(START, number):%Y-%m}", loan_status=codes[number]
        )
        for number in range(months)
    ]
    rows = pd.concat(long)
    rows[rows["loan_status"] != ""].to_csv(root / "loan_status.csv", index=False)


def _loans(months: int, applications: int, rng: np.random.Generator) -> pd.DataFrame:
    n = months * applications
    trait = rng.normal(size=n)
    month = np.repeat(np.arange(months), applications)
    days = [
        add_months(START, int(m)) + timedelta(days=int(d))
        for m, d in zip(month, rng.integers(0, 28, n), strict=True)
    ]
    hazard = 0.03 * np.exp(1.3 * trait - 0.8)
    return pd.DataFrame(
        {
            "member_id": [f"M{number:06d}" for number in rng.permutation(n)],
            "loan_no": 7_000_000 + np.arange(n),
            "request_date": days,
            "issue_date": days,
            "purpose": np.where(rng.random(n) < 0.5 + 0.15 * np.tanh(trait), "car", "home"),
            "annual_income": np.exp(10.5 - 0.4 * trait + 0.3 * rng.normal(size=n)).round(2),
            "dti": (20 + 5 * trait + 4 * rng.normal(size=n)).round(1),
            "month": month,
            "stops": rng.geometric(np.minimum(hazard, 0.9)),
            "term": rng.choice([12, 24, 36], n),
        }
    )


def _codes(loans: pd.DataFrame, number: int) -> np.ndarray:
    """Of each loan its code in a month; empty before it begins and once it is repaid."""
    since = number - loans["month"]
    behind = np.clip(since - loans["stops"] + 1, 0, 3)
    code = np.array(CODES, dtype=object)[behind]
    code = np.where((since == loans["term"]) & (behind == 0), "C", code)
    gone = (since < 0) | (since > loans["term"])
    return np.where(gone, "", code)
