"""Why a PD is as high as it is."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from creditrisk import contracts
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.validated_states import ValidatedStates
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.portfolio import load_portfolio
from creditrisk.records.card import ModelFeature
from creditrisk.records.development import Reference
from creditrisk.stages.scoring.reason_codes import COLUMNS, Phrases, median, ranked
from creditrisk.stages.scoring.score import score_rows
from tests.builders.small_lender import fill, small_period, small_policy, small_portfolio
from tests.builders.trained_version import install

TEXTS = {"debt": "outstanding debt", "home": "housing", "income": "yearly income"}
MASKED = ValidatedStates(frozenset({"visits"}), {})
POLICY = small_policy()
MANY = 10_000


def phrases(portfolio=None, extra=()):
    reference = Reference(FrozenBins("numeric", edges=(10.0, 20.0, 30.0)), (5, 5, 5, 5, 0))
    features = [
        ModelFeature(name, "category" if name == "home" else "number", text, "form")
        for name, text in {**TEXTS, **dict(extra)}.items()
    ]
    model = SimpleNamespace(
        card=SimpleNamespace(features=features),
        portfolio=portfolio or small_portfolio(),
        profile=SimpleNamespace(features=dict.fromkeys(TEXTS | dict(extra), reference)),
    )
    return Phrases(model)


def reasons(excess, rows, most=4):
    columns = tuple(TEXTS)
    values = pd.DataFrame(rows, columns=list(columns))
    codes = ranked(np.array(excess), columns, dict(values.items()), phrases(), most)
    return [[code for code in row if code is not None] for row in codes]


def test_the_largest_excess_comes_first():
    found = reasons([[0.1, 0.2, 0.8]], [(50.0, "rent", 5.0)])
    assert found == [["yearly income: low", "housing: rent", "outstanding debt: high"]]


def test_what_lowers_the_pd_or_leaves_it_is_no_reason():
    assert reasons([[-0.5, 0.0, 0.1]], [(50.0, "rent", 5.0)]) == [["yearly income: low"]]


def test_an_applicant_without_excess_has_no_reason():
    assert reasons([[0.0, -1.0, 0.0]], [(50.0, "own", 50.0)]) == [[]]


def test_equal_excess_is_ordered_by_name_whatever_the_columns_order():
    found = reasons([[0.3 + 1e-13, 0.3, 0.3]], [(50.0, "rent", 5.0)], most=2)
    assert found == [["outstanding debt: high", "housing: rent"]]


def test_no_more_reasons_than_the_policy_asks_for():
    assert len(reasons([[0.3, 0.2, 0.1]], [(50.0, "rent", 5.0)], most=2)[0]) == 2


@pytest.mark.parametrize(
    ("value", "word"), [(31.0, "high"), (20.0, "20"), (1.0, "low"), (np.nan, "missing")]
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


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A version, and ten thousand applicants: some without events, some whose source was down."""
    period = small_period(tmp_path_factory.mktemp("lender"), date(2024, 1, 1))
    fill(period)
    model = load_version(period.store, install(period))
    months = period.lake.months("gold/features", upto=period.as_of)
    rows = period.lake.read(contracts.features(period.portfolio), months).to_pandas()
    return model, mixed(rows.sample(MANY, replace=True, random_state=1))


def mixed(rows):
    rng = np.random.default_rng(2)
    rows = rows.assign(application_id=[f"A{n}" for n in range(len(rows))])
    rows["income"] = np.round(rows["income"], -3)  # many alike, some at the median
    rows["visits_available"] = rng.random(len(rows)) > 0.2
    silent = rng.random(len(rows)) < 0.2
    rows.loc[silent, ["visits_count", "visits_pages_sum", "visits_noise_sum"]] = 0
    return rows.reset_index(drop=True)


def scored(model, rows):
    found = score_rows(model, rows, MASKED, POLICY)
    return found[["application_id", "pd", *COLUMNS]].set_index("application_id")


def test_an_applicants_reasons_do_not_depend_on_who_else_applied(lender):
    model, rows = lender
    month = scored(model, rows)
    halves = [scored(model, half) for half in (rows[::2], rows[1::2])]
    pd.testing.assert_frame_equal(pd.concat(halves).loc[month.index], month, check_exact=True)
    days = [scored(model, rows[day : day + 331]) for day in range(0, MANY, 331)]
    pd.testing.assert_frame_equal(pd.concat(days), month, check_exact=True)
    declined = rows[(month["pd"] > 0.3).to_numpy()]
    backwards = scored(model, declined[::-1])
    pd.testing.assert_frame_equal(backwards[::-1], month.loc[declined["application_id"]])
    for place in range(0, MANY, 250):
        alone = scored(model, rows.iloc[[place]])
        pd.testing.assert_frame_equal(alone, month.iloc[[place]], check_dtype=False)


def test_every_declined_applicant_gets_reasons_and_none_is_average_or_evidence(lender):
    model, rows = lender
    month = scored(model, rows)
    declined = month[month["pd"] > 0.3]
    assert len(declined) > 1000
    assert declined["reason_1"].notna().all()
    texts = month[list(COLUMNS)].stack()
    assert not texts.str.contains("average|records say").any()
    assert {text.rpartition(":")[0] for text in texts} <= {
        "yearly income", "outstanding debt", "housing", "debt relative to income", "pages seen",
        "noise", "number of visits records before the application",
    }  # fmt: skip


def test_who_has_no_events_is_told_so_and_nothing_of_their_columns(lender):
    model, rows = lender
    up = rows["visits_available"].to_numpy()
    month = scored(model, rows)[list(COLUMNS)]
    silent = month[(rows["visits_count"] == 0).to_numpy() & up].stack()
    assert not silent.str.contains("pages seen|noise").any()
    assert silent.str.startswith("number of visits records").any()
    down = month[~up].stack()
    assert not down.str.contains("pages seen|noise|visits").any()


def test_a_version_without_a_frozen_baseline_gives_the_same_reasons_alone_too(lender):
    model, rows = lender
    files = dict(model.files)
    profile = model.profile.replace(usual={})
    files["profile.json"] = profile.encode()
    assert b"usual" not in files["profile.json"]
    old = ModelVersion(model.id, files)
    month = scored(old, rows[:2000])
    pd.testing.assert_frame_equal(scored(old, rows[500:600]), month[500:600], check_exact=True)
    assert month.loc[month["pd"] > 0.3, "reason_1"].notna().all()
