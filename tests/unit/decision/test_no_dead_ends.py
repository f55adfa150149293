"""A champion that fails for years: no endless retraining, no silence; a person decides."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from creditrisk.calendar_month import add_months
from creditrisk.errors import UserError
from creditrisk.policy import Rule, parse_policy
from creditrisk.records.containment import contained_in
from creditrisk.records.decision import Outcome
from creditrisk.records.findings import close_finding, read_validation_findings
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.store_check import check_store, month_faults
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import decide_rule
from creditrisk.stages.validation.terms import attempt_level
from tests.builders.gold_lender import AT, CHAMPION, NOW, Lender, with_champion
from tests.builders.rule_cases import DEFAULT, axes, rule

ANN = Statement(Identity("ann", "self-asserted"), "go on with the overlay", AT)
YEARS = 36


def past_decisions(
    letters: str,
    answered_at: int = YEARS,
    became: Outcome = "refused",
    policy: Rule = DEFAULT,
    calm_from: int = YEARS,
) -> list[PastDecision]:
    """Months of a champion in these states, every challenger of which is refused, or waits."""
    history: list[PastDecision] = []
    for age in range(YEARS):
        month = add_months(date(2024, 1, 1), age)
        answered = add_months(date(2024, 1, 1), answered_at) if age > answered_at else None
        states = axes("ggg" if age >= calm_from else letters, month)
        found = AxisFindings(month, states, "m1", champion_age=age, answered=answered)
        ruling = decide_rule(found, history, policy)
        outcome = became if ruling.action != "none" else ""
        past = PastDecision(
            month, ruling.decision, ruling.action, "m1", found.axes, outcome,
            triggers=ruling.triggers,
        )  # fmt: skip
        history.append(past)
    return history


@pytest.mark.parametrize("letters", ["cgg", "ggc", "ggr", "rgg", "rrr", "ccc"])
def test_a_failing_champion_is_retrained_a_few_times_and_then_a_person_is_asked(letters: str):
    history = past_decisions(letters)
    acted = [n for n, past in enumerate(history) if past.action != "none"]
    assert len(acted) == DEFAULT.max_refusals
    assert {past.decision for past in history[acted[-1] + 1 :]} == {"escalate"}
    assert "keep" not in {past.decision for past in history}


@pytest.mark.parametrize("became", ["pending", "insufficient"])
def test_challengers_that_nobody_answers_or_that_cannot_be_judged_end_as_refused_ones_do(became):
    history = past_decisions("rrg", became=became)
    assert sum(past.action == "retrain" for past in history) == DEFAULT.max_refusals
    assert history[-1].decision == "escalate"


def test_once_a_person_has_decided_as_many_attempts_are_made_again_and_no_more():
    decisions = Counter(past.action for past in past_decisions("ggr", answered_at=18))
    assert decisions["recalibrate"] + decisions["retrain"] == 2 * DEFAULT.max_refusals


def test_an_old_model_whose_challengers_are_refused_is_escalated_too():
    history = past_decisions("ggg")
    assert history[-1].decision == "escalate"
    assert sum(past.action == "retrain" for past in history) == DEFAULT.max_refusals


SCHEDULED = rule(refresh=12, max_model_age=0)


@pytest.mark.parametrize("letters", ["ggr", "cgg", "rrr"])
def test_while_a_person_is_asked_nothing_is_tried_on_schedule_either(letters: str):
    history = past_decisions(letters, policy=SCHEDULED)
    acted = [n for n, past in enumerate(history) if past.action != "none"]
    assert len(acted) == DEFAULT.max_refusals
    assert acted[-1] < SCHEDULED.refresh
    assert {past.decision for past in history[acted[-1] + 1 :]} == {"escalate"}


def test_challengers_on_schedule_that_are_refused_for_years_ask_nobody():
    history = past_decisions("ggg", policy=SCHEDULED)
    acted = [n for n, past in enumerate(history) if past.action != "none"]
    assert acted == [12, 24]
    assert {past.decision for past in history} == {"keep", "retrain"}


def test_after_a_persons_decision_the_next_is_tried_on_schedule():
    history = past_decisions("ggr", policy=SCHEDULED, answered_at=20, calm_from=20)
    acted = [n for n, past in enumerate(history) if past.action != "none"]
    assert acted[DEFAULT.max_refusals] == 21
    assert history[21].triggers == ("refresh",)


def test_where_all_is_calm_again_a_person_is_asked_before_the_next_on_schedule():
    history = past_decisions("ggr", policy=SCHEDULED, calm_from=7)
    assert history[17].decision == "keep"  # the third was refused in month 6
    assert {past.decision for past in history[18:]} == {"escalate"}
    due = AxisFindings(date(2025, 7, 1), axes("ggg"), "m1", champion_age=18)
    ruling = decide_rule(due, history[:18], SCHEDULED)
    assert "the next is on schedule; a named person decides" in ruling.reasons[0]


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    made = with_champion(tmp_path)
    for number in (10, 7, 4):
        month = add_months(NOW, -number)
        made.measured("rgr", month)
        assert made.decide(month).action == "retrain"
        made.judged(f"{month:%Y-%m}-retrain-{number:08d}", "fail")
    made.measured("rgr", oe=1.31, applications=400.0)
    return made


def test_it_names_the_options_with_numbers_and_opens_a_finding_with_a_due_date(lender: Lender):
    decision = lender.decide()
    assert (decision.decision, decision.action) == ("escalate", "none")
    options = " | ".join(decision.options)
    for named in ("O/E is 1.31", "margin_of_conservatism 0.270", "previous champion", "400 appl"):
        assert named in options
    assert "a person decides" in decision.markdown()
    (finding,) = read_validation_findings(lender.store)
    assert (finding.id, finding.version, finding.due) == ("E-2025-01", CHAMPION, "2025-01-31")
    assert (finding.severity, finding.closed) == ("high", "")
    assert [record.event for record in lender.trail()][-1] == "finding_opened"


def test_it_stays_until_somebody_decides_also_when_the_axes_calm_down(lender: Lender):
    lender.decide()
    later = add_months(NOW, 1)
    lender.measured("ggg", later)
    assert lender.decide(later).decision == "escalate"
    assert len(read_validation_findings(lender.store)) == 1
    close_finding(lender.period(later), "E-2025-01", ANN)
    (finding,) = read_validation_findings(lender.store)
    assert finding.resolution == "go on with the overlay"
    last = add_months(NOW, 2)
    lender.measured("rgr", last)
    assert lender.decide(last).action == "retrain"


def test_what_the_rule_opened_is_on_the_trail_and_an_answer_that_nobody_gave_is_named(
    lender: Lender,
):
    lender.decide()
    said = [fault for fault in check_store(lender.store).faults if "E-2025-01" in fault]
    assert said == []
    (finding,) = read_validation_findings(lender.store)
    end = finding.body() | {"closed": "2025-01-02", "resolution": "go on"}
    lender.store.write("registry/findings/E-2025-01/closed.json", json.dumps(end).encode())
    later = lender.period(add_months(NOW, 1))
    named = [one for one in month_faults(later.store, later.trail, later.as_of) if "E-2025" in one]
    assert named and "has no record on the audit trail" in named[0]


def test_critical_outcomes_hold_back_the_pds_of_that_champion_alone(tmp_path: Path):
    lender = with_champion(tmp_path)
    lender.measured("ggc")
    decision = lender.decide()
    assert (decision.decision, decision.action, decision.contained) == (
        "contain", "retrain", ("all",),
    )  # fmt: skip
    assert [one.segments for one in contained_in(lender.store, NOW, CHAMPION)] == [("all",)]
    assert contained_in(lender.store, NOW, "another") == []


def test_input_drift_with_pds_that_come_true_holds_nothing_back(tmp_path: Path):
    lender = with_champion(tmp_path)
    lender.measured("gcg")
    assert lender.decide().decision == "watch"
    assert contained_in(lender.store, NOW) == []


def test_looks_and_attempts_never_spend_more_than_the_budget():
    spent = 0.0
    for attempt in range(50):
        level = attempt_level(0.25, 0.005, 12, attempt, most=0.05)
        assert level <= 0.05
        spent += level
    assert 12 * 0.005 + spent <= 0.25
    assert attempt_level(0.25, 0.005, 3, 0, most=0.05) == 0.05


def test_after_ten_years_a_challenger_can_still_be_better():
    levels = [attempt_level(0.25, 0.005, 120, attempt, most=0.05) for attempt in range(20)]
    assert levels[0] == 0.05
    assert all(level > 0 for level in levels)
    assert sum(levels) <= 0.25 / 2


def test_an_overlay_beyond_its_limit_is_refused():
    text = "scoring: {margin_of_conservatism: 0.5}"
    with pytest.raises(UserError, match="above max_overlay"):
        parse_policy(text, "policy.yaml")
