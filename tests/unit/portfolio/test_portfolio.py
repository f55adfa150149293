from pathlib import Path

import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.period import refuse_mismatch
from creditrisk.portfolio import ColumnSpec, Portfolio, Ratio, load_portfolio, parse_portfolio
from creditrisk.portfolio.date_format import DATE_LETTERS
from creditrisk.portfolio.reference import reference
from creditrisk.portfolio.source import SourceSpec
from tests.builders.small_lender import PORTFOLIO, small_policy, small_portfolio

BAD_FORMAT = "began: {role: start, type: date, format: EEEE dd}"
PAGE = Path(__file__).parents[3] / "docs" / "portfolio.md"


def test_features_follow_from_the_description():
    names = [feature.name for feature in small_portfolio().features]
    assert names == ["income", "debt", "home", "age", "debt_to_income"]


def test_a_protected_column_stays_a_feature_marked_for_fairness():
    age = next(f for f in small_portfolio().features if f.name == "age")
    assert age.protected
    assert age.fairness


def test_an_optional_source_has_an_availability_column_in_gold():
    assert "visits_available" in contracts.features(small_portfolio()).names


def test_event_columns_become_count_and_sums():
    (events,) = small_portfolio().events
    assert events.count == "visits_count"
    assert events.sums == ("visits_pages_sum", "visits_noise_sum")


def test_a_list_column_becomes_a_count_and_a_flag_per_member():
    portfolio = load_portfolio()
    names = {feature.name for feature in portfolio.features}
    assert {"loan_types_count", "loan_types_payday_loan"} <= names


def test_personal_data_is_no_feature_and_not_in_gold():
    portfolio = load_portfolio()
    gold = set(contracts.features(portfolio).names)
    assert not {"name", "ssn"} & gold
    assert not {"name", "ssn"} & {feature.name for feature in portfolio.features}


