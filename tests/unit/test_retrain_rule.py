from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from creditrisk.governance.case import AXES, MATURED, Axis, AxisFindings, PastDecision, State
from creditrisk.governance.retrain_rule import (
    SEVERITY,
    STRENGTH,
    Ruling,
    decide_rule,
    two_of_three,
)
from creditrisk.month import add_months
from creditrisk.policy import Rule, load_policy

NOW = date(2025, 1, 1)
DEFAULT = load_policy().rule
LETTERS: dict[str, State] = {
    "g": "green",
    "a": "amber",
    "r": "red",
    "c": "critical",
    "i": "insufficient",
}


def axes(letters: str, month: date = NOW, cohorts: int = 1) -> dict[str, Axis]:
    """`rgg`: discrimination, stability, calibration; matured axes rest on `cohorts` cohorts."""
    newest = add_months(month, -6)
    span = frozenset(add_months(newest, -n) for n in range(cohorts))
    return {
        name: Axis(LETTERS[letter], span if name in MATURED else frozenset({month}), f"AUC {n}")
        for n, (name, letter) in enumerate(zip(AXES, letters, strict=True))
    }


def month(letters: str = "ggg", **more) -> AxisFindings:
    return AxisFindings(as_of=NOW, axes=axes(letters), champion="m1", **more)


def ago(months: int, letters: str = "ggg", action: str = "none", **more) -> PastDecision:
    then = add_months(NOW, -months)
    outcome = more.pop("outcome", "promoted" if action != "none" else "")
    cohorts = more.pop("cohorts", 1)
    return PastDecision(
        then,
        "keep",
        action,
        more.pop("champion", "m1"),
        axes(letters, then, cohorts),
        outcome,
        **more,
    )


def rule(**changes) -> Rule:
    return DEFAULT.model_copy(update=changes)


