"""Months in the names of files."""

from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from creditrisk.portfolio.file_name import month_in, name_pattern
from tests.builders.small_lender import PORTFOLIO


@pytest.mark.parametrize(
    ("table", "stem", "month"),
    [
        ("loans_{yyyyMM}", "loans_202402", date(2024, 2, 1)),
        ("loans/{yyyy-MM}", "loans/2024-02", date(2024, 2, 1)),
        ("{yyyyMMdd}.loans", "20240229.loans", date(2024, 2, 1)),
        ("loans_{yyyyMM}", "loans_202413", None),
        ("loans_{yyyyMM}", "other_202402", None),
        ("lo.ns_{yyyyMM}", "loans_202402", None),
    ],
)
def test_a_name_says_its_month(table, stem, month):
    assert month_in(stem, name_pattern(table)) == month


@pytest.mark.parametrize("table", ["loans_{MM}", "loans_{yyyyMM}_{dd}", "loans_{yyyymm}", "a{b"])
def test_braces_without_a_month_are_refused_with_their_line(table):
    text = PORTFOLIO.replace("table: loan_ledger", f'table: "{table}"')
    with pytest.raises(UserError, match=r"line \d+, sources.ledger"):
        parse_portfolio(text, "mine.yaml")
