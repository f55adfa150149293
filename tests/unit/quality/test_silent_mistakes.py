"""Descriptions and files that cost no value and make every number wrong: the check says so."""

import calendar
import re
from datetime import date, timedelta

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.policy import load_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.quality.portfolio_check.survey import Survey, survey
from creditrisk.stages.etl.cleaning import MISSING
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


def month(number):
    return add_months(START, number)


def is_bad(cohort, loan):
    return (7 * loan + 3 * cohort) % 10 == 0


@pytest.fixture
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


@pytest.fixture
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


@pytest.fixture
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


@pytest.fixture
def check(tmp_path):
    def of(text: str, **tables: Rows) -> Survey:
        for name, rows in tables.items():
            write_csv(tmp_path / f"{name}.csv.gz", rows)
        portfolio = parse_portfolio(text, "mine.yaml")
        return survey(open_store(f"{tmp_path}"), portfolio, load_policy().quality)

    return of


def what(found: Survey) -> str:
    return "; ".join(f"{r.source}.{r.column} {r.what} {r.change}" for r in found.remarks)


def changed(rows: Rows, **change) -> Rows:
    return [row | {name: of(row) for name, of in change.items()} for row in rows]


def test_an_honest_lender_hears_of_nothing(check, forms, panel):
    assert what(check(FORM + LEDGER, form=forms, ledger=panel)) == ""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"overdue": lambda row: f"{100 * int(row['overdue'])}"}, "more instalments than the loan"),
        ({"due": lambda row: f"{int(row['due']) / 1000}"}, "more instalments than the loan"),
        ({"overdue": lambda row: f"{int(row['overdue']) / 1000}"}, "none of .* loans is ever bad"),
        ({"due": lambda row: f"{int(row['due']) + int(row['overdue'])}"}, "due without arrears"),
        ({"overdue": lambda row: f"-{row['overdue']}"}, "below zero, which says nothing is past"),
        ({"owed": lambda row: f"-{row['owed']}"}, "below zero, which says paid off"),
    ],
)  # fmt: skip
def test_an_amount_in_another_unit_or_sign_shows_in_what_loans_become(
    check, forms, panel, change, text
):
    found = what(check(FORM + LEDGER, form=forms, ledger=changed(panel, **change)))
    assert re.search(text, found), found


def test_days_late_that_are_months_make_no_loan_bad(check, forms, panel):
    described = LEDGER.replace(
        "overdue: {role: overdue, type: number}", "late: {role: days_late, type: integer}"
    )
    described = described.replace("      due: {role: due, type: number}\n", "")
    rows = changed(panel, late=lambda row: f"{int(row['overdue']) // DUE}")
    found = what(check(FORM + described, form=forms, ledger=rows))
    assert "the latest is 10 days past due; are they days?" in found


def test_a_list_of_arrears_or_of_defaults_alone_is_seen(check, forms, panel, outcomes):
    arrears = [row for row in panel if row["overdue"] != "0"]
    assert "loans turn bad" in what(check(FORM + LEDGER, form=forms, ledger=arrears))
    defaults = [row for row in outcomes if row["failed"]]
    assert "loans turn bad" in what(check(FORM + ENDED, form=forms, ended=defaults))


def test_a_flag_the_wrong_way_round_is_seen(check, forms, outcomes):
    described = ENDED.replace("month: {role: snapshot, type: date}\n      ", "")
    described = described.replace(
        "    role: outcomes\n", "    role: outcomes\n    extract: 2023-12-31\n    within: 6\n"
    )
    described = described.replace(
        "failed: {role: default_date, type: date}",
        'good: {role: status, type: category, spellings: {default: ["1"], current: ["0"]}}',
    )
    rows = changed(outcomes, good=lambda row: "0" if row["failed"] else "1")
    assert "each code the right way round" in what(check(FORM + described, form=forms, ended=rows))


