"""What a table's description can say of its shape: it works, or is refused with its line."""

import json

import pytest

from creditrisk.errors import UserError
from creditrisk.period import refuse_mismatch
from creditrisk.portfolio import Portfolio, parse_portfolio, thaw_portfolio
from creditrisk.portfolio.reference import examples
from tests.builders.small_lender import PORTFOLIO, small_policy, small_portfolio

WIDE, SEASONAL, EXTRACT, _, CARDS, _, WEEKS = (
    "name: example\ncurrency: EUR\nsources:\n"
    + "\n".join(f"  {line}" for line in lender.sources.splitlines())
    for lender in examples().lenders
)


def refused(text: str, was: str = "", now: str = "") -> str:
    assert was in text
    with pytest.raises(UserError) as error:
        parse_portfolio(text.replace(was, now, 1) if was else text, "mine.yaml")
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "was", "now", "message"),
    [
        (PORTFOLIO, "role: events", "role: events\n    pauses: true", "sources.visits.pauses"),
        (PORTFOLIO, "role: events", "role: events\n    every: 3", "every: 3 is for performance"),
        (PORTFOLIO, "role: events", "role: events\n    lag: 1", "lag is for macro"),
        (PORTFOLIO, "role: events", "role: events\n    extract: 2023-04-30", "is for outcomes"),
        (PORTFOLIO, "role: events", "role: events\n    within: 3", "within is for the status of"),
        (WIDE, "missing: [X]", "missing: [X]\n        empty: current", "becomes no row"),
        (EXTRACT, "    within: 3\n", "", "say how many months from the start it looks at"),
        (EXTRACT, "    within: 3\n", "", "when a loan came to it (role: closed_date)"),
        (EXTRACT, "paid_out:", "x: {role: closed_date, type: date}\n      paid_out:",
         "x says when a loan went bad: leave within out"),
        (EXTRACT, "2023-04-30", "30.04.2023", "extract"),
        (EXTRACT, "    extract: 2023-04-30\n    within: 3\n", "", "or the date of the one extract"),
        (EXTRACT, "paid_out:", "on: {role: snapshot, type: date}\n      paid_out:", "leave on out"),
        (EXTRACT, "role: status, type", "role: status, categories: [Y], type", "are given"),
        (EXTRACT, "default: [Y]", "bad: [Y]", "spellings: bad is not one of its categories"),
        (EXTRACT, "status, type: category", "status, type: text", "needs type: category"),
        (SEASONAL, "    lag: 2\n", "", "say after how many months a figure is published"),
        (SEASONAL, "    lag: 2\n", "    lag: 0\n", "economy.lag"),
        (SEASONAL, "    lag: 2\n", "    lag: 2\n    optional: true\n", "it has no outage"),
        (SEASONAL, 'unit: "%"', "growing: true", "growing is for columns of applications or"),
        (SEASONAL, "owed:", "late: {role: due, type: number}\n      owed:", "without a col"),
        (EXTRACT, "paid_out:", "x: {role: default_date, type: date}\n      paid_out:", "the same"),
        (WIDE, '      "*": {role: snapshot', '      "*": {role: paid', "role paid needs type"),
        (WIDE, "status_*", "status", "no other column has a * in its name"),
        (CARDS, "type: date}", "type: date, text: x}", "is described by role: snapshot, type:"),
        (CARDS, "income:", "m: {column: '*', part: [6, 7]}\n      income:", "month is read once"),
        (CARDS, "role: performance", "role: performance\n    within: 3", "within is for"),
        (WEEKS, "role: applications", "role: applications\n    several: last", "is for the snap"),
        (WEEKS, "day: {role: snapshot, type: date}", "mob: {role: month_on_book, type: integer}",
         "several is for the snapshots of performance"),
        (CARDS, "card: {role: application}", "card: {}", "nothing says when a loan began"),
        (WIDE, "      income:", '      "*": {}\n      income:', "is for performance and events"),
    ],
)  # fmt: skip
def test_a_key_that_would_do_nothing_is_refused(text, was, now, message):
    printed = refused(text, was, now)
    assert message in printed
    assert "mine.yaml: line " in printed


def test_applications_come_in_the_same_months_in_all_their_tables():
    second = """  bureau:
    table: bureau
    role: applications
    columns:
      client: {role: customer}
      month: {role: snapshot, type: date}
      points: {type: number}
derived:"""
    text = PORTFOLIO.replace("derived:", second)
    assert parse_portfolio(text, "mine.yaml")
    paused = text.replace("role: applications\n", "role: applications\n    pauses: true\n", 1)
    assert "sources.bureau.pauses: pauses is true for form, so it is here" in refused(paused)


@pytest.mark.parametrize("text", [WIDE, SEASONAL, EXTRACT])
def test_what_is_frozen_thaws_equal(text):
    portfolio = parse_portfolio(text, "mine.yaml")
    assert thaw_portfolio(portfolio.model_dump_json(), "frozen") == portfolio


def test_a_portfolio_that_uses_no_later_key_keeps_its_canonical_form():
    frozen = json.loads(small_portfolio().model_dump_json())
    later = {"pauses", "extract", "within", "lag"}
    assert all(not later & source.keys() for source in frozen["sources"].values())


@pytest.mark.parametrize(
    ("text", "policy", "message"),
    [
        (EXTRACT, "outcome: {mob: 6}", "final looks at 3 (within); write the same"),
        (WIDE, "outcome: {missed_instalments: 4}", "no more than 3 apart"),
    ],
)
def test_a_policy_that_asks_for_what_the_tables_cannot_tell_is_refused(text, policy, message):
    portfolio = parse_portfolio(text, "mine.yaml")
    refuse_mismatch(small_policy(), portfolio)
    with pytest.raises(UserError) as error:
        refuse_mismatch(small_policy(policy), portfolio)
    assert message in str(error.value)


def test_cohorts_a_quarter_apart_are_seen_at_the_same_ages():
    text = WIDE.replace("    role: performance\n", "    role: performance\n    every: 3\n")
    portfolio = parse_portfolio(text, "mine.yaml")
    assert (portfolio.every, portfolio.cycle) == (3, 1)
    monthly = parse_portfolio(text.replace("    every: 3\n", "", 1), "mine.yaml")
    assert (monthly.every, monthly.cycle) == (3, 3)


def test_figures_of_the_economy_are_features_that_are_not_compared_for_drift():
    portfolio: Portfolio = parse_portfolio(
        SEASONAL + "\nderived:\n  real: {ratio: [income, unemployment]}\n", "mine.yaml"
    )
    assert portfolio.growing == {"unemployment", "real"}
    assert [feature.name for feature in portfolio.features] == ["income", "unemployment", "real"]
