"""How the policy behaves: how often it acts, and how soon, in simulated books of known truth.

Each month the project's own measures judge what they would be entitled to, and the project's own
rule decides; nothing is re-implemented here. Only the score is measured for stability, so false
alarms of single features are not in the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from creditrisk.calendar_month import add_months
from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.between_cohorts import MANY, Shocks
from creditrisk.metrics.calibration import MeasuredOE, with_shocks
from creditrisk.metrics.estimates import AucEstimate
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.model.shared_shocks import (
    Part,
    SharedShocks,
    change_since,
    known_cohort,
    shared_shocks,
)
from creditrisk.policy import Monitoring, Policy
from creditrisk.records.decision import AXES, MATURED, Axis, State
from creditrisk.records.development import Reference
from creditrisk.records.measured_window import KnownCohort
from creditrisk.stages.decision.case import AxisFindings, PastDecision
from creditrisk.stages.decision.retrain_rule import decide_rule
from creditrisk.stages.monitoring.accepted import Expected, expected_where_booked
from creditrisk.stages.monitoring.calibration import levels_of
from creditrisk.stages.monitoring.discrimination import ranks
from creditrisk.stages.monitoring.finding import worst
from creditrisk.stages.monitoring.matured_cohorts import level_shortage_of, shortage_of
from creditrisk.stages.monitoring.shared import Shared
from creditrisk.stages.monitoring.stability import Scores, score_psi
from creditrisk.stages.validation.level_gates import observed_expected
from pipelines.scenarios import LEVELLED, VALIDATION, WINDOWS
from pipelines.simulated_book import Book, Month, pooled

START = date(2024, 1, 1)
Judge = Literal["policy", "independent", "knowing"]  # of shocks: estimated, none, their truth


@dataclass(frozen=True, eq=False)
class Seen:
    """What is measured in a book whatever is held of shocks: by month monitored, the pool with
    its number of cohorts, and the state of stability.
    """

    windows: Expected
    development: Sequence[KnownCohort]
    monitored: Sequence[KnownCohort]
    pools: Sequence[tuple[Month, int]]
    stability: Sequence[State]
    judged: Sequence[MeasuredOE]  # O/E of the windows, as the gate reads it
    own_level: bool  # the PDs have the level of their train cohorts


def seen(book: Book, policy: Policy) -> Seen:
    """Measured once, for every judge."""
    limits, months = policy.monitoring, range(len(book.monitored))
    scores = book.known[-1].scores()
    bins = FrozenBins.numeric(scores)
    reference = Reference(bins, tuple(int(n) for n in bins.counts(scores)))
    pools = [_newest(book.monitored[: number + 1], limits) for number in months]
    stable = [[Scores(ALL_SOURCES_UP, pds, reference)] for pds in book.applying]
    return Seen(
        windows=_expected(book, limits),
        development=_development(book.known),
        monitored=[_known(m, n, "monitored") for n, m in enumerate(book.monitored)],
        pools=[(pooled(pool), len(pool)) for pool in pools],
        stability=[_state(score_psi(one, limits, policy.rule.mode)[0].state) for one in stable],
        judged=[month.oe for month in book.known[-WINDOWS:]],
        own_level=book.own_level,
    )


def axes_of(book: Seen, policy: Policy, judge: Judge, truth: Shocks) -> list[dict[str, Axis]]:
    """The three axes month by month, as `judge` sees them; `truth`: of the shocks."""
    found, windows = [], book.windows
    red = dict.fromkeys(MATURED, len(book.monitored))  # the first cohort each was red with
    for number, (pool, span) in enumerate(book.pools):
        first = number + 1 - span
        ranked, older = (book.monitored[: min(first, red[name])] for name in MATURED)
        shared = _shared(book, policy, judge, truth, older, ranked)
        if shared:
            shared = replace(shared, cohorts=span, promised=windows.promised, cost=windows.cost)
        if shared and judge == "policy":
            since = book.monitored[: number + 1]
            change = change_since(book.development, since, policy.shocks, own_level=book.own_level)
            shared = replace(shared, change=change)
        states = _judged(pool, windows.auc, policy, shared)
        for name in MATURED:
            red[name] = min(red[name], first) if Axis(states[name]).red else red[name]
        states["stability"] = book.stability[number]
        cohorts = frozenset(add_months(START, number - n) for n in range(span))
        found.append(
            {
                name: Axis(states[name], frozenset() if name == "stability" else cohorts)
                for name in AXES
            }
        )
    return found


def _expected(book: Book, limits: Monitoring) -> Expected:
    """What the windows let one expect of the loans monitored; who is lent to does not change."""
    windows, first = pooled(book.known[-WINDOWS:]), book.monitored[0]
    if first.declined.any():
        found = expected_where_booked(windows.scored(), first.scored(), limits.min_reference_bads)
        if found.by_pd:
            return found
    return Expected(windows.auc, promised=windows.promised)


def refused_by_oe(book: Seen, policy: Policy, judge: Judge, truth: Shocks) -> bool:
    """Whether the gate on O/E refuses the version on its three windows."""
    before = replace(book, development=book.development[:-WINDOWS])
    shared = _shared(before, policy, judge, truth)
    windows = []
    for number, ratio in enumerate(book.judged):
        beyond = shared.shocks.beyond_level(ratio.deviation, 1) if shared else None
        windows.append(_Window(str(number), with_shocks(ratio, beyond)))
    return any(not gate.passed for gate in observed_expected(windows, policy))


def first_action(
    axes: Sequence[Mapping[str, Axis]], policy: Policy, outages: tuple[str, ...] = ()
) -> int | None:
    """How many months of outcomes it took to act; None: not within the months there are."""
    history: list[PastDecision] = []
    for age, month in enumerate(axes):
        as_of = add_months(START, age)
        findings = AxisFindings(as_of, month, "champion", champion_age=age, outages=outages)
        ruling = decide_rule(findings, history, policy.rule)
        if ruling.action != "none":
            return age + 1
        history.append(PastDecision(as_of, ruling.decision, "none", "champion", month))
    return None


@dataclass(frozen=True)
class _Window:
    name: str
    oe: MeasuredOE


def _known(month: Month, number: int, part: Part) -> KnownCohort:
    auc = None if part == "train" else month.auc
    promised = None if auc is None else month.promised
    return known_cohort(add_months(START, number), part, month.oe, auc, promised)


def _development(known: Sequence[Month]) -> list[KnownCohort]:
    train = len(known) - LEVELLED
    of_place: tuple[tuple[Part, int], ...]
    of_place = (("train", train), ("validation", VALIDATION), ("window", WINDOWS))
    parts = [part for part, count in of_place for _ in range(count)]
    first = -len(known)
    return [_known(m, first + n, p) for n, (m, p) in enumerate(zip(known, parts, strict=True))]


def _shared(
    book: Seen,
    policy: Policy,
    judge: Judge,
    truth: Shocks,
    monitored: Sequence[KnownCohort] = (),
    ranked: Sequence[KnownCohort] = (),
) -> Shared | None:
    if judge == "independent":
        return None
    found = shared_shocks(
        book.development, monitored, policy.shocks, ranked=ranked, own_level=book.own_level
    )
    if judge == "knowing":
        none = Shocks(0.0, 0.0, MANY, 0)
        found = SharedShocks(found.level, truth, none, found.windows)
    return Shared(found)


def _judged(
    pool: Month, reference: AucEstimate | None, policy: Policy, shared: Shared | None
) -> dict[str, State]:
    """States of the matured axes."""
    limits, mode = policy.monitoring, policy.rule.mode
    states: dict[str, State] = {"discrimination": "insufficient", "calibration": "insufficient"}
    if pool.auc is not None and not shortage_of(*pool.counts, limits, mode):
        promised = pool.promised if shared else None
        rank = ranks(pool.auc, reference, limits, mode, shared, promised)
        states["discrimination"] = _state(worst(f.state for f in rank))
    if not level_shortage_of(*pool.counts, limits, mode):
        level = levels_of(pool.oe, limits, mode, shared)
        states["calibration"] = _state(worst(f.state for f in level))
    return states


def _newest(cohorts: Sequence[Month], limits: Monitoring) -> list[Month]:
    """Newest first until they hold enough, as monitoring pools them."""
    pool: list[Month] = []
    for cohort in reversed(cohorts[-limits.max_pooled_cohorts :]):
        bads, goods = (sum(m.counts[n] for m in pool) for n in range(2))
        if pool and not shortage_of(bads, goods, limits, "significant"):
            break
        pool.append(cohort)
    return pool


def _state(state: str) -> State:
    assert state != "none"  # noqa: S101 - an axis always has a state
    return state  # type: ignore[return-value]  # one of an axis's, as asserted
