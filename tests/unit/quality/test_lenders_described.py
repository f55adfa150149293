"""Tables as public data sets have them are described, and the check has nothing to change."""

import csv
from calendar import month_abbr
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio, parse_portfolio
from creditrisk.quality.portfolio_check.survey import Survey, survey
from creditrisk.storage import open_store
from tests.builders import (
    card_history_lender,
    leasing_lender,
    quarterly_lender,
    seasonal_lender,
    workshop_lender,
)

FOLDER = Path(__file__).parents[2] / "portfolios"
# quarters are numbered; what became of a mortgage stands in a code; loans are customers
MORTGAGES = """
name: mortgages
currency: USD
sources:
  origination:
    table: origination
    role: applications
    every: 3
    columns:
      id: {role: application}
      borrower: {role: customer}
      orig_time: {role: snapshot, type: date, format: quarters since 2000-01}
      fico: {type: integer, range: [300, 850]}
  panel:
    table: panel
    role: performance
    every: 3
    columns:
      id: {role: loan}
      borrower: {role: customer}
      time: {role: snapshot, type: date, format: quarters since 2000-01}
      orig_time: {role: start, type: date, format: quarters since 2000-01}
      balance: {role: balance, type: number}
      status:
        role: status
        type: category
        spellings: {current: ["0"], default: ["1"], paid_off: ["2"]}
  economy:
    table: economy
    role: macro
    every: 3
    lag: 3
    columns:
      time: {role: snapshot, type: date, format: quarters since 2000-01}
      house_price_index: {type: number}
"""
# one file holds applications and what became of them, without a date
PEER_TO_PEER = """
name: peer-to-peer
currency: USD
sources:
  requests:
    table: loans
    role: applications
    columns:
      id: {role: application}
      member: {role: customer}
      issue_d: {role: snapshot, type: date, format: MMM-yyyy}
      int_rate: {type: number, strip: "%"}
  ended:
    table: loans
    role: outcomes
    extract: 2018-12-31
    within: 36
    columns:
      id: {role: loan}
      member: {role: customer}
      issue_d: {role: start, type: date, format: MMM-yyyy}
      loan_status:
        role: status
        type: category
        spellings:
          current: [Current]
          "1-29": [In Grace Period]
          "90+": [Late (31-120 days)]
          default: [Default]
          written_off: [Charged Off]
          paid_off: [Fully Paid]
"""
# months lie before a date; X: no loan in the month, C: repaid
CARDS = """
name: cards
currency: CNY
sources:
  requests:
    table: requests
    role: applications
    columns:
      ID: {role: application}
      PERSON: {role: customer}
      MONTH: {role: snapshot, type: date, format: months since 2020-06}
      INCOME: {type: number}
  credit_record:
    table: credit_record
    role: performance
    columns:
      ID: {role: loan}
      PERSON: {role: customer}
      OPENED: {role: start, type: date, format: months since 2020-06}
      MONTHS_BALANCE: {role: snapshot, type: date, format: months since 2020-06}
      STATUS:
        role: status
        type: category
        missing: [X]
        spellings:
          {"1-29": ["0"], "30-59": ["1"], "60-89": ["2"], "90+": ["3", "4", "5"], paid_off: [C]}
"""

# outcomes by date of default, each row dated
BY_ROW = """
name: dated
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
  ended:
    table: ended
    role: outcomes
    columns:
      loan: {role: loan}
      client: {role: customer}
      as_of: {role: snapshot, type: date}
      began: {role: start, type: date}
      failed: {role: default_date, type: date}
"""


def write(folder: Path, name: str, rows: list[list[object]]) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def checked(folder: Path, text: str) -> Survey:
    portfolio = parse_portfolio(text, "mine.yaml")
    return survey(open_store(str(folder)), portfolio, load_policy().quality)


def found(survey_: Survey) -> list[str]:
    return [f"{remark.source}.{remark.column}: {remark.what}" for remark in survey_.remarks]


def test_a_quarterly_panel_with_numbered_quarters(tmp_path):
    quarters = range(20, 32)
    loans = [[f"M{q}-{n}", f"B{q}-{n}", q, 600 + n] for q in quarters for n in range(20)]
    write(tmp_path, "origination", [["id", "borrower", "orig_time", "fico"], *loans])
    header = ["id", "borrower", "time", "orig_time", "balance", "status"]
    panel = [
        [loan, who, q, began, 1000 if q < began + 3 else 0, 0 if q < began + 3 else 1 + n % 2]
        for n, (loan, who, began, _) in enumerate(loans)
        for q in range(began, min(began + 4, 32))
    ]
    write(tmp_path, "panel", [header, *panel])
    write(tmp_path, "economy", [["time", "house_price_index"], *([q, 100 + q] for q in range(40))])
    result = checked(tmp_path, MORTGAGES)
    assert found(result) == []
    panel_table = next(table for table in result.tables if table.source == "panel")
    assert [month.isoformat() for month in panel_table.months][:2] == ["2005-01-01", "2005-04-01"]


