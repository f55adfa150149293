"""Numbers that mean something else than they say, columns that are not what they are for."""

from datetime import date

import pytest

from creditrisk.calendar_month import add_months
from tests.builders.quiet_lender import FORM, LEDGER, changed, what

VISITS = """
  visits:
    table: visits
    role: events
    columns:
      client: {role: customer}
      day: {role: snapshot, type: date}
      pages: {type: number}
"""


@pytest.fixture
def visits(forms):
    """Of each of the first sixty clients a visit in each of five months before."""
    return [
        {
            "client": row["client"],
            "day": f"{add_months(date(2023, 1, 1), number - 5)}",
            "pages": f"{(7 * place + 5 * number) % 11 + 1}",
        }
        for place, row in enumerate(forms[:60])
        for number in range(5)
    ]


def totals(rows, key, amount):
    """Each amount with those before it."""
    so_far: dict[str, float] = {}
    for row in rows:
        so_far[row[key]] = so_far.get(row[key], 0) + float(row[amount])
    sums: dict[str, float] = {}
    made = []
    for row in rows:
        sums[row[key]] = sums.get(row[key], 0) + float(row[amount])
        made.append(row | {amount: f"{sums[row[key]]:g}"})
    return made


def test_running_totals_of_events_are_asked_about(check, forms, panel, visits):
    described = FORM + VISITS + LEDGER
    each = what(check(described, form=forms, ledger=panel, visits=visits))
    assert "running total" not in each
    summed = totals(visits, "client", "pages")
    assert "running total" in what(check(described, form=forms, ledger=panel, visits=summed))


def test_what_rises_by_the_same_each_month_is_no_total(check, forms, panel, visits):
    aged = [row | {"pages": f"{30 + place % 5}"} for place, row in enumerate(visits)]
    described = FORM + VISITS + LEDGER
    assert "running total" not in what(check(described, form=forms, ledger=panel, visits=aged))


def test_what_was_paid_since_the_start_is_asked_about(check, forms, panel):
    described = LEDGER.replace("owed:", "paid: {role: paid, type: number}\n      owed:")
    monthly = [row | {"paid": f"{100 + len(row['loan']) % 3}"} for row in panel]
    assert "running total" not in what(check(FORM + described, form=forms, ledger=monthly))
    summed = totals(monthly, "loan", "paid")
    assert "since last month" in what(check(FORM + described, form=forms, ledger=summed))


def test_rows_dated_a_month_late_are_asked_about(check, forms, panel):
    late = changed(panel, month=lambda row: f"{add_months(date.fromisoformat(row['month']), 1)}")
    assert "dated a month late" in what(check(FORM + LEDGER, form=forms, ledger=late))
    assert "dated a month late" not in what(check(FORM + LEDGER, form=forms, ledger=panel))


@pytest.mark.parametrize(
    ("name", "text", "asked"),
    [
        ("sector", lambda n: f"{n % 7:02}", "begin with a 0"),
        ("BranchCode", lambda n: f"{n % 7 + 10}", "its name says code"),
        ("children", lambda n: f"{n % 4}", ""),
        ("term", lambda n: f"{12 * (n % 5 + 1)}", ""),
        ("padded", lambda n: f"{n * 37:010}", ""),
        ("code_rate", lambda n: f"{n % 4}", ""),
    ],
)
def test_a_code_that_is_described_as_an_amount_is_asked_about(
    name, text, asked, check, forms, panel
):
    described = FORM + f"      {name}: {{type: integer}}\n"
    rows = [row | {name: text(place)} for place, row in enumerate(forms)]
    found = what(check(described + LEDGER, form=rows, ledger=panel))
    assert asked in found if asked else "codes" not in found


def test_an_amount_that_is_described_as_who_applies_is_asked_about(check, forms, panel):
    described = FORM.replace("client: {role: customer}", "income: {role: customer}").replace(
        "      income: {type: number}\n", ""
    )
    assert "it should say who" in what(check(described + LEDGER, form=forms, ledger=panel)).lower()


def test_a_customer_who_is_none_is_asked_about(check, forms, panel):
    age = [row | {"client": f"{place % 20 + 20}"} for place, row in enumerate(forms)]
    assert "does it say who?" in what(check(FORM + LEDGER, form=age, ledger=panel))
    assert "say who" not in what(check(FORM + LEDGER, form=forms, ledger=panel)).lower()
