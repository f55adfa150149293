"""What holds an action back: evidence that does not suffice, and a newer month that was decided."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import LABELS
from creditrisk.errors import GateError
from creditrisk.records.containment import contained_in
from creditrisk.records.findings import read_validation_findings
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import decide_rule
from tests.builders.documents import made_champion
from tests.builders.gold_lender import NOW, Lender, with_champion
from tests.builders.rule_cases import DEFAULT, ago, axes, month, rule, ruled

LACKING = "not enough evidence: no cohort by it"


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    return with_champion(tmp_path)


def untrained(letters: str, policy=DEFAULT, months: int = 36) -> list[PastDecision]:
    """Months in which no challenger can be trained."""
    history: list[PastDecision] = []
    for age in range(months):
        then = add_months(date(2024, 1, 1), age)
        found = AxisFindings(then, axes(letters, then), "m1", champion_age=age, lacking=LACKING)
        ruling = decide_rule(found, history, policy)
        past = PastDecision(
            then, ruling.decision, ruling.action, "m1", found.axes, triggers=ruling.triggers
        )
        history.append(past)
    return history


@pytest.mark.parametrize("letters", ["cgg", "ggc", "ggr", "rrr"])
def test_a_failing_champion_that_nothing_can_be_trained_after_ends_with_a_person(letters: str):
    decisions = [past.decision for past in untrained(letters)]
    first = decisions.index("escalate")
    assert first == DEFAULT.max_refusals
    assert set(decisions[first:]) == {"escalate"}
    assert set(decisions[:first]) <= {"watch", "contain"}


def test_a_challenger_on_schedule_that_cannot_be_trained_is_nobodys_failure():
    history = untrained("ggg", rule(refresh=6, max_model_age=0))
    assert "escalate" not in {past.decision for past in history}
    assert history[6].triggers == ("not_enough_evidence", "refresh")


def test_a_hold_is_named_also_where_pds_are_held_back():
    ruling = decide_rule(month("cgg", lacking=LACKING), [], DEFAULT)
    assert ruled(ruling) == ("contain", "none", ("not_enough_evidence", "contain_critical"))
    assert ruling.reasons[0] == LACKING


def test_a_challenger_on_schedule_that_failed_before_it_was_judged_is_due_still():
    failed = ago(1, action="retrain", outcome="", triggers=("refresh",))
    ruling = decide_rule(month(champion_age=13), [failed], rule(refresh=12))
    assert ruled(ruling) == ("retrain", "retrain", ("refresh",))


def test_without_outcomes_a_month_says_what_a_challenger_lacks_and_tries_nothing(lender: Lender):
    lender.measured("rrg")
    lender.write(LABELS, NOW, [])
    decision = lender.decide()
    assert (decision.decision, decision.action) == ("watch", "none")
    assert decision.triggers[0] == "not_enough_evidence"
    assert "needs 9 matured cohorts" in decision.reasons[0]


def test_the_third_such_month_is_answered_by_options_and_a_finding(lender: Lender):
    for number in (3, 2, 1, 0):
        then = add_months(NOW, -number)
        lender.measured("ggr", then, oe=1.31)
        lender.write(LABELS, then, [])
        decision = lender.decide(then)
    assert decision.decision == "escalate"
    assert decision.reasons[0].startswith("3 challengers could not be trained (2024-10, ")
    assert any("O/E is 1.31" in option for option in decision.options)
    assert [one.id for one in read_validation_findings(lender.store)] == ["E-2025-01"]


def test_a_month_that_comes_after_a_newer_one_was_decided_acts_no_more(lender: Lender):
    late = add_months(NOW, -1)
    lender.measured("ggg")
    assert lender.decide().decision == "keep"
    lender.measured("cgr", late)
    decision = lender.decide(late)
    assert (decision.decision, decision.action, decision.contained) == ("watch", "none", ())
    assert decision.triggers[0] == "late_month"
    assert contained_in(lender.store, NOW) == []


def test_a_late_month_in_which_nothing_is_wrong_is_decided_as_ever(lender: Lender):
    lender.measured("ggg")
    lender.decide()
    lender.measured("ggg", add_months(NOW, -1))
    assert lender.decide(add_months(NOW, -1)).triggers == ()


def test_what_a_late_month_had_begun_is_not_carried_out_any_more(lender: Lender):
    earlier = add_months(NOW, -1)
    lender.measured("rrg", earlier)
    assert lender.decide(earlier).effective_action == "retrain"
    lender.measured("ggg")
    lender.decide()
    again = lender.decide(earlier)
    assert (again.replayed, again.action, again.effective_action) == (True, "retrain", "none")


def test_a_newer_month_that_quality_blocked_was_not_decided(lender: Lender):
    lender.quality(failure="no applications")
    assert lender.decide().decision == "blocked"
    earlier = add_months(NOW, -1)
    lender.measured("rrg", earlier)
    assert lender.decide(earlier).action == "retrain"


def test_no_version_becomes_champion_of_a_month_that_was_decided_under_another(lender: Lender):
    lender.measured("ggg")
    lender.decide()
    with pytest.raises(GateError, match="2025-01 was decided since"):
        made_champion(lender.store, "2024-12-retrain-bbbbbbbb", add_months(NOW, -1))
    made_champion(lender.store, "2025-01-retrain-bbbbbbbb", NOW)


def test_worse_findings_of_a_late_month_are_never_milder():
    late = month("ggg", later=add_months(NOW, 1))
    mild = decide_rule(late, [], DEFAULT)
    worse = decide_rule(replace(late, axes=axes("crr")), [], DEFAULT)
    assert (mild.decision, worse.decision, worse.contains) == ("keep", "watch", False)


def test_a_late_month_that_only_watches_watches_as_ever():
    ruling = decide_rule(month("rgg", later=add_months(NOW, 1)), [], DEFAULT)
    assert ruled(ruling) == ("watch", "none", ("red:discrimination",))


@pytest.mark.parametrize(("letters", "contains"), [("cgg", True), ("rrr", False)])
def test_pds_are_held_back_while_a_person_decides_where_they_are_critical(letters, contains):
    history = untrained(letters, months=5)
    now = add_months(history[-1].as_of, 1)
    found = AxisFindings(now, axes(letters, now), "m1", champion_age=5, lacking=LACKING)
    ruling = decide_rule(found, history, DEFAULT)
    assert (ruling.decision, ruling.contains) == ("escalate", contains)
