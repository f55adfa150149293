"""An OOT window is spent by reading it."""

import json
from datetime import date

import pytest

from creditrisk.records.layout import VERSIONS
from creditrisk.records.oot_ledger import WindowReading, record_verdict
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.ledger import may_read, wholly_new_window
from creditrisk.stages.validation.validate import validate
from tests.builders.small_lender import Scenario, fill, small_period
from tests.builders.versions import AT, at_month, variant

AS_OF = date(2024, 4, 1)
OLD = [[date(2023, 11, 1)], [date(2023, 12, 1)], [date(2024, 1, 1)]]


def later(months):
    return [[date(2024, m, 1)] for m in months]


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, AS_OF)


def refuse(period, version="2024-04-retrain-aaaaaaaa", kind="retrain", windows=OLD, verdict="fail"):
    reading = WindowReading(
        version=version, kind=kind, champion="", windows=windows, as_of=period.as_of, policy="p"
    )
    record_verdict(period.trail, reading, verdict, "0" * 64, AT)


def test_without_a_refusal_any_window_may_be_read(period):
    assert may_read(period, OLD, "retrain") == ""
    assert wholly_new_window(period.trail, OLD, "retrain", AS_OF)


def test_after_a_refusal_the_same_windows_are_spent(period):
    refuse(period)
    found = may_read(period, OLD, "retrain")
    assert "2024-04-retrain-aaaaaaaa was refused on cohorts up to 2024-01" in found


def test_one_wholly_new_window_reopens_the_way(period):
    refuse(period)
    assert may_read(period, [OLD[1], OLD[2], [date(2024, 2, 1)]], "retrain") == ""


def test_a_newest_window_that_shares_a_cohort_is_not_new(period):
    refuse(period)
    wide = [OLD[0], OLD[1], [date(2024, 1, 1), date(2024, 2, 1)]]
    assert may_read(period, wide, "retrain") != ""
    assert not wholly_new_window(period.trail, wide, "retrain", AS_OF)


def test_a_pass_or_too_little_evidence_spends_nothing(period):
    refuse(period, "a", verdict="pass")
    refuse(period, "b", verdict="insufficient")
    assert may_read(period, OLD, "retrain") == ""


def test_another_kind_of_challenger_is_not_held_back(period):
    refuse(period, kind="recalibrate")
    assert may_read(period, OLD, "retrain") == ""


def test_a_month_does_not_know_what_a_later_one_refused(period):
    refuse(at_month(period, date(2024, 6, 1)), windows=later([1, 2, 3]))
    assert may_read(period, later([1, 2, 3]), "retrain") == ""
    assert may_read(at_month(period, date(2024, 6, 1)), later([1, 2, 3]), "retrain") != ""


def test_the_refusal_that_reached_furthest_counts(period):
    refuse(period, "a", windows=later([1, 2, 3]))
    refuse(period, "b", windows=OLD)
    assert "a was refused on cohorts up to 2024-03" in may_read(period, later([1, 2, 3]), "retrain")


def test_no_windows_are_never_new(period):
    assert not wholly_new_window(period.trail, [], "retrain", AS_OF)


def test_a_second_challenger_on_spent_windows_is_not_judged_and_never_passes(tmp_path):
    period = small_period(tmp_path, AS_OF)
    fill(period, {12: Scenario(signal=0)}, seed=1)
    first = train(period, "initial", "")
    assert validate(period, first, "", at=AT) == "fail"
    second = variant(period, first, "another attempt")
    assert validate(period, second, "", at=AT) == "insufficient"
    content = json.loads(period.store.read(f"{VERSIONS}{second}/validation.json"))
    assert content["reasons"][0].startswith("the newest window is spent")
    assert (content["windows"], content["pooled"], content["gates"]) == ([], None, [])
    assert period.trail.find("oot_read", f"{second}:{AS_OF}") is None
    assert "the newest window is spent" in (
        period.store.read(f"{VERSIONS}{second}/validation.html").decode()
    )
    assert validate(period, second, "", at=AT) == "insufficient"
    assert validate(period, first, "", at=AT) == "fail"
