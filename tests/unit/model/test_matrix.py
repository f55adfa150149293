"""From rows of gold features to what a model sees."""

import numpy as np
import pandas as pd
import pytest

from creditrisk.errors import UserError
from creditrisk.model.event_score import EventEncoder
from creditrisk.model.mask_states import columns_of, mask_states, masked
from creditrisk.model.matrix import build_matrix, model_features
from creditrisk.portfolio import load_portfolio
from tests.builders.small_lender import small_portfolio

PORTFOLIO = small_portfolio()
ENCODERS = {"visits": EventEncoder(means=(1.0, 0.0), weights=(0.5, 0.0))}


def frame(**changes):
    columns = {
        "visits_available": [True, True],
        "income": [50_000.0, 20_000.0],
        "debt": [1000.0, 2000.0],
        "home": ["own", "rent"],
        "age": [30, 40],
        "debt_to_income": [0.02, 0.1],
        "visits_count": [4, 0],
        "visits_pages_sum": [10.0, 0.0],
        "visits_noise_sum": [1.0, 0.0],
    }
    return pd.DataFrame(columns | changes)


def build(rows):
    return build_matrix(rows, model_features(PORTFOLIO), PORTFOLIO, ENCODERS)


def test_protected_columns_raw_sums_and_identifiers_never_reach_the_model():
    assert list(build(frame()).columns) == [
        "income",
        "debt",
        "home",
        "debt_to_income",
        "visits_count",
        "visits_evidence",
    ]


def test_evidence_is_a_dot_product_of_count_and_sums():
    # excess of pages over count * mean: 10 - 4 * 1 = 6, times .5
    assert build(frame())["visits_evidence"].tolist() == [3.0, 0.0]


def test_no_events_and_a_source_that_is_down_differ():
    matrix = build(frame(visits_available=[False, True], visits_count=[0, 0]))
    assert matrix["visits_count"].isna().tolist() == [True, False]
    assert matrix["visits_evidence"].isna().tolist() == [True, False]


def test_masking_a_source_equals_its_outage():
    outage = frame(visits_available=[False, False], visits_count=[0, 0], visits_pages_sum=0.0)
    pd.testing.assert_frame_equal(
        build(masked(frame(), "visits", PORTFOLIO)), build(outage), check_dtype=False
    )


def test_masking_leaves_the_given_frame_alone():
    given = frame()
    masked(given, "visits", PORTFOLIO)
    pd.testing.assert_frame_equal(given, frame())


def test_missing_and_infinite_values_are_missing_to_the_model():
    matrix = build(frame(home=[None, "rent"], debt_to_income=[np.inf, np.nan]))
    assert matrix["home"].tolist() == ["missing", "rent"]
    assert matrix["debt_to_income"].isna().all()


def test_an_application_table_that_is_down_takes_its_ratios_with_it():
    raw = PORTFOLIO.model_dump()
    raw["sources"]["bureau"] = {
        "table": "bureau",
        "role": "applications",
        "optional": True,
        "columns": raw["sources"]["form"]["columns"]
        | {"debt": raw["sources"]["form"]["columns"].pop("debt")},
    }
    for name in ("income", "home", "age"):
        raw["sources"]["bureau"]["columns"].pop(name, None)
    portfolio = type(PORTFOLIO).model_validate(raw)
    assert set(columns_of(portfolio, "bureau")) == {"debt", "debt_to_income"}
    rows = masked(frame(bureau_available=[True, True]), "bureau", portfolio)
    assert rows["debt_to_income"].isna().all()
    assert rows["income"].notna().all()
    both = masked(rows, "visits", portfolio)
    assert mask_states(both, portfolio).tolist() == ["visits,bureau"] * 2


def test_an_absent_column_is_named():
    with pytest.raises(UserError, match="lacks home"):
        build(frame().drop(columns="home"))


def test_a_source_that_is_not_optional_cannot_be_masked():
    with pytest.raises(ValueError, match="form is not an optional source"):
        masked(frame(), "form", PORTFOLIO)


def test_no_protected_column_of_the_reference_portfolio_is_a_feature():
    portfolio = load_portfolio()
    protected = {feature.name for feature in portfolio.features if feature.protected}
    assert protected
    assert not protected & {feature.name for feature in model_features(portfolio)}