def test_loans_that_leave_the_panel_without_an_end_are_counted(check, forms, panel):
    sold = [row for row in panel if row["overdue"] == "0"]
    found = what(check(FORM + LEDGER, form=forms, ledger=sold))
    assert "gone before the newest month" in found and "none of" in found
    ended = changed(sold, owed=lambda row: "0" if row["month"] > row["began"] else row["owed"])
    assert "gone before" not in what(check(FORM + LEDGER, form=forms, ledger=ended))


def test_months_on_book_that_begin_with_one_are_asked_about(check, forms, panel):
    described = LEDGER.replace(
        "month: {role: snapshot, type: date}", "age: {role: month_on_book, type: integer}"
    )

    def aged(first):
        def age(row):
            now, began = map(date.fromisoformat, (row["month"], row["began"]))
            return f"{now.month - began.month + first}"

        return changed(panel, age=age)

    assert "month 0" in what(check(FORM + described, form=forms, ledger=aged(1)))
    assert "month 0" not in what(check(FORM + described, form=forms, ledger=aged(0)))


@pytest.mark.parametrize(("never", "where"), [("9999-12-31", "after"), ("1900-01-01", "before")])
def test_a_date_that_says_never_is_named(check, forms, outcomes, never, where):
    rows = changed(outcomes, failed=lambda row: row["failed"] or never)
    found = check(FORM + ENDED, form=forms, ended=rows)
    assert not found.usable
    assert f"{where}" in what(found) and f'add to missing: ["{never}"], if it says: never' in what(
        found
    )


def test_month_and_day_exchanged_show_in_first_days_of_months(check, forms, panel):
    exchanged = changed(panel, began=lambda row: "/".join(reversed(row["began"].split("-"))))
    wrong = LEDGER.replace(
        "began: {role: start, type: date}", "began: {role: start, type: date, format: MM/dd/yyyy}"
    )
    found = what(check(FORM + wrong, form=forms, ledger=exchanged))
    assert "month and day exchanged? format: dd/MM/yyyy" in found
    right = wrong.replace("MM/dd/yyyy", "dd/MM/yyyy")
    assert what(check(FORM + right, form=forms, ledger=exchanged)) == ""


def the_evening_before(text: str, hour: int) -> str:
    return f"{date.fromisoformat(text) - timedelta(days=1)}T{hour}:00:00Z"


def test_midnight_in_a_zone_east_of_utc_is_the_day_before(check, forms):
    """22:00 in summer, 23:00 in winter."""

    def utc(row):
        return the_evening_before(row["asked"], 22 if "-04-" < row["asked"][4:8] < "-10-" else 23)

    described = FORM.replace(
        "asked: {role: snapshot, type: date}", "asked: {role: snapshot, type: date, format: iso}"
    )
    text = "nearly all are of 22:00: a midnight elsewhere"
    assert text in what(check(described + LEDGER, form=changed(forms, asked=utc)))
    noon = changed(forms, asked=lambda row: f"{row['asked']}T12:00:00Z")
    assert "a midnight elsewhere" not in what(check(described + LEDGER, form=noon))
    there = changed(forms, asked=lambda row: f"{row['asked']}T23:00:00+02:00")
    assert "a midnight elsewhere" not in what(check(described + LEDGER, form=there))


def test_a_count_from_a_midnight_elsewhere_is_shifted_as_advised(check, forms):
    def milliseconds(row):
        return f"{(calendar.timegm(date.fromisoformat(row['asked']).timetuple()) - 19_800) * 1000}"

    rows = changed(forms, asked=milliseconds)
    described = FORM.replace(
        "asked: {role: snapshot, type: date}",
        "asked: {role: snapshot, type: date, format: epoch milliseconds}",
    )
    change = "milliseconds since 1970-01-01 05:30"
    assert (
        f"nearly all are of 18:30: a midnight elsewhere, and the day before it? format: {change}"
        in (what(check(described + LEDGER, form=rows)))
    )
    found = check(described.replace("epoch milliseconds", change) + LEDGER, form=rows)
    assert found.tables[0].months[0] == START and "a midnight elsewhere" not in what(found)


