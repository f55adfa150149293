import pytest

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.portfolio import load_portfolio, parse_portfolio
from tests.small import PORTFOLIO, small_portfolio


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
    ("old", "new", "said"),
    [
        ("role: events", "role: clicks", "sources.visits.role"),
        ("due: {role: due, type: number}", "", "performance needs a column with role: due"),
        ("ratio: [debt, income]", "ratio: [dept, income]", "no application column is called dept"),
        ("    role: performance", "    role: events", "one table of performance"),
        ("optional: true", "optonal: true", "sources.visits.optonal: unknown key"),
        (
            "home: {type: category,",
            "home: {name: debt, type: category,",
            "two columns are called debt",
        ),
        ("type: integer, range: [18, 100]", "type: whole", "sources.form.columns.age.type"),
    ],
)
def test_a_wrong_description_is_refused_by_key(old, new, said):
    assert old in PORTFOLIO
    with pytest.raises(UserError) as error:
        parse_portfolio(PORTFOLIO.replace(old, new), "mine.yaml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
