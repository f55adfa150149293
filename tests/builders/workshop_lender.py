"""A lender to workshops, simulated: it decides once a quarter, and its systems do not agree.

The form is in UTF-16 and counts days as SAS does; the ledger, in Shift-JIS, counts seconds, and
has a column of days late for each month on book; a file a month of enquiries comes from a bureau
in GB18030, in milliseconds. `python -m tests.builders.workshop_lender DIR MONTHS` writes them.
"""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2020, 1, 1)
SAS, UNIX = date(1960, 1, 1), date(1970, 1, 1)
SEEN, EARLIER = 12, 6  # months: on book in the ledger, of enquiries before the first application
SECONDS = 86_400  # of a day


def deliver(root: Path, months: int, applications: int = 600, seed: int = 7) -> None:
    """Write `form.csv`, `ledger.csv.gz` and `enquiries/ENQ_<month>.csv`."""
    rng = np.random.default_rng(seed)
    (root / "enquiries").mkdir(parents=True, exist_ok=True)
    coming = _loans(months + EARLIER, applications, rng)
    loans = coming[coming["month"] < months]
    form = ["loan", "owner", "asked", "staff", "rent", "trade"]
    loans[form].to_csv(root / "form.csv", sep="\t", index=False, encoding="utf-16")
    ledger = loans[["loan", "owner", "paid_out"]].copy()
    for age in range(SEEN + 1):
        ledger[f"dpd_m{age:02d}"] = _days_late(loans, age, months)
    ledger.to_csv(root / "ledger.csv.gz", index=False, encoding="shift_jis")
    for number in range(-EARLIER, months):
        month = add_months(START, number)
        path = root / "enquiries" / f"ENQ_{month:%Y%m}.csv"
        _enquiries(coming, month, rng).to_csv(path, index=False, sep="|", encoding="gb18030")


def _loans(months: int, applications: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per loan; `stops`, `heals`: months after payout in which payments stop, come back."""
    month = np.repeat(np.arange(0, months, 3), applications)
    n = len(month)
    trait = rng.normal(size=n)
    stops = rng.geometric(np.minimum(0.035 * np.exp(1.3 * trait - 0.8), 0.9))
    firsts = np.array([(add_months(START, int(m)) - SAS).days for m in month])
    asked = firsts + rng.integers(0, 14, n)
    paid = (firsts + rng.integers(15, 27, n)) * SECONDS + rng.integers(0, SECONDS, n)
    return pd.DataFrame(
        {
            "loan": [f"号{number:06d}" for number in range(n)],
            "owner": [f"主{number:06d}" for number in rng.permutation(n)],
            "asked": asked,
            "paid_out": paid,
            "month": month,
            "staff": 1 + rng.poisson(np.exp(1.5 - 0.5 * trait)),
            "rent": [
                f"{amount:,.0f}円" for amount in np.exp(11 + 0.4 * trait + 0.3 * rng.normal(size=n))
            ],
            "trade": rng.choice(["木工", "鉄工", "印刷"], n),
            "trait": trait,
            "stops": stops,
            "heals": stops + rng.geometric(0.2, n),
        }
    )


def _days_late(loans: pd.DataFrame, age: int, months: int) -> list[str]:
    """Days past due after so many months; nothing of a month that is not there yet."""
    behind = np.where((age >= loans["stops"]) & (age < loans["heals"]), age - loans["stops"] + 1, 0)
    unseen = loans["month"] + age >= months
    days = behind * 30 - (behind > 0)
    return ["" if gone else str(late) for gone, late in zip(unseen, days, strict=True)]


def _enquiries(loans: pd.DataFrame, month: date, rng: np.random.Generator) -> pd.DataFrame:
    """Who asked a bureau for credit in a month: those who will want a loan within half a year."""
    number = (month.year - START.year) * 12 + month.month - START.month
    soon = loans[(loans["month"] >= number) & (loans["month"] <= number + EARLIER)]
    who = soon.loc[soon.index.repeat(rng.poisson(np.exp(-0.8 + 0.5 * soon["trait"])))]
    first = (month - UNIX).days * SECONDS * 1000
    return pd.DataFrame(
        {
            "number": [f"{month:%y%m}{place:06d}" for place in range(len(who))],
            "owner": who["owner"].to_numpy(),
            "at": first + rng.integers(0, 28 * SECONDS * 1000, len(who)),
            "wanted": rng.integers(1, 50, len(who)) * 10_000,
        }
    )


if __name__ == "__main__":
    deliver(Path(sys.argv[1]), int(sys.argv[2]))
