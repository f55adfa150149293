"""A lender whose files cost no value, to be spoilt so that every number is wrong."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from creditrisk.calendar_month import add_months
from creditrisk.policy import load_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.quality.portfolio_check.survey import Survey, survey
from creditrisk.storage import open_store
from tests.builders.deliveries import Rows, write_csv

MONTHS, LOANS, DUE, START = 12, 60, 250, date(2023, 1, 1)
FORM = """
name: quiet
currency: EUR
sources:
  form:
    table: form
    role: applications
    columns:
      loan: {role: application}
      client: {role: customer}
      asked: {role: snapshot, type: date}
      income: {type: number}
      rate: {type: number}
"""
LEDGER = """
  ledger:
    table: ledger
    role: performance
    columns:
      loan: {role: loan}
      client: {role: customer}
      month: {role: snapshot, type: date}
      began: {role: start, type: date}
      due: {role: due, type: number}
      overdue: {role: overdue, type: number}
      owed: {role: balance, type: number}
"""
ENDED = """
  ended:
    table: ended
    role: outcomes
    columns:
      loan: {role: loan}
      client: {role: customer}
      month: {role: snapshot, type: date}
      began: {role: start, type: date}
      failed: {role: default_date, type: date}
"""


def month(number: int) -> date:
    return add_months(START, number)


def is_bad(cohort: int, loan: int) -> bool:
    return (7 * loan + 3 * cohort) % 10 == 0


def forms() -> Rows:
    return [
        {
            "loan": f"L{cohort:02}{loan:03}",
            "client": f"C{cohort:02}{loan:03}",
            "asked": f"{month(cohort)}",
            "income": f"{20_000 + 137 * loan}.5",
            "rate": f"{3 + loan / 4}",
        }
        for cohort in range(MONTHS)
        for loan in range(LOANS)
    ]


def panel() -> Rows:
    """One loan of ten misses each instalment from its second month on."""
    return [
        {
            "loan": f"L{cohort:02}{loan:03}",
            "client": f"C{cohort:02}{loan:03}",
            "month": f"{month(cohort + age)}",
            "began": f"{month(cohort)}",
            "due": f"{DUE if age else 0}",
            "overdue": f"{DUE * max(0, age - 1) * is_bad(cohort, loan)}",
            "owed": f"{10_000 - 100 * age}",
        }
        for cohort in range(MONTHS)
        for loan in range(LOANS)
        for age in range(MONTHS - cohort)
    ]


def outcomes() -> Rows:
    return [
        {
            "loan": f"L{cohort:02}{loan:03}",
            "client": f"C{cohort:02}{loan:03}",
            "month": f"{month(MONTHS - 1)}",
            "began": f"{month(cohort)}",
            "failed": f"{month(cohort)}" if is_bad(cohort, loan) else "",
        }
        for cohort in range(MONTHS)
        for loan in range(LOANS)
    ]


def checked(folder: Path, text: str, **tables: Rows) -> Survey:
    """What the check makes of these tables."""
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv.gz", rows)
    portfolio = parse_portfolio(text, "mine.yaml")
    return survey(open_store(f"{folder}"), portfolio, load_policy().quality)


def what(found: Survey) -> str:
    return "; ".join(f"{r.source}.{r.column} {r.what} {r.change}" for r in found.remarks)


def changed(rows: Rows, **change: Callable[[dict[str, str]], str]) -> Rows:
    return [row | {name: of(row) for name, of in change.items()} for row in rows]
