"""What a description names can be met in a file, means one thing, and changes no value."""

import re

import pytest

from creditrisk.errors import UserError
from creditrisk.portfolio import parse_portfolio
from tests.builders.small_lender import PORTFOLIO

HOME = "      home: {type: category, categories: [own, rent], text: housing}\n"


def lender(column: str) -> None:
    parse_portfolio(PORTFOLIO.replace(HOME, f"{HOME}      new: {{{column}}}\n"), "mine.yaml")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("type: number, thousands: e", "thousands: 'e' is itself a part of numbers"),
        ("type: number, thousands: '0'", "thousands: '0' is itself a part of numbers"),
        ("type: number, decimal: '-'", "decimal: '-' is itself a part of numbers"),
        ("type: number, decimal: ' '", "a blank is no mark before decimals"),
        ("type: number, strip: '0'", "strip would take digits off (0)"),
        ("type: date, format: yyyyMMd, strip: '0'", "strip would take digits off (0)"),
        ("type: number, strip: '.'", "strip would take the mark before decimals off (.)"),
        ("type: number, strip: '\u2212'", "strip would take the sign off a number (\u2212)"),
        ("type: number, strip: ' \u2013'", "strip would take the sign off a number (\u2013)"),
        ("type: date, format: sas date, strip: '-'", "strip would take the sign off a number (-)"),
        ("type: number, strip: CR", "whether a number is a credit (CR) or a debit (DR)"),
        ("type: number, strip: DRdr", "whether a number is a credit (CR) or a debit (DR)"),
        ("type: integer, range: [0.2, 0.8]", "no whole number lies between 0.2 and 0.8"),
        ("type: number, fairness: true, range: [0, 9], bands: [9]", "9 lies outside of the range"),
        ("type: number, missing: [' NA ']", "' NA ' is never met: it is read as 'NA'"),
        ("type: number, missing: ['']", "what is empty is missing anyway"),
        ("type: number, empty: none", "'none' is no whole number"),
        ("type: integer, range: [1, 9], empty: '0'", "0 lies outside of the range"),
        ("type: category, categories: [a], empty: b", "'b' is none of its categories"),
        ("type: number, missing: ['0'], empty: '0'", "'0' is declared missing, too"),
        ("type: category, part: [1, 2], empty: b", "nothing has no part"),
        ("type: number, missing: ['-1', '-1']", "'-1' is there twice"),
        ("type: category, categories: [a, a]", "'a' is there twice"),
        ("type: category, categories: ['#a'], strip: '#'", "'#a' is never met: it is read as 'a'"),
        ("type: category, categories: [a], missing: [a]", "'a' is declared missing, too"),
        ("type: category, categories: [a, b], spellings: {a: [b]}", "b is itself a category"),
        ("type: category, spellings: {a: [x ]}, missing: [x]", "'x' is declared missing, too"),
        ("type: category, spellings: {a: ['x ']}", "'x ' is never met: it is read as 'x'"),
        ("type: list, categories: ['a,b']", "'a,b' is split"),
        ("type: number, name: a/b", "'a/b' is no name"),
        ("type: number, name: a`b", "'a`b' is no name"),
    ],
)
def test_what_changes_a_value_or_is_never_met_is_refused_with_its_line(column, text):
    with pytest.raises(
        UserError, match=r"mine\.yaml: line 14, sources\.form\.columns\.new"
    ) as error:
        lender(column)
    assert text in str(error.value)


@pytest.mark.parametrize(
    "column",
    [
        "type: number, strip: EUR",
        "type: number, strip: '#_', missing: ['#', '__-1__']",
        "type: date, strip: '-'",
        "type: category, categories: [A, a]",
        "type: category, categories: ['#a'], spellings: {'#a': [a]}, strip: '#'",
        "type: category, spellings: {'yes': ['yes', 'Y']}",
        "type: integer, range: [0.5, 1]",
        "type: number, name: größe 2-a",
    ],
)
def test_what_has_a_meaning_is_taken(column):
    lender(column)


@pytest.mark.parametrize(
    ("was", "now", "text"),
    [
        ("  visits:\n", "  ../visits:\n", "line 15, sources.../visits: '../visits' is no name"),
        ("  debt_to_income:", "  customer_id:", "line 36, derived.customer_id: customer_id is a n"),
        ("      pages:", "      ' ':", "nothing can be seen; add name: and one of your own"),
        ("  debt_to_income:", "  '':", "line 36, derived.: '' is no name"),
        ("table: web_visits", "table: ../x", "line 16, sources.visits.table: '../x' is no name of"),
        ("table: web_visits", "table: /x", "'/x' is no name of a file in the folder"),
        ("table: web_visits", "table: ''", "'' is no name of a file in the folder"),
        ("table: web_visits", "table: a.csv", "without its ending: leave out .csv"),
        ("role: events", 'role: events\n    delimiter: "\\n"', r"'\n' stands within fields"),
        ("role: events", "role: events\n    delimiter: §", "'§' stands within fields, or is not"),
        ("role: events", "role: events\n    delimiter: a", "'a' stands within fields"),
        ("role: events", "role: events\n    encoding: rot13", "'rot13' is no encoding of text"),
        ("role: events", "role: events\n    encoding: unicode_escape", "is no encoding of text"),
        (
            "role: performance",
            "role: performance\n    optional: true",
            "sources.ledger.optional: without it no outcome is known",
        ),
    ],
)
def test_a_table_that_could_not_be_found_or_read_is_refused_with_its_line(was, now, text):
    with pytest.raises(UserError, match=r"^mine\.yaml: line \d+, ") as error:
        parse_portfolio(PORTFOLIO.replace(was, now), "mine.yaml")
    assert text in str(error.value)
    assert not re.search("did you mean rot13", str(error.value))
