"""What a month is decided on: quality, findings, outcomes, business rules."""

from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.errors import UserError
from creditrisk.records.decision import newest_decision
from tests.builders.gold_lender import CHAMPION, NOW, Lender, with_champion


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    return with_champion(tmp_path)


def test_a_blocked_month_is_recorded_and_decided_once_it_is_delivered_again(
    lender: Lender,
) -> None:
    lender.quality(failure="form: 90 of 100 rows set aside")
    blocked = lender.decide()
    assert (blocked.decision, blocked.branch, blocked.axes) == ("blocked", "none", {})
    assert blocked.reasons == ("form: 90 of 100 rows set aside",)
    assert lender.decide().replayed
    lender.measured("ggg")
    decision = lender.decide()
    assert (decision.decision, decision.n, decision.supersedes) == ("keep", 2, 1)
    assert decision.reason == "quality had blocked the month"


def test_a_bad_delivery_after_the_decision_changes_nothing_and_acts_on_nothing(
    lender: Lender,
) -> None:
    lender.measured("rrg")
    first = lender.decide()
    lender.quality(failure="form: 90 of 100 rows set aside")
    again = lender.decide()
    assert again.record() == first.record()
    assert (again.replayed, again.branch) == (True, "none")


def test_without_a_champion_the_month_waits_and_then_trains_the_first(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="", applications=400.0)
    lender.matured(8)
    waiting = lender.decide(version="")
    assert (waiting.decision, waiting.branch) == ("wait", "none")
    assert "needs 9 matured cohorts, there are 8" in waiting.reasons[0]
    lender.matured(9)
    first = lender.decide(version="", supersede="labels arrived")
    assert (first.decision, first.action, first.branch) == ("retrain", "initial", "retrain")


def test_where_bads_are_rare_the_first_model_waits_for_wider_windows(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="")
    lender.matured(9, loans=15)  # two cohorts make a window: nine cohorts are not twelve
    waiting = lender.decide(version="")
    assert (waiting.decision, waiting.action) == ("wait", "none")
    assert "holds 15 bads, development.oot_min_bads asks for 30" in waiting.reasons[0]
    lender.matured(12, loans=15)
    first = lender.decide(version="", supersede="labels arrived")
    assert (first.decision, first.action) == ("retrain", "initial")


def test_cohorts_whose_outcomes_are_not_known_do_not_count(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="")
    lender.matured(9, bad=None)
    assert "there are 0" in lender.decide(version="").reasons[0]


@pytest.mark.parametrize("version", ["", "2024-05-retrain-cccccccc"])
def test_a_version_other_than_the_months_champion_is_refused(lender: Lender, version: str) -> None:
    lender.measured("ggg")
    with pytest.raises(UserError, match=f"starts with champion {CHAMPION}"):
        lender.decide(version=version)


def test_missing_evidence_is_named(lender: Lender) -> None:
    with pytest.raises(UserError, match=r"no months/2025-01-01/quality\.json"):
        lender.decide()
    lender.quality()
    with pytest.raises(UserError, match="monitoring/findings has no month 2025-01-01"):
        lender.decide()
    lender.measured("ggg", version="2024-05-retrain-cccccccc")
    with pytest.raises(UserError, match=f"has no axis of {CHAMPION}"):
        lender.decide()


def test_an_axis_that_was_not_measured_is_insufficient(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    lender.measured("ggg")
    rows = [lender.row(NOW, CHAMPION, "axis:stability", "stability", "", "green", "fine")]
    lender.write(FINDINGS, NOW, rows)
    decision = lender.decide()
    assert decision.axes["calibration"].state == "insufficient"
    assert decision.axes["stability"].cohorts == frozenset()
    rows[0]["state"] = "purple"
    monkeypatch.setattr("creditrisk.lake.check_table", lambda *_: None)  # it refuses purple
    lender.write(FINDINGS, NOW, rows)
    with pytest.raises(UserError, match="axis:stability has state 'purple'"):
        lender.decide(supersede="again")


def test_an_outage_is_reported_as_one(lender: Lender) -> None:
    lender.measured("ggg", **{"source_outage:calls": 0.4})
    lender.quality(outages=("visits",))
    decision = lender.decide()
    assert decision.triggers == ("outage:calls", "outage:visits")
    assert decision.decision == "watch"


def test_business_rules_are_judged_on_this_month_and_those_before(tmp_path: Path) -> None:
    rules = '["applications < 0.5 * median_2m(applications)", "mean_pd > 0.5"]'
    lender = Lender(tmp_path, f"rule: {{business: {rules}}}")
    lender.set_champion()
    for months, count in ((2, 400.0), (1, 420.0), (0, 100.0)):
        lender.measured("ggg", add_months(NOW, -months), applications=count, mean_pd=None)
    decision = lender.decide()
    assert decision.triggers == ("business:applications < 0.5 * median_2m(applications)",)
    assert "applications = 100, median_2m(applications) = 410" in decision.reasons[0]
    assert "mean_pd > 0.5 cannot be judged: mean_pd = no value" in decision.reasons


def test_a_business_rule_on_an_unknown_metric_is_refused_and_nothing_is_decided(
    tmp_path: Path,
) -> None:
    lender = Lender(tmp_path, 'rule: {business: ["bad_rate > 0.5"]}')
    lender.set_champion()
    lender.measured("ggg", bad_rate_mob3=0.2)
    with pytest.raises(UserError, match=r"no metric 'bad_rate' .* did you mean bad_rate_mob3"):
        lender.decide()
    assert newest_decision(lender.store, NOW) is None


def test_of_a_metric_in_several_cohorts_the_newest_counts(tmp_path: Path) -> None:
    lender = Lender(tmp_path, 'rule: {business: ["bad_rate_mob3 > 0.5"]}')
    lender.set_champion()
    lender.measured("ggg")
    table = lender.period(NOW).lake.read(FINDINGS, [NOW]).to_pylist()
    for cohort, value in (("2024-09..2024-09", 0.9), ("2024-10..2024-10", 0.1)):
        row = lender.row(NOW, CHAMPION, "bad_rate_mob3", "portfolio", cohort, "none", "", value)
        table.append(row)
    segment = row | {"segment": "home=rent", "value": 0.9}
    lender.write(FINDINGS, NOW, [*table, segment])
    assert lender.decide().decision == "keep"
