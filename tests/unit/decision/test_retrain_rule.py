"""The decision table of the 2/3 rule, row by row."""

from dataclasses import replace

import pytest

from creditrisk.stages.decision.retrain_rule import decide_rule
from tests.builders.rule_cases import ago, month, rule, ruled

REFUSED = [ago(n, action="retrain", outcome="refused") for n in (4, 8, 12)]

# findings, history, changes of the policy, decision, action, triggers: the decision table
ROWS = {
    "all green": (month(), [], {}, "keep", "none", ()),
    "amber everywhere": (month("aaa"), [], {}, "keep", "none", ()),
    "one axis insufficient": (month("igg"), [], {}, "keep", "none", ()),
    "discrimination red": (month("rgg"), [], {}, "watch", "none", ("red:discrimination",)),
    "stability red": (month("grg"), [], {}, "watch", "none", ("red:stability",)),
    "calibration red": (month("ggr"), [], {}, "recalibrate", "recalibrate", ("recalibrate",)),
    "calibration red, discrimination amber": (
        month("agr"), [], {}, "recalibrate", "recalibrate", ("recalibrate",)
    ),
    "calibration red, recalibration off": (
        month("ggr"), [], {"recalibrate": False}, "watch", "none", ("red:calibration",)
    ),
    "rank and drift red": (month("rrg"), [], {}, "retrain", "retrain", ("two_of_three",)),
    "rank and calibration red": (month("rgr"), [], {}, "retrain", "retrain", ("two_of_three",)),
    "drift and calibration red": (month("grr"), [], {}, "retrain", "retrain", ("two_of_three",)),
    "three red": (month("rrr"), [], {}, "retrain", "retrain", ("two_of_three",)),
    "two red, three needed": (
        month("rrg"), [], {"red_axes": 3}, "watch", "none", ("red:discrimination", "red:stability")
    ),
    "one red, one needed": (
        month("rgg"), [], {"red_axes": 1}, "retrain", "retrain", ("two_of_three",)
    ),
    "drift red, one needed": (
        month("grg"), [], {"red_axes": 1}, "watch", "none", ("red:stability",)
    ),
    "two insufficient and one red": (
        month("rii"), [], {}, "watch", "none", ("red:discrimination",)
    ),
    "rank critical": (
        month("cgg"), [], {}, "contain", "retrain", ("critical_matured", "contain_critical")
    ),
    "rank critical, containment off": (
        month("cgg"), [], {"contain_critical": False}, "retrain", "retrain", ("critical_matured",)
    ),
    "rank critical, switched off": (
        month("cgg"), [], {"critical_matured": False, "contain_critical": False},
        "watch", "none", ("red:discrimination",)
    ),
    "calibration critical": (
        month("ggc"), [], {}, "contain", "retrain", ("critical_matured", "contain_critical")
    ),
    "calibration critical, switched off": (
        month("ggc"), [], {"critical_matured": False, "contain_critical": False},
        "recalibrate", "recalibrate",
        ("recalibrate",),
    ),
    "stability critical, nobody knows the PDs right": (
        month("gci"), [], {}, "contain", "none", ("critical_stability",)
    ),
    "stability critical, the PDs come true": (
        month("gcg"), [], {}, "watch", "none", ("critical_stability", "red:stability")
    ),
    "stability critical, switched off": (
        month("gcg"), [], {"critical_stability": False}, "watch", "none", ("red:stability",)
    ),
    "stability critical and rank red": (
        month("rci"), [], {}, "contain", "retrain", ("two_of_three", "critical_stability")
    ),
    "stability and rank critical": (
        month("cci"), [], {}, "contain", "retrain",
        ("two_of_three", "critical_matured", "contain_critical", "critical_stability"),
    ),
    "red again on other cohorts": (
        month("rgg"), [ago(1, "rgg")], {}, "retrain", "retrain", ("persistence",)
    ),
    "red again on other cohorts, switched off": (
        month("rgg"), [ago(1, "rgg")], {"persistence": False}, "watch", "none",
        ("red:discrimination",),
    ),
    "red again, with a month that shares cohorts between": (
        month("rgg"), [ago(1, "rgg", cohorts=3), ago(2, "rgg", cohorts=3)], {"cool_down": 0},
        "retrain", "retrain", ("persistence",),
    ),
    "calibration red again on other cohorts": (
        month("ggr"), [ago(1, "ggr")], {}, "retrain", "retrain", ("persistence",)
    ),
    "drift red again": (month("grg"), [ago(1, "grg")], {}, "watch", "none", ("red:stability",)),
    "another axis was red": (
        month("rgg"), [ago(1, "ggr")], {}, "watch", "none",
        ("red:discrimination", "recovery:calibration"),
    ),
    "red before under another champion": (
        month("rgg"), [ago(1, "rgg", champion="m0")], {}, "watch", "none", ("red:discrimination",)
    ),
    "red again after it had recovered": (
        month("rgg"), [ago(3, "rgg"), ago(2), ago(1)], {}, "watch", "none", ("red:discrimination",)
    ),
    "red, amber, red": (
        month("rgg"), [ago(2, "rgg"), ago(1, "agg")], {}, "retrain", "retrain", ("persistence",)
    ),
    "old model": (month(champion_age=24), [], {}, "retrain", "retrain", ("model_age",)),
    "not yet old": (month(champion_age=23), [], {}, "keep", "none", ()),
    "bad redefined": (
        month(redefined="a, b", matured=9, needed=9), [], {}, "retrain", "retrain",
        ("definition_changed",),
    ),
    "bad redefined, too few cohorts by it": (
        month(redefined="a, b", matured=8, needed=9), [], {}, "watch", "none",
        ("definition_changed",),
    ),
    "bad redefined, too few bads by it": (
        month(redefined="a, b", matured=9, needed=9, shortage="few"), [], {}, "watch", "none",
        ("definition_changed",),
    ),
    "bad redefined, switched off": (
        month(redefined="a, b", matured=9, needed=9), [], {"definition_changed": False},
        "keep", "none", (),
    ),
    "bad redefined, in a cool-down": (
        month(redefined="a, b", matured=9, needed=9), [ago(1, action="retrain")], {},
        "watch", "none", ("cool_down", "definition_changed"),
    ),
    "old, switched off": (month(champion_age=99), [], {"max_model_age": 0}, "keep", "none", ()),
    "a business rule": (
        month(business={"bad_rate_mob3 > 0.25": "bad_rate_mob3 = 0.27"}), [], {},
        "retrain", "retrain", ("business:bad_rate_mob3 > 0.25",),
    ),
    "first month after red": (
        month(), [ago(1, "rgg")], {}, "watch", "none", ("recovery:discrimination",)
    ),
    "amber after red": (
        month("agg"), [ago(2, "rgg"), ago(1)], {}, "watch", "none", ("recovery:discrimination",)
    ),
    "insufficient after red": (
        month("igg"), [ago(2, "rgg"), ago(1)], {}, "watch", "none", ("recovery:discrimination",)
    ),
    "second month below amber": (month(), [ago(2, "rgg"), ago(1)], {}, "keep", "none", ()),
    "amber once recovered": (
        month("agg"), [ago(3, "rgg"), ago(2), ago(1)], {}, "keep", "none", ()
    ),
    "a month without a decision between": (
        month(), [ago(3, "rgg"), ago(2)], {}, "watch", "none", ("recovery:discrimination",)
    ),
    "drift recovers, too": (month(), [ago(1, "grg")], {}, "watch", "none", ("recovery:stability",)),
    "recovery off": (month(), [ago(1, "rgg")], {"recovery": 0}, "keep", "none", ()),
    "a new champion starts afresh": (
        month(), [ago(1, "rgg", champion="m0")], {}, "keep", "none", ()
    ),
    "two axes blind for three months": (
        month("igi"), [ago(2, "igi"), ago(1, "iig")], {}, "watch", "none",
        ("insufficient_evidence",),
    ),
    "two axes blind for two months": (month("igi"), [ago(1, "iig")], {}, "keep", "none", ()),
    "blind, a month not run between": (
        month("igi"), [ago(4, "ggg"), ago(3, "igi"), ago(1, "iig")], {}, "watch", "none",
        ("insufficient_evidence",),
    ),
    "blind with a month between": (
        month("igi"), [ago(2, "igi"), ago(1, "igg")], {}, "keep", "none", ()
    ),
    "blind, escalation off": (
        month("igi"), [ago(2, "igi"), ago(1, "iig")], {"insufficient_months": 0}, "keep", "none", ()
    ),
    "a source down": (month(outages=("visits",)), [], {}, "watch", "none", ("outage:visits",)),
    "cool-down": (
        month("rrg"), [ago(2, action="retrain")], {}, "watch", "none",
        ("cool_down", "two_of_three", "red:discrimination", "red:stability"),
    ),
    "cool-down over": (
        month("rrg"), [ago(3, action="retrain")], {}, "retrain", "retrain", ("two_of_three",)
    ),
    "cool-down off": (
        month("rrg"), [ago(1, action="retrain")], {"cool_down": 0}, "retrain", "retrain",
        ("two_of_three",),
    ),
    "cool-down holds a recalibration": (
        month("ggr"), [ago(1, action="recalibrate")], {}, "watch", "none",
        ("cool_down", "recalibrate", "red:calibration"),
    ),
    "cool-down holds age": (
        month(champion_age=30), [ago(1, action="retrain", outcome="refused")], {}, "watch", "none",
        ("cool_down", "model_age"),
    ),
    "cool-down does not hold three of three": (
        month("rrr"), [ago(1, action="retrain")], {}, "retrain", "retrain", ("two_of_three",)
    ),
    "cool-down does not hold a critical matured axis": (
        month("cgg"), [ago(1, action="retrain")], {}, "contain", "retrain",
        ("critical_matured", "contain_critical"),
    ),
    "cool-down does not lift containment": (
        month("rci"), [ago(1, action="retrain")], {}, "contain", "none",
        ("cool_down", "critical_stability"),
    ),
    "nothing to hold": (month(), [ago(1, action="retrain")], {}, "keep", "none", ()),
    "an action cut off before validation": (
        month("rrg"), [ago(1, "rrg", action="retrain", outcome="")], {}, "retrain", "retrain",
        ("two_of_three", "persistence"),
    ),
    "refused, its windows spent": (
        month("rrr"), [ago(1, action="retrain", outcome="refused", window_months=2)], {},
        "watch", "none",
        ("spent_windows", "two_of_three", "recalibrate",
         "red:discrimination", "red:stability", "red:calibration"),
    ),
    "refused, a wholly new window has matured": (
        month("rrr"), [ago(2, action="retrain", outcome="refused", window_months=2)], {},
        "retrain", "retrain", ("two_of_three",),
    ),
    "a challenger on schedule": (
        month(champion_age=6), [], {"refresh": 6}, "retrain", "retrain", ("refresh",)
    ),
    "a challenger on schedule, calibration red": (
        month("ggr", champion_age=6), [], {"refresh": 6}, "retrain", "retrain",
        ("recalibrate", "refresh"),
    ),
    "a challenger on schedule, the model old": (
        month(champion_age=24), [], {"refresh": 12}, "retrain", "retrain", ("model_age", "refresh")
    ),
    "a challenger on schedule, one was tried since": (
        month(champion_age=8), [ago(3, action="retrain", outcome="refused", triggers=("refresh",))],
        {"refresh": 6}, "keep", "none", ()
    ),
    "refused three times": (
        month("rrg"), REFUSED, {}, "escalate", "none", ("max_refusals",)
    ),
    "twice refused, the third waits for approval": (
        month("rrg"), [*REFUSED[:-1], replace(REFUSED[-1], outcome="pending")], {},
        "escalate", "none", ("max_refusals",)
    ),
    "refused, and twice there was too little to judge a challenger by": (
        month("rrg"),
        [REFUSED[0], *(replace(past, outcome="insufficient") for past in REFUSED[1:])],
        {}, "escalate", "none", ("max_refusals",)
    ),
    "three challengers whose windows others had read": (
        month("rrg"),
        [replace(past, outcome="insufficient", window_months=0) for past in REFUSED],
        {}, "retrain", "retrain", ("two_of_three",)
    ),
    "refused three times, nothing calls for a fourth": (
        month("agg"), REFUSED, {}, "keep", "none", ()
    ),
    "refused three times, escalated, green meanwhile": (
        month(), [*REFUSED, ago(1, decision="escalate")], {}, "escalate", "none", ("max_refusals",)
    ),
    "refused three times, a person has decided": (
        month("rrg", answered=ago(1).as_of), REFUSED, {}, "retrain", "retrain", ("two_of_three",)
    ),
    "refused three times, another champion": (
        month("rrg"), [replace(past, champion="m0") for past in REFUSED], {}, "retrain", "retrain",
        ("two_of_three",)
    ),
    "refused three times on schedule": (
        month("rrg"), [replace(past, triggers=("refresh",)) for past in REFUSED], {},
        "retrain", "retrain", ("two_of_three",)
    ),
    "refused three times, escalation off": (
        month("rrg"), REFUSED, {"max_refusals": 0}, "retrain", "retrain", ("two_of_three",)
    ),
    "refused three times, critical": (
        month("cgg"), REFUSED, {}, "escalate", "none", ("max_refusals", "contain_critical")
    ),
    "refused, no cool-down": (
        month("rrg"), [ago(1, action="retrain", outcome="refused")], {"cool_down": 0},
        "retrain", "retrain", ("two_of_three",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_the_decision_table_holds(row) -> None:
    findings, history, changes, decision, action, triggers = row
    assert ruled(decide_rule(findings, history, rule(**changes))) == (decision, action, triggers)


def test_a_reason_that_another_goes_on_from_is_said_once():
    ruling = decide_rule(month("cgg"), [], rule())
    critical = [one for one in ruling.reasons if "is critical on matured outcomes" in one]
    assert len(critical) == 1 and "no PD of" in critical[0]