def said(ruling: Ruling) -> tuple[str, str, tuple[str, ...]]:
    return ruling.decision, ruling.action, ruling.triggers


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
    "rank critical": (month("cgg"), [], {}, "retrain", "retrain", ("critical_matured",)),
    "rank critical, switched off": (
        month("cgg"), [], {"critical_matured": False}, "watch", "none", ("red:discrimination",)
    ),
    "calibration critical": (month("ggc"), [], {}, "retrain", "retrain", ("critical_matured",)),
    "calibration critical, switched off": (
        month("ggc"), [], {"critical_matured": False}, "recalibrate", "recalibrate",
        ("recalibrate",),
    ),
    "stability critical": (month("gcg"), [], {}, "contain", "none", ("critical_stability",)),
    "stability critical, switched off": (
        month("gcg"), [], {"critical_stability": False}, "watch", "none", ("red:stability",)
    ),
    "stability critical and rank red": (
        month("rcg"), [], {}, "contain", "retrain", ("two_of_three", "critical_stability")
    ),
    "stability and rank critical": (
        month("ccg"), [], {}, "contain", "retrain",
        ("two_of_three", "critical_matured", "critical_stability"),
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
        month("cgg"), [ago(1, action="retrain")], {}, "retrain", "retrain", ("critical_matured",)
    ),
    "cool-down does not lift containment": (
        month("rcg"), [ago(1, action="retrain")], {}, "contain", "none", ("critical_stability",)
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
    "refused, no cool-down": (
        month("rrg"), [ago(1, action="retrain", outcome="refused")], {"cool_down": 0},
        "retrain", "retrain", ("two_of_three",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_the_decision_table_holds(row) -> None:
    findings, history, changes, decision, action, triggers = row
    assert said(decide_rule(findings, history, rule(**changes))) == (decision, action, triggers)


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
    assert said(ruling) == ("blocked", "none", ("quality",))
    assert ruling.reasons == ("application_form: 60 of 90 rows set aside",)


def first(matured: int, needed: int = 9) -> AxisFindings:
    return AxisFindings(NOW, {}, champion="", matured=matured, needed=needed)


def test_without_a_champion_a_month_waits_until_enough_cohorts_have_matured() -> None:
    ruling = decide_rule(first(6), [], DEFAULT)
    assert said(ruling) == ("wait", "none", ("not_enough_history",))
    assert "needs 9 matured cohorts, there are 6" in ruling.reasons[0]
    assert "2025-04" in ruling.reasons[0]


def test_without_a_champion_enough_matured_cohorts_train_the_first() -> None:
    assert said(decide_rule(first(9), [], DEFAULT)) == ("retrain", "initial", ("first_model",))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("refused", ("wait", "none", ("spent_windows",))),
        ("pending", ("wait", "none", ("cool_down",))),
        ("insufficient", ("retrain", "initial", ("first_model",))),
        ("", ("retrain", "initial", ("first_model",))),
    ],
)
def test_a_first_model_that_did_not_come_about_is_tried_again_when_it_may(
    outcome: str, expected: tuple
) -> None:
    tried = ago(1, action="initial", outcome=outcome, champion="", window_months=2)
    assert said(decide_rule(first(9), [tried], DEFAULT)) == expected


def test_reasons_carry_names_numbers_and_limits() -> None:
    findings = month("rra", champion_age=25, outages=("visits",), notes=("a note",))
    reasons = " | ".join(decide_rule(findings, [], DEFAULT).reasons)
    assert "2 of 3 axes are red (discrimination, stability), the rule retrains from 2" in reasons
    assert "25 months ago, the limit is 24" in reasons
    assert "calibration is amber: AUC 2" in reasons
    assert "a note" in reasons
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


# Properties, over all findings, histories and policies.

triples = st.text("garci", min_size=3, max_size=3)
policies = st.builds(
    rule,
    red_axes=st.integers(1, 3),
    critical_matured=st.booleans(),
    persistence=st.booleans(),
    recalibrate=st.booleans(),
    critical_stability=st.booleans(),
    max_model_age=st.sampled_from([0, 12]),
    cool_down=st.integers(0, 4),
    recovery=st.integers(0, 3),
    insufficient_months=st.integers(0, 3),
)
pasts = st.builds(
    ago,
    st.integers(1, 6),
    triples,
    st.sampled_from(["none", "none", "recalibrate", "retrain"]),
    outcome=st.sampled_from(["", "insufficient", "refused", "passed", "pending", "promoted"]),
    champion=st.sampled_from(["m1", "m1", "m0"]),
    cohorts=st.integers(1, 3),
    window_months=st.integers(1, 3),
)
histories = st.lists(pasts, max_size=6, unique_by=lambda past: past.as_of)
findings_of = st.builds(
    month,
    triples,
    champion_age=st.integers(0, 24),
    outages=st.sampled_from([(), ("visits",)]),
    business=st.sampled_from([{}, {"applications < 10": "applications = 9"}]),
)
WORSE: Mapping[State, State] = {"green": "amber", "amber": "red", "red": "critical"}


def no_milder(before: Ruling, after: Ruling) -> bool:
    return SEVERITY.index(after.decision) >= SEVERITY.index(before.decision) and STRENGTH.index(
        after.action
    ) >= STRENGTH.index(before.action)


@given(findings_of, histories, policies, st.sampled_from(AXES), st.integers(1, 3))
def test_worse_findings_never_give_a_milder_decision(
    findings: AxisFindings, history, policy: Rule, name: str, steps: int
) -> None:
    state = findings.axes[name].state
    for _ in range(steps):
        state = WORSE.get(state, state)
    assume(state != findings.axes[name].state)
    worse = dict(findings.axes) | {name: replace(findings.axes[name], state=state)}
    after = decide_rule(replace(findings, axes=worse), history, policy)
    assert no_milder(decide_rule(findings, history, policy), after)


@given(findings_of, histories, policies)
def test_more_trouble_of_other_kinds_never_gives_a_milder_decision(
    findings: AxisFindings, history, policy: Rule
) -> None:
    before = decide_rule(findings, history, policy)
    more = {"a > 1": "a = 2", **(findings.business or {})}
    assert no_milder(before, decide_rule(replace(findings, business=more), history, policy))
    older = replace(findings, champion_age=findings.champion_age + 6)
    assert no_milder(before, decide_rule(older, history, policy))
    down = replace(findings, outages=("visits", "calls"))
    assert no_milder(before, decide_rule(down, history, policy))


@given(findings_of, histories, policies, st.permutations(AXES), st.randoms())
def test_neither_the_order_of_axes_nor_that_of_history_matters(
    findings: AxisFindings, history, policy: Rule, order, chance
) -> None:
    shuffled = [replace(past, axes={name: past.axes[name] for name in order}) for past in history]
    chance.shuffle(shuffled)
    other = replace(findings, axes={name: findings.axes[name] for name in order})
    assert decide_rule(other, shuffled, policy) == decide_rule(findings, history, policy)


@given(triples, st.permutations(range(3)), st.integers(1, 3))
def test_the_rule_itself_treats_all_axes_alike(letters: str, order, needed: int) -> None:
    other = "".join(letters[n] for n in order)
    assert two_of_three(axes(letters), needed) == two_of_three(axes(other), needed)


@given(findings_of, histories, policies)
def test_the_same_input_gives_the_same_decision_and_the_future_does_not_matter(
    findings: AxisFindings, history, policy: Rule
) -> None:
    ruling = decide_rule(findings, history, policy)
    later = [ago(0, "ccc", "retrain"), ago(-1, "ccc", "retrain", outcome="refused")]
    assert decide_rule(findings, [*history, *later], policy) == ruling
    assert ruling.reasons
    assert bool(ruling.triggers) == (ruling.decision != "keep")


@given(st.text("garc", min_size=1, max_size=1), histories, policies)
def test_stability_alone_never_acts(letter: str, history, policy: Rule) -> None:
    ruling = decide_rule(month(f"g{letter}g"), history, policy)
    assert ruling.action == "none"
