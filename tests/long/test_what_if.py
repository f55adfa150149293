"""Another value, the same version, the same function."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.contracts import SCORES, features
from creditrisk.errors import UserError
from creditrisk.period import Period, freeze
from creditrisk.portfolio import parse_portfolio
from creditrisk.reports.applicant.score_of_record import score_of_record
from creditrisk.stages.scoring.score import score
from creditrisk.stages.scoring.what_if import what_if
from creditrisk.stages.training.train import train
from tests.builders.scored_applicant import AS_OF, FIRST, scored
from tests.builders.small_lender import PORTFOLIO, fill, small_period


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return scored(tmp_path_factory.mktemp("scored"))[0]


def values_of(period, application):
    rows = period.lake.read(features(period.portfolio), [AS_OF]).to_pylist()
    return next(row for row in rows if row["application_id"] == application)


def asked(period, *changes, application=FIRST):
    return what_if(period.store, score_of_record(period.store, application), changes)


def test_without_a_change_it_is_the_stored_pd_to_the_bit(month):
    for row in month.lake.read(SCORES, [AS_OF]).to_pylist()[:20]:
        application = row["application_id"]
        income = values_of(month, application)["income"]
        for changes in ((), (f"income={income!r}",)):
            found = asked(month, *changes, application=application)
            assert (found.pd, found.grade) == (row["pd"], row["grade"])


def test_a_changed_column_carries_its_ratio_along(month):
    row = values_of(month, FIRST)
    found = asked(month, f"debt={2 * row['debt']!r}")
    debt, ratio = found.changes
    assert (debt.column, debt.before, debt.after, debt.follows) == (
        "debt", row["debt"], 2 * row["debt"], False,
    )  # fmt: skip
    assert (ratio.column, ratio.follows) == ("debt_to_income", True)
    assert ratio.after == pytest.approx(2 * ratio.before)
    assert found.pd != score_of_record(month.store, FIRST).row["pd"]


def test_nothing_divided_by_nothing_is_missing(month):
    assert asked(month, "income=0").changes[1].after is None
    assert asked(month, "income=").changes[1].after is None


def test_a_source_may_be_down_where_the_version_passed_without_it(month):
    found = asked(month, "visits_available=false")
    assert found.pd is not None and found.pd != score_of_record(month.store, FIRST).row["pd"]


def test_what_was_held_back_has_nothing_to_compare_with(tmp_path):
    period, _ = scored(tmp_path, down=True)
    with pytest.raises(UserError, match="was held back and has no PD"):
        asked(period, "income=1")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("income", "'income' is not column=value"),
        ("incme=1", "there is no such column; 7 may be changed, such as income"),
        ("[/b]=1", "there is no such column"),
        ("customer_id=x", "the version does not read it"),
        ("age=30", "it is protected, and no model reads it"),
        ("debt_to_income=1", "it is debt over income; change one of these"),
        ("income=much", "'much' is not a number"),
        ("income=nan", "'nan' is not a number"),
        ("income=inf", "'inf' is not a number"),
        ("income=-1", "-1 is not at least 0 and at most 1,000,000"),
        ("visits_count=1.5", "'1.5' is not a whole number"),
        ("visits_count=-1", "-1 is not at least 0"),
        ("home=castle", "'castle' is none of own, rent, unknown"),
        ("visits_available=maybe", "'maybe' is not true or false"),
        ("visits_available=", "write true or false"),
    ],
)
def test_what_cannot_be_asked_is_one_line(month, change, text):
    with pytest.raises(UserError) as error:
        asked(month, change)
    assert text in str(error.value) and "\n" not in str(error.value)


def test_the_command_exits_with_2_where_it_cannot_be_asked(month):
    words = ["explain", FIRST, "--store", month.store.uri]
    done = CliRunner().invoke(app, [*words, "--what-if", "incme=1"])
    assert isinstance(done.exception, UserError) and done.exception.exit_code == 2
    done = CliRunner().invoke(app, [*words, "--what-if", "income=1000", "--json"])
    reported = json.loads(done.output)
    assert reported["what_if"] == asked(month, "income=1000").model_dump(mode="json")
    assert reported["pd"] == score_of_record(month.store, FIRST).row["pd"]


def test_more_of_a_monotone_column_never_lowers_the_pd(tmp_path):
    portfolio = parse_portfolio(
        PORTFOLIO.replace("text: outstanding debt", "monotone: increasing, text: debt").replace(
            "ratio: [debt, income]", "monotone: increasing, ratio: [debt, income]"
        ),
        "monotone",
    )
    small = small_period(tmp_path, date(2023, 12, 1))
    freeze(small.store, small.policy, portfolio)
    period = Period(small.as_of, small.policy, portfolio, small.store, small.run_id)
    fill(period)
    score(period, train(period, "initial", ""))
    applications = period.lake.read(SCORES, [period.as_of])["application_id"].to_pylist()
    for application in applications[:5]:
        found = score_of_record(period.store, application)
        pds = [what_if(period.store, found, [f"debt={d}"]).pd for d in (0, 900, 9e3, 9e4, 9e5)]
        assert pds == sorted(pds) and pds[0] < pds[-1]
