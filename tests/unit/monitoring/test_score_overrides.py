"""Where people decided otherwise than the score, by what they said; and whom the lottery chose."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from creditrisk.contracts import LABELS, RANDOM_SAMPLE, SCORES
from creditrisk.contracts.delivered import silver
from creditrisk.errors import UserError
from creditrisk.model.random_sample import drawn
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.monitoring.score_overrides import score_overrides
from creditrisk.stages.scoring.score import score
from tests.builders import small_lender as small
from tests.builders.small_lender import fill, rewrite, small_period, small_policy
from tests.builders.trained_version import install

AS_OF, MONTH = date(2024, 4, 1), date(2024, 1, 1)
DECISION = small.PORTFOLIO.replace(
    "      home:", "      verdict: {role: decision, text: what the desk decided}\n      home:"
)


def scored(folder, policy=""):
    """Applications of January, scored in January; who is booked is in `book`."""
    period = small_period(folder, AS_OF, small_policy(policy))
    fill(period)
    version = install(period)
    january = replace(period, as_of=MONTH)
    score(january, version)
    rows = period.lake.read(SCORES, [MONTH]).to_pandas().sort_values("pd", ignore_index=True)
    return period, rows


def book(period, ids):
    """Only these applications of January became loans."""
    months = period.lake.months(LABELS.table)
    kept = set(ids)
    rewrite(
        period,
        LABELS,
        months,
        lambda rows: rows[(rows["cohort"] != MONTH) | rows["application_id"].isin(kept)],
    )


def by_place(findings):
    return {(f.metric, f.segment): f for f in findings}


def test_bookings_above_and_gaps_below_the_cut_off_are_counted(tmp_path):
    period, rows = scored(tmp_path)
    below, above = rows[rows["pd"] <= 0.30], rows[rows["pd"] > 0.30]
    book(period, [*below["application_id"][5:], *above["application_id"][:3]])
    found = by_place(score_overrides(period)[0])
    assert found["booked_above_cutoff", "all"].text == f"3 of {len(rows)} scored applications"
    assert found["not_booked_below_cutoff", "all"].value == 5 / len(rows)
    assert {f.cohort for f in found.values()} == {"2024-01"}
    assert len(found) == 2  # the portfolio names no decision


def test_they_are_counted_by_what_was_decided(tmp_path, monkeypatch):
    monkeypatch.setattr(small, "PORTFOLIO", DECISION)
    period, rows = scored(tmp_path)
    above = rows[rows["pd"] > 0.30]["application_id"].tolist()
    below = rows[rows["pd"] <= 0.30]["application_id"].tolist()
    book(period, [*below[2:], *above[:3]])
    reasons = {above[0]: "guarantor", above[1]: "guarantor", below[0]: "fraud check"}
    contract = silver("form", period.portfolio.sources["form"])
    delivered = pd.DataFrame(
        {
            name: rows["application_id"] if name == "application_id" else None
            for name in contract.names
        }
    ).assign(
        customer_id=rows["customer_id"],
        snapshot_date=MONTH,
        decision=rows["application_id"].map(reasons),
    )
    table = pa.Table.from_pandas(delivered, schema=contract.arrow, preserve_index=False)
    period.lake.write(contract, MONTH, table, inputs={"test": "1"}, code="test")
    found = by_place(score_overrides(period)[0])
    n = len(rows)
    assert found["booked_above_cutoff", "decision=guarantor"].value == 2 / n
    assert found["booked_above_cutoff", "decision=(none given)"].value == 1 / n
    assert found["not_booked_below_cutoff", "decision=fraud check"].value == 1 / n
    [file] = period.lake.need(contract.table, MONTH).files
    period.store.write(file.key, period.store.read(file.key) + b" ")
    with pytest.raises(UserError, match="was altered"):  # which is not: the portfolio names none
        score_overrides(period)


def test_months_built_before_the_decision_was_named_are_counted_without_it(tmp_path, monkeypatch):
    period, rows = scored(tmp_path)
    contract = silver("form", period.portfolio.sources["form"])
    empty = contract.arrow.empty_table()
    period.lake.write(contract, MONTH, empty, inputs={"test": "1"}, code="test")
    later = replace(period, portfolio=parse_portfolio(DECISION, "DECISION"))
    assert len(score_overrides(later)[0]) == 2
    assert len(rows)


def test_without_scores_or_loans_the_shares_say_why_there_are_none(tmp_path):
    period = small_period(tmp_path, AS_OF)
    fill(period)
    found, _ = score_overrides(period)
    assert {f.state for f in found} == {"insufficient"}
    assert found[0].text == "no PD was published for 2024-01"
    period, _ = scored(tmp_path / "scored")
    book(period, [])
    assert score_overrides(period)[0][0].text == "no application of 2024-01 was booked"


def test_the_lottery_is_published_and_its_loans_are_no_overrides(tmp_path):
    period, rows = scored(tmp_path, "scoring: {random_accept: 0.2}")
    sample = period.lake.read(RANDOM_SAMPLE, [MONTH]).to_pandas()
    above = rows[rows["pd"] > 0.30]
    assert set(sample["application_id"]) <= set(above["application_id"])
    assert len(sample) == pytest.approx(0.2 * len(above), abs=3 * np.sqrt(0.16 * len(above)))
    below = rows[rows["pd"] <= 0.30]["application_id"]
    book(period, [*below, *sample["application_id"]])
    found = by_place(score_overrides(period)[0])
    assert found["booked_above_cutoff", "all"].value == 0


def test_without_a_lottery_no_table_is_written(tmp_path):
    period, _ = scored(tmp_path)
    assert not period.lake.months(RANDOM_SAMPLE.table)


def test_the_draw_is_the_same_every_time_and_another_seed_is_another_draw():
    ids = [f"A{n}" for n in range(5000)]
    first = drawn(ids, 0.1, 1)
    assert (first == drawn(ids, 0.1, 1)).all()
    assert first.mean() == pytest.approx(0.1, abs=0.015)
    assert (first & drawn(ids, 0.1, 2)).mean() == pytest.approx(0.01, abs=0.006)
    assert (drawn(ids, 0.2, 1) >= first).all()  # a larger share keeps who was drawn
    assert not drawn(ids, 0.0, 1).any()


def test_a_decision_is_no_feature_and_of_applications_only():
    portfolio = parse_portfolio(DECISION, "DECISION")
    assert "decision" not in {feature.name for feature in portfolio.features}
    elsewhere = small.PORTFOLIO.replace(
        "      pages:", "      verdict: {role: decision}\n      pages:"
    )
    with pytest.raises(UserError, match="no use for role: decision"):
        parse_portfolio(elsewhere, "ELSEWHERE")
