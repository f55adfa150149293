"""What the decision table leaves to say: cohorts, first models, reasons, defaults."""

from dataclasses import replace

import pytest

from creditrisk.stages.decision.case import AxisFindings
from creditrisk.stages.decision.retrain_rule import decide_rule, two_of_three
from tests.builders.rule_cases import DEFAULT, NOW, ago, axes, month, ruled


def test_red_twice_on_a_shared_cohort_only_does_not_persist() -> None:
    history = [ago(1, "rgg", cohorts=3)]
    findings = replace(month("rgg"), axes=axes("rgg", cohorts=3))
    assert decide_rule(findings, history, DEFAULT).triggers == ("red:discrimination",)


def test_red_on_unknown_cohorts_does_not_persist() -> None:
    blank = {name: replace(axis, cohorts=frozenset()) for name, axis in axes("rgg").items()}
    findings = replace(month("rgg"), axes=blank)
    assert decide_rule(findings, [ago(1, "rgg")], DEFAULT).action == "none"


def test_a_blocked_month_is_blocked_whatever_else_was_found() -> None:
    findings = month("crc", failures=("application_form: 60 of 90 rows set aside",))
    ruling = decide_rule(findings, [], DEFAULT)
    assert ruled(ruling) == ("blocked", "none", ("quality",))
    assert ruling.reasons == ("application_form: 60 of 90 rows set aside",)


def first(matured: int, needed: int = 9) -> AxisFindings:
    return AxisFindings(NOW, {}, champion="", matured=matured, needed=needed)


def test_without_a_champion_a_month_waits_until_enough_cohorts_have_matured() -> None:
    ruling = decide_rule(first(6), [], DEFAULT)
    assert ruled(ruling) == ("wait", "none", ("not_enough_history",))
    assert "needs 9 matured cohorts, there are 6" in ruling.reasons[0]
    assert "if one matures every month there are enough in 2025-04" in ruling.reasons[0]


def test_quarterly_cohorts_are_waited_for_by_the_quarter() -> None:
    (reason,) = decide_rule(replace(first(6), every=3), [], DEFAULT).reasons
    assert "if one matures every 3 months there are enough in 2025-10" in reason


def test_without_a_champion_enough_matured_cohorts_train_the_first() -> None:
    assert ruled(decide_rule(first(9), [], DEFAULT)) == ("retrain", "initial", ("first_model",))


@pytest.mark.parametrize(
    ("outcome", "width", "expected"),
    [
        ("refused", 2, ("wait", "none", ("spent_windows",))),
        ("pending", 1, ("wait", "none", ("cool_down",))),
        ("insufficient", 2, ("wait", "none", ("spent_windows",))),
        ("insufficient", 1, ("retrain", "initial", ("first_model",))),
        ("", 0, ("retrain", "initial", ("first_model",))),
    ],
)
def test_a_first_model_that_did_not_come_about_is_tried_again_when_it_may(
    outcome: str, width: int, expected: tuple
) -> None:
    tried = ago(1, action="initial", outcome=outcome, champion="", window_months=width)
    assert ruled(decide_rule(first(9), [tried], DEFAULT)) == expected


def test_reasons_carry_names_numbers_and_limits() -> None:
    findings = month("rra", champion_age=25, outages=("visits",), notes=("a note",))
    reasons = " | ".join(decide_rule(findings, [], DEFAULT).reasons)
    assert "2 of 3 axes are red (discrimination, stability), the rule retrains from 2" in reasons
    assert "25 months ago, the limit is 24" in reasons
    assert "calibration is amber: AUC 2" in reasons
    assert "a note" in reasons
    quick = DEFAULT.model_copy(update={"cause_days": 10})
    assert "discrimination is red: find the cause within 10 days" in (
        decide_rule(month("rgg"), [], quick).reasons
    )
    held = decide_rule(month("rrg"), [ago(1, action="retrain")], DEFAULT).reasons[0]
    assert held == (
        "cool-down: retrain in 2024-12, the next automatic action may come in 2025-03"
        " (3 months after)"
    )
    assert decide_rule(month(), [], DEFAULT).reasons == ("all three axes are green",)


def test_the_rule_itself_counts_red_and_critical_and_nothing_else() -> None:
    for letters, red in (("rrg", 2), ("rcg", 2), ("aai", 0), ("ccc", 3), ("iir", 1)):
        assert two_of_three(axes(letters), red)
        assert not two_of_three(axes(letters), red + 1)


def test_every_default_of_the_policy_is_switched_on() -> None:
    assert (DEFAULT.mode, DEFAULT.red_axes) == ("significant", 2)
    switches = (
        DEFAULT.critical_matured,
        DEFAULT.persistence,
        DEFAULT.recalibrate,
        DEFAULT.critical_stability,
    )
    assert all(switches)
    months = (DEFAULT.max_model_age, DEFAULT.cool_down, DEFAULT.recovery)
    assert months == (24, 3, 2)
    assert (DEFAULT.insufficient_months, DEFAULT.business) == (3, ())
