"""Six lenders, simulated, whose files were written for no system of ours: what `init` must read.

Each `deliver` writes the files of so many months, and returns the truth: one row per loan, by the
number of its application, with the cohort, the PD that it was drawn with and whether it is bad
within `MOB` months. `python -m tests.builders.six_lenders NAME DIR MONTHS` writes the files.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from creditrisk.calendar_month import add_months

START = date(2022, 1, 1)
MOB = 6
TERM = 18  # months
TRUTH = ["application_id", "cohort", "pd", "bad"]


def _book(months: int, applications: int, seed: int, within: int = 21) -> pd.DataFrame:
    """One row per loan: who asked when, what is known then, and the month payments stop in."""
    rng = np.random.default_rng(seed)
    month = np.repeat(np.arange(months), applications)
    n = len(month)
    x = rng.normal(size=(n, 4))
    hazard = np.minimum(0.022 * np.exp(x @ [0.8, 0.6, 0.5, 0.4]), 0.9)
    stops = rng.geometric(hazard)
    days = rng.integers(0, within, n)
    asked = [
        add_months(START, int(m)) + timedelta(int(d)) for m, d in zip(month, days, strict=True)
    ]
    return pd.DataFrame(
        {
            "n": np.arange(n),
            "who": rng.permutation(n),
            "month": month,
            "asked": asked,
            "income": np.exp(10.3 - 0.4 * x[:, 0]).round(2),
            "ratio": (30 + 8 * x[:, 1]).round(1),
            "score": (650 - 40 * x[:, 2]).round(),
            "age": np.exp(1.6 - 0.5 * x[:, 3]).round(2),
            "kind": rng.choice(["A", "B", "C"], n, p=[0.5, 0.3, 0.2]),
            "amount": rng.integers(10, 90, n) * 100.0,
            "stops": stops,
            "cohort": [add_months(START, int(m)) for m in month],
            "pd": 1 - (1 - hazard) ** MOB,
            "bad": (stops <= MOB).astype(int),
        }
    )


def _months(book: pd.DataFrame, months: int) -> pd.DataFrame:
    """One row per loan and month it was there: `age`, instalments behind, what is outstanding."""
    rows = book.loc[book.index.repeat(np.minimum(months - book["month"], TERM + 1))].copy()
    rows["since"] = rows.groupby("n").cumcount()
    rows["now"] = [
        add_months(START, int(m)) for m in rows["month"].to_numpy() + rows["since"].to_numpy()
    ]
    rows["behind"] = np.maximum(rows["since"] - rows["stops"] + 1, 0)
    rows["due"] = (rows["amount"] / TERM).round(2)
    rows["left"] = rows["amount"] - rows["due"] * np.minimum(rows["since"], rows["stops"] - 1)
    rows["left"] = rows["left"].where(rows["since"] < TERM, rows["due"] * rows["behind"]).clip(0)
    return rows


def _truth(book: pd.DataFrame, number: pd.Series) -> pd.DataFrame:
    return book.assign(application_id=number)[TRUTH]


def _text(days: pd.Series, written: str) -> list[str]:
    return [f"{day:{written}}" for day in days]


def _end(month: date) -> date:
    return add_months(month, 1) - timedelta(1)


def _comma(amounts: pd.Series) -> list[str]:
    return [f"{amount:,.2f}".translate(str.maketrans(",.", ".,")) for amount in amounts]


def sme(root: Path, months: int, applications: int = 260, seed: int = 31) -> pd.DataFrame:
    """Term loans to firms: a form with thousands, a panel at each month's end."""
    book = _book(months, applications, seed)
    loan = book["n"].map("SME{:07d}".format)
    form = pd.DataFrame(
        {
            "Loan No": loan,
            "Company ID": book["who"].map("C{:06d}".format),
            "Application Date": _text(book["asked"], "%d/%m/%Y"),
            "Annual Turnover": book["income"].map("{:,.2f}".format),
            "Debt Ratio": book["ratio"].map("{:.1f}%".format),
            "Bureau Score": book["score"].astype(int),
            "Years Trading": book["age"],
            "Sector": book["kind"].map({"A": "Trade", "B": "Building", "C": "Transport"}),
        }
    )
    rows = _months(book, months)
    panel = pd.DataFrame(
        {
            "Loan No": rows["n"].map("SME{:07d}".format),
            "Company ID": rows["who"].map("C{:06d}".format),
            "Reporting Date": _text(rows["now"].map(_end), "%d/%m/%Y"),
            "Disbursement Date": _text(rows["asked"] + timedelta(6), "%d/%m/%Y"),
            "Instalment": rows["due"],
            "Arrears": (rows["due"] * rows["behind"]).round(2),
            "Outstanding Principal": rows["left"].round(2),
        }
    )
    _save(root, {"loan_applications": form, "loan_performance": panel})
    return _truth(book, loan)


