"""An OOT window is spent by reading it, whoever reads it and whatever is found."""

import json
from datetime import date

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.records.layout import VERSIONS
from creditrisk.records.oot_ledger import WindowReading, readings, record_reading, record_trial
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import already_read, try_out, validate
from tests.builders.small_lender import Scenario, fill, small_period
from tests.builders.versions import AT, moved, variant

AS_OF = date(2024, 4, 1)
OLD = [[date(2023, 11, 1)], [date(2023, 12, 1)], [date(2024, 1, 1)]]


def later(months):
    return [[date(2024, m, 1)] for m in months]


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, AS_OF)


def reading(version="2024-04-retrain-aaaaaaaa", windows=OLD, as_of=AS_OF, kind="retrain"):
    return WindowReading(
        version=version, kind=kind, champion="", windows=windows, as_of=as_of, policy="p"
    )


def read(period, *args, **kwargs):
    record_reading(period.trail, reading(*args, **kwargs), AT)


def refusal(period, *args, **kwargs):
    return already_read(period.trail, reading("2024-04-retrain-cccccccc", *args, **kwargs))


def test_windows_nobody_has_read_may_be_read(period):
    assert refusal(period) == ""


def test_the_same_windows_are_spent_by_one_reading(period):
    read(period)
    assert "2024-04-retrain-aaaaaaaa was read on cohorts up to 2024-01" in refusal(period)


def test_one_wholly_new_window_reopens_the_way(period):
    read(period)
    assert refusal(period, [OLD[1], OLD[2], [date(2024, 2, 1)]]) == ""


def test_a_newest_window_that_shares_a_cohort_is_not_new(period):
    read(period)
    assert refusal(period, [OLD[0], OLD[1], [date(2024, 1, 1), date(2024, 2, 1)]]) != ""


def test_a_reading_for_another_kind_of_challenger_spends_as_well(period):
    read(period, kind="recalibrate")
    assert refusal(period) != ""


def test_a_reading_as_of_a_later_month_spends_what_it_read_and_nothing_else(period):
    read(period, windows=later([1, 2, 3]), as_of=date(2024, 6, 1))
    assert refusal(period, [[date(2023, 10, 1)], [date(2023, 11, 1)], [date(2023, 12, 1)]]) == ""
    assert refusal(period) != ""


def test_the_reading_that_reached_furthest_is_named(period):
    read(period, "a", later([1, 2, 3]))
    read(period, "b", [OLD[0], OLD[1], later([1])[0]])
    assert "a was read on cohorts up to 2024-03" in refusal(period, OLD)


def test_a_run_cut_off_after_its_record_may_read_what_it_has_announced(period):
    read(period)
    assert already_read(period.trail, reading()) == ""


def test_a_trial_spends_the_windows_for_its_own_version_too(period):
    record_trial(period.trail, reading(), "ann (self-asserted)", AT)
    assert already_read(period.trail, reading()) != ""
    assert [r.actor for r in period.trail.records()] == ["ann (self-asserted)"]


def test_every_trial_is_a_reading_of_its_own(period):
    for second in range(3):
        record_trial(period.trail, reading(), "ann", f"2024-04-02T08:00:0{second}+00:00")
    assert len(readings(period.trail, OLD[-1])) == 3


def test_no_windows_share_nothing(period):
    read(period)
    assert refusal(period, []) == ""


@pytest.fixture(scope="module")
def unranked(tmp_path_factory):
    """A lender whose newest window says nothing, and a version that has not been judged."""
    period = small_period(tmp_path_factory.mktemp("unranked"), AS_OF)
    fill(period, {12: Scenario(signal=0)}, seed=1)
    return period, train(period, "initial", "")


def found_of(period, version):
    return json.loads(period.store.read(f"{VERSIONS}{version}/validation.json"))


def test_a_second_challenger_on_spent_windows_is_not_judged_and_never_passes(unranked, tmp_path):
    period, first = moved(unranked[0], tmp_path), unranked[1]
    assert validate(period, first, "", at=AT) == "fail"
    second = variant(period, first, "another attempt")
    assert validate(period, second, "", at=AT) == "insufficient"
    content = found_of(period, second)
    assert content["reasons"][0].startswith("the newest window is spent")
    assert (content["windows"], content["pooled"], content["gates"]) == ([], None, [])
    assert period.trail.find("oot_read", f"{second}:{AS_OF}") is None
    assert "the newest window is spent" in (
        period.store.read(f"{VERSIONS}{second}/validation.html").decode()
    )
    assert validate(period, second, "", at=AT) == "insufficient"
    assert validate(period, first, "", at=AT) == "fail"


