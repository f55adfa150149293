"""Which month it is, and what the policy says about it."""

from typing import NamedTuple

from kfp.dsl import Dataset, Input, Markdown, Metrics, Output

from creditrisk.stages.runtime import component


@component("ml")
def resolve_period(
    as_of: str, scheduled_at: str, config: str, run_id: str, lease: bool
) -> NamedTuple("Resolved", [("month", str), ("config", str), ("champion", str)]):  # type: ignore[valid-type]  # kfp ships no class of ours
    """Fix the month, freeze policy and portfolio, name the champion; one run holds the lease."""
    from creditrisk.stages.decision.resolve import resolve
    from creditrisk.stages.parameter_defaults import INSTALLED, SCHEDULED, given
    from creditrisk.stages.task import one_line

    with one_line("resolve_period"):
        month, name = given(as_of, SCHEDULED), given(config, INSTALLED)
        return resolve(month, scheduled_at, name, run_id, lease)


@component("ml")
def decide(
    month: str,
    config: str,
    run_id: str,
    champion: str,
    supersede: str,
    gold: Input[Dataset],
    scores: Input[Dataset],
    findings: Input[Dataset],
    decision_record: Output[Markdown],
    decision_metrics: Output[Metrics],
) -> str:
    """Apply the 2/3 rule; the action is the only value, the evidence is an artifact."""
    from creditrisk.records.run import now
    from creditrisk.stages.artifacts import pinned, write_text
    from creditrisk.stages.decision.decide import decide as decide_month
    from creditrisk.stages.parameter_defaults import NO, given
    from creditrisk.stages.task import task

    with task("decide", month, config, run_id) as period:
        read = pinned(period, gold, scores, findings)
        decision = decide_month(read, champion, given(supersede, NO), at=now())
        write_text(decision_record, decision.markdown())
        for name, value in decision.numbers().items():
            decision_metrics.log_metric(name, value)
        return decision.branch