def test_every_table_has_its_key_among_its_columns_and_no_column_twice():
    for contract in contracts.all_contracts(load_portfolio()):
        assert set(contract.key) <= set(contract.names), contract.table
        assert len(set(contract.names)) == len(contract.names), contract.table


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("role: events", "role: clicks", "sources.visits.role"),
        ("due: {role: due, type: number}", "", "performance needs a column with role: due"),
        (
            "ratio: [debt, income]",
            "ratio: [dept, income]",
            "called dept; is it debt?",
        ),
        ("    role: performance", "    role: events", "one table of performance"),
        (
            "optional: true",
            "optonal: true",
            "line 18, sources.visits.optonal: unknown key; did you mean optional?",
        ),
        ("income: {type: number,", "income: {typ: number,", "did you mean type?"),
        ("text: yearly income", "colour: red", "line 11, sources.form.columns.income.colour"),
        ("ratio: [debt, income],", "ratios: [debt, income],", "did you mean ratio?"),
        ("currency: EUR", "currency: euro", "line 3, currency: String should match pattern"),
        ("    role: events", "    role: events\n    every: 3", "every: 3 is for performance"),
        ("{role: overdue, type: number}", "{role: overdue}", "role overdue needs type: number"),
        ("{role: start, type: date}", "{role: start, type: text}", "role start needs type: date"),
        (
            "home: {type: category,",
            "home: {type: category, range: [0, 1],",
            "range is for type number or integer or duration, this is category",
        ),
        (
            "    role: events",
            "    role: events\n    encoding: cp1521",
            "line 18, sources.visits.encoding: 'cp1521' is no encoding of text that Python reads",
        ),
        ("    role: events", "    role: events\n    encoding: shiftjiss", "did you mean shiftjis?"),
        (
            "    role: events",
            "    role: events\n    encoding: base64",
            "'base64' is no encoding of",
        ),
        ("    role: events", "    role: events\n    encoding: punycode", "is no encoding of text"),
        ("range: [18, 100]", "range: [100, 18]", "has its ends the wrong way round"),
        ("[own, rent]", "[yes, no]", "categories.0: Input should be a valid string; YAML reads a"),
        (
            "home: {type: category,",
            'home: {type: category, spellings: {"owner": [o]},',
            "spellings: owner is not one of its categories",
        ),
        (
            "home: {type: category,",
            'home: {type: category, spellings: {"own": [x], "rent": [x]},',
            "spellings: x is spelled for two categories",
        ),
        ("began: {role: start, type: date}", BAD_FORMAT, "format 'EEEE dd': EEEE is not supported"),
        ("debt: {type: number,", 'debt: {type: number, thousands: ".",', "are both '.'"),
        (
            "home: {type: category,",
            "home: {name: debt, type: category,",
            "two columns are called debt",
        ),
        ("type: integer, range: [18, 100]", "type: whole", "sources.form.columns.age.type"),
        ("  form:\n", "  Quarantine:\n", "Quarantine is a table of ours: give yours another name"),
        ("  form:\n", f"  {'f' * 101}:\n", "a name of 101 characters: write at most 100"),
        ("table: application_form", "table: ' '", "a blank names no file"),
        ("range: [18, 100]", "range: 18", "age.range: not a list; write [a, b]"),
        (
            "home: {type: category,",
            "home: [category]\n      more: {",
            "no keys and values; write {",
        ),
        ("optional: true", "optional: maybe", "optional: neither true nor false"),
        (
            "    role: events",
            "    role: outcomes\n    extract: 20230430",
            "no day; write it as 2023",
        ),
        (
            "    role: events",
            "    role: outcomes\n    extract: 2023-04",
            "no day; write it as 2023",
        ),
    ],
)
def test_a_wrong_description_is_refused_by_key(old, new, text):
    assert old in PORTFOLIO
    with pytest.raises(UserError) as error:
        parse_portfolio(PORTFOLIO.replace(old, new), "mine.yaml")
    assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_of_another_type_may_stand_at_its_default():
    """The frozen form of a portfolio names every key."""
    portfolio = small_portfolio()
    again = parse_portfolio(portfolio.model_dump_json(), "frozen")
    assert (again, again.sha) == (portfolio, portfolio.sha)


@pytest.mark.parametrize("model", [Portfolio, SourceSpec, ColumnSpec, Ratio])
def test_every_key_says_what_it_means(model):
    assert [name for name, info in model.model_fields.items() if not info.description] == []


def test_the_page_of_keys_is_the_one_the_code_would_write():
    assert PAGE.read_text() == reference(), "make docs"


def test_every_date_letter_is_documented_where_a_wrong_one_is_refused():
    with pytest.raises(ValueError, match=", ".join(DATE_LETTERS)):
        ColumnSpec(type="date", format="G yyyy")


LENDERS = sorted((PAGE.parents[1] / "tests" / "portfolios").glob("*.yaml"))


@pytest.mark.parametrize("path", [one for one in LENDERS if "policy" not in one.name])
def test_the_portfolio_of_another_lender_can_be_read(path):
    assert len(load_portfolio(path).features) >= 3


@pytest.mark.parametrize(
    ("policy", "text"),
    [
        ("", "policy development.validation_cohorts: 2 is no multiple of 3, and small-lender has"),
        ("development: {validation_cohorts: 3}", "development.oot_months: 1 is no multiple of 3"),
        (
            "development: {validation_cohorts: 3, oot_months: 3}\noutcome: {early_mob: 2}",
            "outcome.early_mob: 2 may pass without a snapshot",
        ),
    ],
)
def test_a_policy_that_would_compare_cohorts_seen_at_other_ages_is_refused(policy, text):
    quarterly = PORTFOLIO.replace("role: performance", "role: performance\n    every: 3")
    with pytest.raises(UserError, match=text):
        refuse_mismatch(small_policy(policy), parse_portfolio(quarterly, "mine.yaml"))
    refuse_mismatch(small_policy(policy), small_portfolio())