def cards(root: Path, months: int, applications: int = 260, seed: int = 32) -> pd.DataFrame:
    """Revolving cards: a file of statements a month, with neither customer nor start in it."""
    book = _book(months, applications, seed)
    account = book["n"].map("4{:09d}".format)
    form = pd.DataFrame(
        {
            "account_no": account,
            "customer_no": book["who"].map("K{:06d}".format),
            "application_date": book["asked"],
            "monthly_income": (book["income"] / 12).round(2),
            "utilisation_elsewhere": book["ratio"],
            "bureau_score": book["score"].astype(int),
            "years_at_employer": book["age"],
            "channel": book["kind"].map({"A": "branch", "B": "web", "C": "phone"}),
        }
    )
    rng = np.random.default_rng(seed + 1000)
    rows = _months(book, months)
    used = rng.random(len(rows)) < 0.7  # others pay in full, and owe nothing
    rows["balance"] = np.where(used | (rows["behind"] > 0), rows["amount"] * 0.6, 0.0).round(2)
    minimum = (0.05 * rows["balance"]).round(2)
    paid = np.where(rows["behind"] > 0, 0.0, minimum * rng.choice([1, 2, 5], len(rows)))
    statements = pd.DataFrame(
        {
            "account_no": rows["n"].map("4{:09d}".format),
            "statement_date": [month.replace(day=25) for month in rows["now"]],
            "credit_limit": rows["amount"],
            "balance": rows["balance"],
            "minimum_due": minimum,
            "paid": paid.round(2),
            "days_past_due": np.maximum(rows["behind"] * 30 + rng.integers(0, 5, len(rows)), 0)
            * (rows["behind"] > 0),
        }
    )
    _save(root, {"card_applications": form})
    for now, part in statements.groupby(rows["now"]):
        _save(root, {f"statements/statement_{now:%Y%m}": part})
    return _truth(book, account)


def bnpl(root: Path, months: int, applications: int = 260, seed: int = 33) -> pd.DataFrame:
    """Buy now, pay later: orders in a file a month without a date; visits of the shop; plans."""
    book = _book(months, applications, seed)
    rng = np.random.default_rng(seed + 1000)
    book["who"] = book["n"] // 2 * 2 + (book["n"] % 2) * (rng.random(len(book)) < 0.8)
    book["who"] += book["month"] * 7  # few customers come again
    order = book["n"].map("ORD-{:07d}".format)
    orders = pd.DataFrame(
        {
            "order_id": order,
            "customer_id": book["who"].map("U{:06d}".format),
            "basket_value": book["amount"],
            "income_band_value": book["income"].round(),
            "bureau_score": book["score"].astype(int),
            "account_age_years": book["age"],
            "category": book["kind"].map({"A": "fashion", "B": "garden", "C": "phones"}),
        }
    )
    for month, part in orders.groupby(book["month"]):
        _save(root, {f"orders_{add_months(START, int(month)):%Y%m}": part})
    many = rng.poisson(np.exp(1.2 - 0.04 * (book["ratio"] - 30)))
    visits = book.loc[book.index.repeat(many)]
    ago = rng.integers(0, 20, len(visits))
    when = [
        max(d - timedelta(int(a)), d.replace(day=1))
        for d, a in zip(visits["asked"], ago, strict=True)
    ]
    visit = pd.DataFrame(
        {
            "event_id": [f"EV{number:09d}" for number in range(len(visits))],
            "customer_id": visits["who"].map("U{:06d}".format),
            "event_time": [f"{day}T{hour:02d}:15:00Z" for day, hour in zip(when, ago, strict=True)],
            "pages_seen": 1 + rng.poisson(3, len(visits)),
        }
    )
    rows = _months(book, months)
    plans = pd.DataFrame(
        {
            "order_id": rows["n"].map("ORD-{:07d}".format),
            "customer_id": rows["who"].map("U{:06d}".format),
            "purchase_date": rows["asked"],
            "as_of": rows["now"],
            "instalment_due": rows["due"],
            "overdue_amount": (rows["due"] * rows["behind"]).round(2),
            "balance": rows["left"].round(2),
        }
    )
    _save(root, {"shop_events": visit, "plans": plans})
    return _truth(book, order)