def test_percent_beside_fractions_and_two_currencies_are_seen(check, forms):
    described = FORM.replace("rate: {type: number}", 'rate: {type: number, strip: "%"}')
    described = described.replace("income: {type: number}", 'income: {type: number, strip: "€$"}')
    rows = [
        row | {"rate": row["rate"] + "%" * (place % 2), "income": "€$"[place % 2] + row["income"]}
        for place, row in enumerate(forms)
    ]
    found = what(check(described + LEDGER, form=rows))
    assert "360 of 720 (50.0 %) bear %, the others do not" in found
    assert "amounts bear € and $" in found
    every = [row | {"rate": f"{row['rate']}%", "income": f"€{row['income']}"} for row in forms]
    found = what(check(described + LEDGER, form=every))
    assert "bear" not in found


def test_a_word_for_thousands_that_is_taken_off_is_seen(check, forms):
    rows = changed(forms, income=lambda row: f"{float(row['income']) / 1000}k")
    described = FORM.replace("income: {type: number}", "income: {type: number, strip: k}")
    assert "5k is read as 5" in what(check(described + LEDGER, form=rows))


def test_yearly_amounts_after_monthly_ones_are_seen_among_steady_months(check, forms):
    rows = changed(
        forms,
        income=lambda row: f"{float(row['income']) * (12 if row['asked'] > '2023-07' else 1)}",
    )
    found = what(check(FORM + LEDGER, form=rows))
    assert "form.income from 2023-07 on they are about 12 times what they were" in found


def test_an_application_of_several_months_is_counted(check, forms):
    again = changed(forms[:30], asked=lambda row: f"{month(1)}")
    found = what(check(FORM + LEDGER, form=forms + again))
    assert "30 applications are delivered in several months" in found


def test_cells_with_nothing_in_them_are_asked_about_and_may_be_said_to_mean_none(
    check, forms, panel
):
    rows = changed(panel, overdue=lambda row: row["overdue"] if row["overdue"] != "0" else "")
    found = check(FORM + LEDGER, form=forms, ledger=rows)
    assert not found.usable and 'empty: "0", if that is what it means' in what(found)
    said = LEDGER.replace("overdue, type: number", 'overdue, type: number, empty: "0"')
    assert what(check(FORM + said, form=forms, ledger=rows)) == ""


def test_thousands_behind_a_comma_that_is_described_as_decimal_are_asked_about(check, forms):
    rows = changed(forms, income=lambda row: f"{int(float(row['income'])):,}")
    described = FORM.replace("income: {type: number}", 'income: {type: number, decimal: ","}')
    assert 'thousands: ",", decimal: "."' in what(check(described + LEDGER, form=rows))


def test_a_number_that_means_missing_is_missing_however_it_is_written(check, forms):
    rows = changed(forms, rate=lambda row: "-1.00" if row["loan"].endswith("5") else row["rate"])
    described = FORM.replace("rate: {type: number}", 'rate: {type: number, missing: ["-1"]}')
    column = check(described + LEDGER, form=rows).tables[0].columns["rate"]
    assert column.count(MISSING) == sum(row["loan"].endswith("5") for row in rows)
    assert column.numbers()[0].min() == 3


def test_names_that_are_none_or_cut_are_seen(check, forms):
    long = changed(forms, client=lambda row: f"{123_450_000_000 + int(row['client'][1:]):.5E}")
    assert "their last digits are lost" in what(check(FORM + LEDGER, form=long))
    null = changed(forms, client=lambda row: "NULL" if row["loan"].endswith("5") else row["client"])
    assert 'taken for one add to missing: ["NULL"]' in what(check(FORM + LEDGER, form=null))
    one = changed(forms, client=lambda row: "999" if row["loan"].endswith("5") else row["client"])
    assert "are of one, '999': is it anybody?" in what(check(FORM + LEDGER, form=one))


def test_rows_of_another_month_than_their_file_are_counted_as_the_etl_does(check, forms, tmp_path):
    for number in range(3):
        rows = [row for row in forms if row["asked"] <= f"{month(number)}"]
        write_csv(tmp_path / "form" / f"{month(number)}.csv.gz", rows)
    found = check(FORM + LEDGER)
    assert not found.usable and "are of another month than their file" in what(found)
