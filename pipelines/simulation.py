"""How the policy behaves: how often it acts, and how soon, in simulated worlds that are known.

Each month the project's own measures judge what they would be entitled to, and the project's own
rule decides; nothing is re-implemented here. Only the score is measured for stability, so false
alarms of single features are not in the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from creditrisk.calendar import add_months
from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.discrimination import AucEstimate, delong
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.policy import Monitoring, Policy, Rule
from creditrisk.records.decision import AXES, Axis, State
from creditrisk.records.development import Reference
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import decide_rule
from creditrisk.stages.monitoring.calibration import calibration_axis
from creditrisk.stages.monitoring.discrimination import discrimination_axis
from creditrisk.stages.monitoring.finding import Finding, Mode
from creditrisk.stages.monitoring.stability import Scores, stability_axis
from pipelines.scenarios import Month, Scenario, SimulatedPortfolio, applications

WINDOWS = 3
START = date(2024, 1, 1)
MONTHS = 12  # after the first changed cohort has matured


def variants(rule: Rule) -> dict[str, tuple[Mode, Rule]]:
    """The policies compared: the rule alone, plain and gated, all of it, all but one."""
    off: dict[str, object] = {
        "critical_matured": False,
        "persistence": False,
        "recalibrate": False,
        "critical_stability": False,
        "max_model_age": 0,
        "cool_down": 0,
        "recovery": 0,
        "insufficient_months": 0,
        "business": (),
    }
    alone = rule.model_copy(update=off)
    found: dict[str, tuple[Mode, Rule]] = {
        "2/3 rule alone, plain": ("plain", alone),
        "2/3 rule alone": ("significant", alone),
        "full policy": ("significant", rule),
    }
    for name in ("critical_matured", "persistence", "recalibrate", "cool_down", "recovery"):
        without = rule.model_copy(update={name: off[name]})
        found[f"without {name}"] = ("significant", without)
    return found


def life(
    portfolio: SimulatedPortfolio, scenario: Scenario, policy: Policy, rng: np.random.Generator
) -> dict[Mode, list[dict[str, Axis]]]:
    """The three axes, month by month from the maturity of the first changed cohort on."""
    windows = [applications(portfolio, scenario, -1, rng) for _ in range(WINDOWS)]
    expected = delong(*_pooled(windows))
    bins = FrozenBins.numeric(windows[-1].pd)
    reference = Reference(bins, tuple(int(n) for n in bins.counts(windows[-1].pd)))
    # cohorts from before the change are still in the pool when the first changed one matures
    cohorts = [applications(portfolio, scenario, -1, rng) for _ in range(WINDOWS)]
    found: dict[Mode, list[dict[str, Axis]]] = {"significant": [], "plain": []}
    mob = policy.outcome.mob
    for age in range(MONTHS):
        cohorts.append(applications(portfolio, scenario, age, rng))
        now = applications(portfolio, scenario, age + mob, rng)
        for mode, months in found.items():
            months.append(_axes(cohorts, now, expected, reference, policy.monitoring, mode))
    return found


def first_action(
    axes: Sequence[Mapping[str, Axis]], rule: Rule, outages: tuple[str, ...]
) -> int | None:
    """How many months of changed outcomes it took to act; None: not within the life."""
    history: list[PastDecision] = []
    for age, month in enumerate(axes):
        as_of = add_months(START, age)
        findings = AxisFindings(as_of, month, "champion", champion_age=age, outages=outages)
        ruling = decide_rule(findings, history, rule)
        if ruling.action != "none":
            return age + 1
        history.append(PastDecision(as_of, ruling.decision, "none", "champion", month))
    return None


@dataclass(frozen=True)
class Characteristic:
    """How a policy did on a book in a world, over many lives.

    `a_month`: actions per month at risk. `within`: share that acted within 1, 2, 3, 6 months.
    `median`: months to the action, of those that acted; None where none did.
    """

    scenario: str
    portfolio: str
    policy: str
    simulations: int
    a_month: float
    within: Mapping[int, float]
    median: float | None


def characteristics(
    policy: Policy,
    scenarios: Sequence[Scenario],
    portfolios: Sequence[SimulatedPortfolio],
    simulations: int,
    seed: int,
) -> Iterator[Characteristic]:
    """Every policy variant in every world, on the same lives."""
    for scenario in scenarios:
        for portfolio in portfolios:
            each = [
                life(portfolio, scenario, policy, np.random.default_rng([seed, number]))
                for number in range(simulations)
            ]
            outages = (scenario.outage,) if scenario.outage else ()
            for name, (mode, rule) in variants(policy.rule).items():
                acted = [first_action(months[mode], rule, outages) for months in each]
                yield _characteristic(scenario, portfolio, name, acted)


def _characteristic(
    scenario: Scenario, portfolio: SimulatedPortfolio, policy: str, acted: Sequence[int | None]
) -> Characteristic:
    when = np.array([MONTHS + 1 if months is None else months for months in acted])
    at_risk = np.minimum(when, MONTHS).sum()
    done = when[when <= MONTHS]
    return Characteristic(
        scenario=scenario.name,
        portfolio=str(portfolio),
        policy=policy,
        simulations=len(acted),
        a_month=len(done) / float(at_risk),
        within={months: float((when <= months).mean()) for months in (1, 2, 3, 6)},
        median=float(np.median(done)) if len(done) else None,
    )


def _axes(
    cohorts: Sequence[Month],
    now: Month,
    expected: AucEstimate,
    reference: Reference,
    limits: Monitoring,
    mode: Mode,
) -> dict[str, Axis]:
    pool = _newest(cohorts, limits)
    bad, pd = _pooled(pool)
    newest = len(cohorts)
    matured = frozenset(add_months(START, n) for n in range(newest - len(pool), newest))
    findings = {
        "discrimination": discrimination_axis(bad, pd, expected, limits, mode),
        "calibration": calibration_axis(bad, pd, limits, mode),
        "stability": stability_axis(
            [Scores(ALL_SOURCES_UP, now.pd, reference)], {}, {}, limits, mode
        ),
    }
    return {
        name: Axis(_state(findings[name]), frozenset() if name == "stability" else matured)
        for name in AXES
    }


def _newest(cohorts: Sequence[Month], limits: Monitoring) -> list[Month]:
    """Newest first until they hold enough, as `monitoring.pool.collect` takes them."""
    pool: list[Month] = []
    for cohort in reversed(cohorts[-limits.max_pooled_cohorts :]):
        bads = sum(int(month.bad.sum()) for month in pool)
        goods = sum(len(month.bad) for month in pool) - bads
        if pool and bads >= limits.min_bads and goods >= limits.min_goods:
            break
        pool.append(cohort)
    return pool


def _pooled(months: Sequence[Month]) -> tuple[IntArray, FloatArray]:
    return np.concatenate([m.bad for m in months]), np.concatenate([m.pd for m in months])


def _state(findings: Sequence[Finding]) -> State:
    state = findings[-1].state
    assert state != "none"  # noqa: S101 - an axis always has a state
    return state
