"""Soils clean applicants into the delivered text, in the ways and at the rates of the reference.

Published facts: counts per 12,500 rows of each flaw (from the full files; the rates of outliers
and their ranges from the sample up to 2024-09-01). Outliers keep the row's other columns, so the
list of loan types still gives the number of loans where the number is dirty. LMS and events are
delivered clean, as in the reference.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

ROWS = 12_500


@dataclass(frozen=True)
class Suffix:
    column: str
    count: int


@dataclass(frozen=True)
class Sentinel:
    """A fixed text in place of the value."""

    column: str
    count: int
    text: str


@dataclass(frozen=True)
class Outlier:
    """An impossible number, `low` to `high`, written with `decimals` decimals."""

    column: str
    count: int
    low: int
    high: int
    decimals: int = 0


Flaw = Suffix | Sentinel | Outlier

# Order matters: a suffix may land on an outlier ('2329_'), a sentinel replaces whatever is there.
ATTRIBUTE_FLAWS: tuple[Flaw, ...] = (
    Outlier("Age", 215, 101, 8_678),
    Suffix("Age", 637),
    Sentinel("Age", 104, "-500"),
    Sentinel("SSN", 703, "#F%$D@*&8"),
    Sentinel("Occupation", 880, "_______"),
)
FINANCIAL_FLAWS: tuple[Flaw, ...] = (
    Outlier("Annual_Income", 118, 344_983, 23_834_698, decimals=1),
    Suffix("Annual_Income", 859),
    Outlier("Num_Bank_Accounts", 163, 28, 1_756),
    Sentinel("Num_Bank_Accounts", 4, "-1"),
    Outlier("Num_Credit_Card", 305, 21, 1_499),
    Outlier("Interest_Rate", 277, 99, 5_789),
    Outlier("Num_of_Loan", 61, 27, 1_495),
    Suffix("Num_of_Loan", 623),
    Sentinel("Num_of_Loan", 500, "-100"),
    Outlier("Num_of_Delayed_Payment", 107, 88, 4_293),
    Suffix("Num_of_Delayed_Payment", 374),
    Sentinel("Changed_Credit_Limit", 254, "_"),
    Outlier("Num_Credit_Inquiries", 192, 46, 2_554, decimals=1),
    Sentinel("Credit_Mix", 2_611, "_"),
    Suffix("Outstanding_Debt", 139),
    Sentinel("Payment_of_Min_Amount", 1_438, "NM"),
    Outlier("Total_EMI_per_month", 400, 2_004, 81_971, decimals=1),
    Sentinel("Amount_invested_monthly", 558, "__10000__"),
    Sentinel("Payment_Behaviour", 998, "!@9#%8"),
    Sentinel("Monthly_Balance", 1, "__-333333333333333333333333333__"),
)
ODD_NAMES = 119

ATTRIBUTES = ("Customer_ID", "Name", "Age", "SSN", "Occupation")
FINANCIALS = (
    "Customer_ID",
    "Annual_Income",
    "Monthly_Inhand_Salary",
    "Num_Bank_Accounts",
    "Num_Credit_Card",
    "Interest_Rate",
    "Num_of_Loan",
    "Type_of_Loan",
    "Delay_from_due_date",
    "Num_of_Delayed_Payment",
    "Changed_Credit_Limit",
    "Num_Credit_Inquiries",
    "Credit_Mix",
    "Outstanding_Debt",
    "Credit_Utilization_Ratio",
    "Credit_History_Age",
    "Payment_of_Min_Amount",
    "Total_EMI_per_month",
    "Amount_invested_monthly",
    "Payment_Behaviour",
    "Monthly_Balance",
)


def dirty_attributes(applicants: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The attributes table as delivered, all text. One row per applicant."""
    table = applicants[list(ATTRIBUTES)].astype(str)
    table["Name"] = _odd_names(table["Name"], rng)
    return _dirty_rows(table, ATTRIBUTE_FLAWS, rng)


def dirty_financials(applicants: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The financials table as delivered, all text. One row per applicant."""
    table = applicants[list(FINANCIALS)].copy()
    table["Num_Credit_Inquiries"] = table["Num_Credit_Inquiries"].astype(float)  # '11.0'
    table["Credit_History_Age"] = [
        f"{months // 12} Years and {months % 12} Months" for months in table["Credit_History_Age"]
    ]
    return _dirty_rows(table.astype(str), FINANCIAL_FLAWS, rng)


def _dirty_rows(
    table: pd.DataFrame, flaws: tuple[Flaw, ...], rng: np.random.Generator
) -> pd.DataFrame:
    for flaw in flaws:
        values = table[flaw.column].to_numpy(dtype=object, copy=True)
        hit = rng.random(len(table)) < flaw.count / ROWS
        values[hit] = _dirty(flaw, values[hit], rng)
        table[flaw.column] = values
    return table


def _dirty(flaw: Flaw, clean: np.ndarray, rng: np.random.Generator) -> list[str]:
    match flaw:
        case Suffix():
            return [f"{value}_" for value in clean]
        case Sentinel():
            return [flaw.text] * len(clean)
        case Outlier():
            numbers = rng.integers(flaw.low, flaw.high + 1, len(clean))
            return [f"{number:.{flaw.decimals}f}" for number in numbers]


def _odd_names(names: pd.Series, rng: np.random.Generator) -> list[str]:
    """Names with quotes and commas, so that a careless CSV reader loses the row."""
    odd = rng.random(len(names)) < ODD_NAMES / ROWS
    comma = rng.random(len(names)) < 0.1
    return [
        name if not is_odd else f", {name}" if has_comma else f'"{name[:-1]}"{name[-1]}'
        for name, is_odd, has_comma in zip(names, odd, comma, strict=True)
    ]
