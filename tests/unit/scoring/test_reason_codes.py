"""Why a PD is as high as it is."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.portfolio import load_portfolio
from creditrisk.records.card import ModelFeature
from creditrisk.records.development import Reference
from creditrisk.stages.scoring.reason_codes import Phrases, baseline, median, reason_codes
from tests.builders.small_lender import small_portfolio

TEXTS = {"debt": "outstanding debt", "home": "housing", "income": "yearly income"}
NOBODY = np.zeros(3)


def phrases(portfolio=None, extra=()):
    reference = Reference(FrozenBins("numeric", edges=(10.0, 20.0, 30.0)), (5, 5, 5, 5, 0))
    features = [
        ModelFeature(name, "category" if name == "home" else "number", text, "form")
        for name, text in {**TEXTS, **dict(extra)}.items()
    ]
    model = SimpleNamespace(
        card=SimpleNamespace(features=features),
        portfolio=portfolio or small_portfolio(),
        reference_feature=lambda name: reference,
    )
    return Phrases(model)


def matrix(*rows):
    return pd.DataFrame(rows, columns=list(TEXTS))


def reasons(contributions, rows, most=4, usual=NOBODY):
    codes = reason_codes(np.array(contributions), usual, matrix(*rows), phrases(), most)
    return [[code for code in row if code is not None] for row in codes]


def test_the_largest_excess_over_the_baseline_comes_first():
    found = reasons([[0.5, 0.2, 0.9]], [(50.0, "rent", 5.0)], usual=np.array([0.4, 0.0, 0.1]))
    assert found == [["yearly income: low", "housing: rent", "outstanding debt: high"]]


def test_what_lowers_the_pd_or_leaves_it_is_no_reason():
    assert reasons([[-0.5, 0.0, 0.1]], [(50.0, "rent", 5.0)]) == [["yearly income: low"]]


def test_an_applicant_without_excess_has_no_reason():
    assert reasons([[0.0, -1.0, 0.0]], [(50.0, "own", 50.0)]) == [[]]


def test_equal_excess_is_ordered_by_name_whatever_the_columns_order():
    values = [[0.3 + 1e-13, 0.3, 0.3]]
    found = reasons(values, [(50.0, "rent", 5.0)], most=2)
    assert found == [["outstanding debt: high", "housing: rent"]]


def test_no_more_reasons_than_the_policy_asks_for():
    assert len(reasons([[0.3, 0.2, 0.1]], [(50.0, "rent", 5.0)], most=2)[0]) == 2


@pytest.mark.parametrize(
    ("value", "word"), [(31.0, "high"), (20.0, "average"), (1.0, "low"), (np.nan, "missing")]
)
def test_a_number_is_said_relative_to_the_reference_median(value, word):
    assert reasons([[1.0, 0, 0]], [(value, "own", 1.0)]) == [[f"outstanding debt: {word}"]]


def test_a_member_of_a_list_is_there_or_not():
    portfolio = load_portfolio()
    name = next(f.name for f in portfolio.features if f.name.startswith("loan_types_payday"))
    found = phrases(portfolio, {name: "kinds of existing loans: Payday Loan"}.items())
    assert list(found.of(name, pd.Series([1.0, 0.0]))) == [
        "kinds of existing loans: Payday Loan: yes",
        "kinds of existing loans: Payday Loan: no",
    ]


def test_a_feature_without_numbers_in_the_reference_has_no_median():
    assert median(Reference(FrozenBins("numeric"), (0, 7))) is None


def test_the_baseline_is_the_median_of_the_approved():
    contributions = np.array([[1.0], [2.0], [3.0], [100.0]])
    assert baseline(contributions, np.array([0.1, 0.2, 0.3, 0.9]), 0.3) == [2.0]


def test_where_none_is_approved_the_baseline_is_the_median_of_all():
    assert baseline(np.array([[1.0], [3.0]]), np.array([0.8, 0.9]), 0.3) == [2.0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.floats(-2, 2), min_size=3, max_size=3), min_size=1, max_size=6))
def test_reasons_do_not_depend_on_who_else_is_in_the_batch(contributions):
    rows = [(50.0, "rent", 5.0)] * len(contributions)
    alone = [reasons([one], rows[:1])[0] for one in contributions]
    assert reasons(contributions, rows) == alone