def test_one_file_of_loans_and_their_final_status(tmp_path):
    states = [*["Current", "Fully Paid"] * 3, "Charged Off", "Late (31-120 days)", "Default"]
    rows = [
        [f"{year}{month}{n}", f"m{year}{month}{n}", f"{month}-{year}", f"{8 + n}.5%", states[n % 9]]
        for year in (2015, 2016)
        for month in month_abbr[1:]
        for n in range(10)
    ]
    write(tmp_path, "loans", [["id", "member", "issue_d", "int_rate", "loan_status"], *rows])
    assert found(checked(tmp_path, PEER_TO_PEER)) == []


def test_dates_of_default_that_nobody_can_read_are_judged_among_those_there_are(tmp_path):
    loans = [[f"L{n}", f"C{n}", f"2023-0{1 + n // 200}-05", n] for n in range(400)]
    write(tmp_path, "form", [["loan", "client", "asked", "income"], *loans])
    standing = [[*loan[:2], loan[2], loan[2], ""] for loan in loans]
    standing += [
        ["L7", "C7", "2023-02-20", "2023-01-05", f"{day}/02/2023"] for day in range(10, 20)
    ]
    header = ["loan", "client", "as_of", "began", "failed"]
    write(tmp_path, "ended", [header, *standing])
    remarks = {f"{r.source}.{r.column}": r.level for r in checked(tmp_path, BY_ROW).remarks}
    assert remarks["ended.failed"] == "unusable"
    write(tmp_path, "ended", [header, *standing[:-8]])  # two of them: a slip, no system
    few = {f"{r.source}.{r.column}": r.level for r in checked(tmp_path, BY_ROW).remarks}
    assert few["ended.failed"] == "look"


def test_one_extract_that_is_dated_by_row_is_named(tmp_path):
    rows = [[f"L{n}", f"C{n}", f"2023-0{1 + n}-05", n] for n in range(9)]
    write(tmp_path, "form", [["loan", "client", "asked", "income"], *rows])
    header = ["loan", "client", "as_of", "began", "failed"]
    write(tmp_path, "ended", [header, *([*r[:2], "2023-09-30", r[2], ""] for r in rows)])
    (remark,) = checked(tmp_path, BY_ROW).remarks
    assert remark.change == "extract: 2023-09-30, in place of as_of"


def test_a_status_history_in_months_before_a_date(tmp_path):
    loans = [[f"{-m}-{n}", f"P{m}-{n}", -m, 1000 + n] for m in range(20, 0, -1) for n in range(10)]
    write(tmp_path, "requests", [["ID", "PERSON", "MONTH", "INCOME"], *loans])
    record = [
        [loan, who, began, month, ("XC0123" if n < 3 else "XC0")[(month + n) % (6 if n < 3 else 3)]]
        for n, (loan, who, began, _) in enumerate(loans)
        for month in range(began, 1)
    ]
    header = ["ID", "PERSON", "OPENED", "MONTHS_BALANCE", "STATUS"]
    write(tmp_path, "credit_record", [header, *record])
    assert found(checked(tmp_path, CARDS)) == []


@pytest.mark.parametrize("name", ["quarterly", "quarterly_extract"])
def test_the_quarterly_lender_is_usable_either_way(name, tmp_path):
    quarterly_lender.deliver(tmp_path, 42, applications=20)
    portfolio = load_portfolio(FOLDER / f"{name}.yaml")
    assert found(survey(open_store(str(tmp_path)), portfolio, load_policy().quality)) == []
    extract = portfolio.servicing[1].extract
    assert extract in (None, quarterly_lender.extract_date(42))


@pytest.mark.parametrize(
    ("name", "deliver", "months", "asked"),
    [
        ("card_history", card_history_lender.deliver, 36, []),
        # not all customers are known there; contracts that ended well are said to be of the extract
        ("leasing", leasing_lender.deliver, 36, ["contracts.Stand", "bureau.Kunde"]),
        ("workshops", workshop_lender.deliver, 42, []),
    ],
)
def test_lenders_of_other_calendars_are_usable(name, deliver, months, asked, tmp_path):
    deliver(tmp_path, months, applications=30)
    portfolio = load_portfolio(FOLDER / f"{name}.yaml")
    result = survey(open_store(str(tmp_path)), portfolio, load_policy().quality)
    assert [f"{one.source}.{one.column}" for one in result.remarks] == asked


def test_the_seasonal_lender_is_usable(tmp_path):
    seasonal_lender.deliver(tmp_path, 30, applications=20)
    portfolio = load_portfolio(FOLDER / "seasonal.yaml")
    result = survey(open_store(str(tmp_path)), portfolio, load_policy().quality)
    assert found(result) == []
    requests, _, economy = result.tables
    assert {month.month for month in requests.months} == set(seasonal_lender.SEASON)
    # a figure is of the month it is published in
    assert economy.months[0] == add_months(seasonal_lender.START, seasonal_lender.LAG - 12)
