"""Loans without a monthly panel: how they turn out is told by the date of their default."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.contracts import LABELS, LOAN_MONTHS
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.etl.month import build_month, build_range
from tests.builders.deliveries import table, write_csv
from tests.builders.small_lender import small_period, small_policy

pytestmark = pytest.mark.usefixtures("spark")
START = date(1999, 11, 1)  # the outcomes are told in another century
PORTFOLIO = """
name: no-panel
currency: EUR
sources:
  forms:
    table: forms
    role: applications
    columns:
      number: {role: application}
      client: {role: customer}
      month: {role: snapshot, type: date, format: dd-MMM-yy}
      income: {type: number}
  register:
    table: register
    role: outcomes
    columns:
      number: {role: loan}
      client: {role: customer}
      told: {role: snapshot, type: date, format: dd-MMM-yy}
      began: {role: start, type: date, format: dd-MMM-yy}
      failed: {role: default_date, type: date, format: dd-MMM-yy}
      closed: {role: closed_date, type: date, format: dd-MMM-yy}
"""
POLICY = small_policy(
    "{outcome: {mob: 3, early_mob: 1, reporting_lag: 1},"
    " quality: {max_quarantined_share: 0.9, rows_low: 0.1}}"
)


def row(loan: str, text: str, failed: str = "", closed: str = "", began: str = "17-Nov-99"):
    names = ("number", "client", "told", "began", "failed", "closed")
    return dict(zip(names, (loan, "C", text, began, failed, closed), strict=True))


def built(root: Path, register: list[dict], months: int = 5) -> Period:
    """The months from November 1999 on, with an application for each loan and one every month."""
    loans = sorted({entry["number"] for entry in register})
    forms = [{"number": loan, "client": "C", "month": "03-Nov-99", "income": "5"} for loan in loans]
    forms += [
        {
            "number": f"F{n}",
            "client": "D",
            "month": f"{add_months(START, n):%d-%b-%y}",
            "income": "",
        }
        for n in range(months)
    ]
    write_csv(root / "in/forms.csv", forms)
    write_csv(root / "in/register.csv", [*register, row("last", "01-Mar-00", began="01-Mar-00")])
    period = small_period(root, add_months(START, months - 1), POLICY)
    period = replace(period, portfolio=parse_portfolio(PORTFOLIO, "PORTFOLIO"))
    build_month(period, str(root / "in"))
    return period


def bad(period: Period, mob: int = 3) -> dict[str, int | None]:
    found = table(period, LABELS)
    found = found[found.mob == mob]
    return {r.loan_id: None if r.bad != r.bad else int(r.bad) for r in found.itertuples()}


def test_the_date_of_default_says_who_was_bad_within_the_months(tmp_path: Path) -> None:
    paid_out = [
        row(loan, "30-Nov-99")
        for loan in ("good", "early", "last month", "too late", "closed", "told late")
    ]
    period = built(
        tmp_path,
        [
            *paid_out,
            row("early", "31-Dec-99", failed="02-Dec-99"),
            row("last month", "31-Mar-00", failed="29-Feb-00"),  # told within the lag
            row("too late", "31-Mar-00", failed="01-Mar-00"),
            row("closed", "31-Jan-00", closed="15-Jan-00"),
            row("told late", "30-Apr-00", failed="03-Jan-00"),
        ],
    )
    assert bad(period) == {
        "good": 0,
        "early": 1,
        "last month": 1,
        "too late": 0,
        "closed": 0,
        "told late": 0,  # what becomes known later changes no outcome that has matured
    }
    assert set(bad(period, mob=1).items()) >= {("early", 1), ("last month", 0)}
    labels = table(period, LABELS)
    assert set(labels[labels.mob == 3].snapshot_date) == {add_months(START, 4)}, "mob and lag"
    assert set(labels.cohort) == {START}


def test_loans_of_one_customer_keep_their_own_applications(tmp_path: Path) -> None:
    period = built(tmp_path, [row("L1", "30-Nov-99"), row("L2", "30-Nov-99")])
    labels = table(period, LABELS)
    assert set(labels.application_id) == {"L1", "L2"}
    features = table(period, contracts.features(period.portfolio))
    assert set(labels.application_id) <= set(features.application_id)
    assert features[features.customer_id == "C"].income.tolist() == [5.0, 5.0]


def test_a_default_that_cannot_be_is_found_and_leaves_the_outcome_open(tmp_path: Path) -> None:
    paid_out = [row(loan, "30-Nov-99") for loan in ("before", "future", "no date", "corrected")]
    period = built(
        tmp_path,
        [
            *paid_out,
            row("before", "31-Dec-99", failed="01-Dec-98"),
            row("future", "31-Dec-99", failed="01-Jan-00"),
            row("no date", "31-Dec-99", failed="31-Feb-00"),
            row("corrected", "31-Dec-99", failed="30-Feb-99"),
            row("corrected", "31-Jan-00", failed="30-Dec-99"),
        ],
    )
    assert bad(period) == {"before": None, "future": None, "no date": None, "corrected": 1}
    report = period.store.read(f"months/{add_months(START, 1)}/quality.json").decode()
    assert "register: default_date before the start in 1 of 4 values" in report
    assert "register: default_date after its delivery in 1 of 4 values" in report
    assert "register: default_date unreadable in 2 of 4 values" in report
    silver = table(period, contracts.silver("register", period.portfolio.sources["register"]))
    assert silver.in_doubt.sum() == 4
    assert silver[silver.in_doubt].default_date.isna().all()


def test_a_loan_that_begins_after_it_is_told_is_set_aside(tmp_path: Path) -> None:
    typo = row("L2", "30-Nov-99", began="17-Nov-29")
    period = built(tmp_path, [row("L1", "30-Nov-99"), typo])
    aside = table(period, contracts.QUARANTINE)
    assert list(zip(aside.source, aside.reason, strict=True)) == [("register", "no cohort yet")]
    assert set(table(period, LABELS).loan_id) == {"L1"}


def test_outcomes_that_stop_coming_stop_the_month_and_an_empty_month_does_not(
    tmp_path: Path,
) -> None:
    forms = [
        {
            "number": f"F{n}",
            "client": "D",
            "month": f"{add_months(START, n):%d-%b-%y}",
            "income": "",
        }
        for n in range(3)
    ]
    write_csv(tmp_path / "in/forms.csv", forms)
    write_csv(tmp_path / f"in/register/{START}.csv", [row("F0", "30-Nov-99")])
    header = ",".join(row("", ""))
    (tmp_path / f"in/register/{add_months(START, 1)}.csv").write_text(f"{header}\n")
    period = small_period(tmp_path, add_months(START, 1), POLICY)
    period = replace(period, portfolio=parse_portfolio(PORTFOLIO, "PORTFOLIO"))
    build_month(period, str(tmp_path / "in"))
    with pytest.raises(UserError, match=r"register has no row of 2000-01-01"):
        build_range(
            replace(period, as_of=add_months(START, 2)),
            str(tmp_path / "in"),
            START,
            add_months(START, 2),
        )


def test_a_loan_that_has_not_defaulted_is_no_quality_finding(tmp_path: Path) -> None:
    period = built(tmp_path, [row(f"L{n}", "30-Nov-99") for n in range(3)], months=1)
    checks = json.loads(period.store.read(f"months/{START}/quality.json"))["checks"]
    assert not {"default_date", "closed_date"} & {check["column"] for check in checks}


def test_without_a_panel_there_are_no_loan_months(tmp_path: Path) -> None:
    period = built(tmp_path, [row("L1", "30-Nov-99")], months=1)
    assert table(period, LOAN_MONTHS).empty
    assert period.lake.months(LOAN_MONTHS.table) == period.lake.months(LABELS.table)
