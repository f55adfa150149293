"""The 2/3 rule over all findings, histories and policies."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from creditrisk.policy import Rule
from creditrisk.records.decision import AXES, State
from creditrisk.stages.decision.case import AxisFindings
from creditrisk.stages.decision.retrain_rule import (
    SEVERITY,
    STRENGTH,
    Ruling,
    decide_rule,
    two_of_three,
)
from tests.builders.rule_cases import ago, axes, month, rule

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
    contain_critical=st.booleans(),
    max_refusals=st.integers(0, 3),
    refresh=st.sampled_from([0, 6]),
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
    unscheduled = policy.model_copy(update={"refresh": 0})
    ruling = decide_rule(month(f"g{letter}g"), history, unscheduled)
    assert ruling.action == "none"