def test_a_challenger_without_equal_rows_has_spent_the_windows_all_the_same(unranked, tmp_path):
    period, version = moved(unranked[0], tmp_path), unranked[1]
    months = [f"2023-{m:02d}-01" for m in range(1, 13)] + ["2024-01-01"]
    champion = variant(period, version, "refit", train=months, validation=[], windows=[])
    assert validate(period, version, champion, at=AT) == "insufficient"
    assert found_of(period, version)["gates"]  # it was read, and red gates were seen
    second = variant(period, version, "another attempt")
    validate(period, second, champion, at=AT)
    assert found_of(period, second)["reasons"][0].startswith("the newest window is spent")


def test_what_is_tried_out_is_on_the_lenders_trail_before_an_outcome_is_opened(
    unranked, tmp_path, monkeypatch
):
    period, version = moved(unranked[0], tmp_path), unranked[1]
    ledger = small_period(tmp_path / "lender", AS_OF).trail

    def crash(*args, **kwargs):
        assert [r.event for r in ledger.records()] == ["oot_read"]
        raise RuntimeError("killed while it read")

    monkeypatch.setattr("creditrisk.stages.validation.validate.examine", crash)
    with pytest.raises(RuntimeError, match="killed while it read"):
        try_out(period, ledger, version, "", by="ann", at=AT)
    assert [r.body["version"] for r in ledger.records()] == [version]


def test_the_same_version_read_otherwise_is_refused_though_nothing_was_kept(
    unranked, tmp_path, monkeypatch
):
    period, version = moved(unranked[0], tmp_path), unranked[1]
    record_reading(period.trail, reading(version, kind="initial"), AT)  # another policy
    with pytest.raises(UserError, match=f"oot_read {version}:2024-04-01 is record .* policy"):
        validate(period, version, "", at=AT)


def test_a_verdict_of_which_no_reading_is_known_does_not_become_one(unranked, tmp_path):
    period, version = moved(unranked[0], tmp_path / "a"), unranked[1]
    validate(period, version, "", at=AT)
    key = f"{VERSIONS}{version}/validation.json"
    forged = json.dumps(found_of(period, version) | {"verdict": "pass", "gates": []}).encode()
    period = moved(unranked[0], tmp_path / "b")
    period.store.write(key, forged)
    with pytest.raises(UserError, match="holds what the audit trail knows no reading of"):
        validate(period, version, "", at=AT)
    assert period.trail.find("validated", version) is None


def test_a_verdict_put_there_with_its_reading_does_not_become_one(unranked, tmp_path):
    """By who may append, and write where versions lie."""
    period, version = moved(unranked[0], tmp_path / "a"), unranked[1]
    validate(period, version, "", at=AT)
    key, said = f"{VERSIONS}{version}/validation.json", found_of(period, version)
    opened = next(r for r in period.trail.records() if r.event == "oot_read")
    period = moved(unranked[0], tmp_path / "b")
    period.trail.append("oot_read", opened.actor, AT, opened.body, opened.id)
    passing = said | {"verdict": "pass", "reasons": []}
    unread = passing | {"windows": [], "pooled": None, "gates": []}
    for forged in (passing, unread):
        period.store.write(key, json.dumps(forged).encode())
        with pytest.raises(GateError, match=f"{key} has no record on the audit trail"):
            validate(period, version, "", at=AT)
    assert period.trail.find("validated", version) is None
    period.store.delete(key)
    assert validate(period, version, "", at=AT) == said["verdict"]


def test_a_verdict_whose_run_was_cut_off_before_its_record_becomes_one(
    unranked, tmp_path, monkeypatch
):
    period, version = moved(unranked[0], tmp_path), unranked[1]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.records.oot_ledger.record_verdict", killed)
        with pytest.raises(KeyboardInterrupt):
            validate(period, version, "", at=AT)
    assert validate(period, version, "", at=AT) == found_of(period, version)["verdict"]
    assert period.trail.find("validated", version)