def leasing(root: Path, months: int, applications: int = 260, seed: int = 34) -> pd.DataFrame:
    """Leases as a German export: semicolons, decimal commas, days first with dots, cp1252."""
    book = _book(months, applications, seed)
    contract = book["n"].map("V-{:06d}".format)
    form = pd.DataFrame(
        {
            "Vertrag_Nr": contract,
            "Kunde_Nr": book["who"].map("{:07d}".format),
            "Antragsdatum": _text(book["asked"], "%d.%m.%Y"),
            "Jahresumsatz": _comma(book["income"]),
            "Quote": _comma(book["ratio"]),
            "Bonität": book["score"].astype(int),
            "Jahre_am_Markt": _comma(book["age"]),
            "Objekt": book["kind"].map({"A": "Bagger", "B": "Kran", "C": "Anhänger"}),
        }
    )
    rows = _months(book, months)
    ledger = pd.DataFrame(
        {
            "Vertrag_Nr": rows["n"].map("V-{:06d}".format),
            "Kunde_Nr": rows["who"].map("{:07d}".format),
            "Stichtag": _text(rows["now"].map(_end), "%d.%m.%Y"),
            "Vertragsbeginn": _text(rows["asked"] + timedelta(5), "%d.%m.%Y"),
            "Leasingrate": _comma(rows["due"]),
            "Rückstand": _comma(rows["due"] * rows["behind"]),
            "Restschuld": _comma(rows["left"]),
        }
    )
    _save(root, {"Verträge": form, "Mietkonto": ledger}, ";", "cp1252")
    return _truth(book, contract)


def weekly(root: Path, months: int, applications: int = 200, seed: int = 35) -> pd.DataFrame:
    """Microfinance: a row for each week's repayment of a loan."""
    book = _book(months, applications, seed)
    loan = book["n"].map("MF{:06d}".format)
    form = pd.DataFrame(
        {
            "loan_id": loan,
            "member_id": book["who"].map("M{:06d}".format),
            "application_date": book["asked"],
            "household_income": book["income"].round(2),
            "spending_share": book["ratio"],
            "group_score": book["score"].astype(int),
            "years_in_group": book["age"],
            "business": book["kind"].map({"A": "stall", "B": "farm", "C": "tailor"}),
        }
    )
    first, last = date(2022, 1, 3), _end(add_months(START, months - 1))
    mondays = [first + timedelta(7 * week) for week in range((last - first).days // 7 + 1)]
    rows = _months(book, months).set_index(["n", "now"])
    weeks = pd.DataFrame({"day": mondays, "now": [day.replace(day=1) for day in mondays]})
    weeks["of"] = weeks.groupby("now").cumcount()
    weeks["in_month"] = weeks.groupby("now")["of"].transform("size")
    paid = rows.reset_index().merge(weeks, on="now", how="inner")
    paid = paid[(paid["since"] > 0)]
    each = (paid["due"] / paid["in_month"]).round(2)
    behind = np.where(
        paid["behind"] > 0, (paid["behind"] - 1) * paid["due"] + (paid["of"] + 1) * each, 0.0
    )
    lines = pd.DataFrame(
        {
            "loan_id": paid["n"].map("MF{:06d}".format),
            "member_id": paid["who"].map("M{:06d}".format),
            "disbursed_on": paid["asked"],
            "payment_date": paid["day"],
            "amount_due": each,
            "amount_paid": np.where(paid["behind"] > 0, 0.0, each),
            "arrears": behind.round(2),
            "outstanding": paid["left"].round(2),
        }
    )
    _save(root, {"loan_applications": form, "weekly_repayments": lines})
    return _truth(book, loan)


def extract(root: Path, months: int, applications: int = 260, seed: int = 36) -> pd.DataFrame:
    """Instalment loans whose outcomes come as one extract, which bears no date of its own."""
    book = _book(months, applications, seed)
    request = book["n"].map("R{:07d}".format)
    form = pd.DataFrame(
        {
            "request_no": request,
            "member_no": book["who"].map("P{:06d}".format),
            "submitted_on": _text(book["asked"], "%m/%d/%Y"),
            "income": book["income"].map("${:,.0f}".format),
            "dti": book["ratio"],
            "bureau_score": book["score"].astype(int),
            "years_employed": book["age"],
            "purpose": book["kind"].map({"A": "car", "B": "home", "C": "study"}),
        }
    )
    failed = [
        add_months(c, int(min(s, 99))) for c, s in zip(book["cohort"], book["stops"], strict=True)
    ]
    taken = _end(add_months(START, months - 1))
    ended = pd.DataFrame(
        {
            "request_no": request,
            "member_no": form["member_no"],
            "funded_on": _text(book["asked"] + timedelta(3), "%m/%d/%Y"),
            "default_date": [f"{day:%m/%d/%Y}" if day <= taken else "" for day in failed],
        }
    )
    _save(root, {"requests": form, "loan_outcomes": ended})
    return _truth(book, request)


def _save(
    root: Path, tables: dict[str, pd.DataFrame], delimiter: str = ",", encoding: str = "utf-8"
) -> None:
    for name, rows in tables.items():
        path = root / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.to_csv(path, index=False, sep=delimiter, encoding=encoding)


LENDERS: dict[str, Callable[..., pd.DataFrame]] = {
    "sme_panel": sme,
    "card_statements": cards,
    "pay_later": bnpl,
    "leases": leasing,
    "weekly": weekly,
    "one_extract": extract,
}


if __name__ == "__main__":
    LENDERS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
