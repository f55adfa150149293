"""Who decided a month, and who approved what came of it."""

from collections.abc import Iterator

from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.identity import signed
from creditrisk.reports.dashboard.blocks import Cell, Facts
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MonthSummary, brief

Fact = tuple[str, tuple[Cell, ...]]


def authority(reading: Reading, summary: MonthSummary) -> Facts:
    """Decision, decider, approver, and the models before and after."""
    facts = [*_decided(summary), ("Approved by", (_approved(reading, summary),)), *_models(summary)]
    return Facts("Who decided", facts, half=True)


def _decided(summary: MonthSummary) -> Iterator[Fact]:
    action = "" if summary.action == "none" else f", action {summary.action}"
    yield "Decision", (f"{summary.decision}{action}",)
    taken, override = summary.taken, summary.override
    if taken is None:
        return
    if override:
        rule = taken.recommended.decision if taken.recommended else "otherwise"
        who = signed(override.by, override.identity)
        yield "Decided by", (f"{who}, where the rule said {rule}: {override.reason}",)
    else:
        yield "Decided by", (f"the rule, automatically, by policy {summary.policy[:12]}",)
    if taken.supersedes:
        text = f"record {taken.n} supersedes record {taken.supersedes}: {taken.reason}"
        yield "Decided again", (text,)


def _approved(reading: Reading, summary: MonthSummary) -> str:
    if summary.promoted:
        return _promoted(reading, summary, summary.promoted)
    if summary.outcome == "pending":
        return "nobody yet: it waits for a second person"
    return (
        "nothing was to be approved: the model stays" if summary.champion else "nothing to approve"
    )


def _promoted(reading: Reading, summary: MonthSummary, tenure: Tenure) -> str:
    if summary.approval:
        given = summary.approval
        asked = signed(given.requested_by, "")
        return f"{signed(given.by, given.identity)}, asked by {asked}: {given.reason}"
    if tenure.by == "pipeline":
        mode = reading.policy_of(summary).promotion.mode
        allowed = "as the policy allows" if mode == "automatic" else f"promotion is now {mode}"
        return f"no person: automatic, {allowed} ({tenure.reason})"
    return f"{signed(tenure.by, tenure.identity)}: {tenure.reason}"


def _models(summary: MonthSummary) -> Iterator[Fact]:
    yield "Model measured", (brief(summary.champion) or "none yet",)
    if summary.after != summary.champion:
        yield "Champion from now on", (brief(summary.after),)
