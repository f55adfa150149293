"""Who decided a month, and who approved what came of it."""

from collections.abc import Iterator

from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.identity import signed
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.blocks import Cell, Facts
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MonthSummary

Fact = tuple[str, tuple[Cell, ...]]
_MEANS = {
    "keep": "the model stays",
    "watch": "the model stays, and somebody finds the cause",
    "recalibrate": "the PDs are put right, the ranking stays",
    "retrain": "a challenger is trained",
    "contain": "its PDs are held back until another model is champion or a person lifts it",
    "escalate": "a person decides what follows",
    "wait": "not enough history for a model",
    "blocked": "the data are not fit to score",
}


def authority(reading: Reading, summary: MonthSummary) -> Facts:
    """Decision, decider, approver, and the models before and after."""
    facts = [*_decided(summary), ("Approved by", (_approved(reading, summary),)), *_models(summary)]
    return Facts("Who decided", facts, half=True)


def _decided(summary: MonthSummary) -> Iterator[Fact]:
    yield "Decision", (f"{summary.decision}: {_meaning(summary)}".removesuffix(": "),)
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


def _meaning(summary: MonthSummary) -> str:
    """What a decision does, for those who do not know its word."""
    if summary.action == "initial":
        return "the first model is trained"
    other = summary.action not in ("none", summary.decision)
    words = (summary.decision, summary.action) if other else (summary.decision,)
    return "; ".join(_MEANS[word] for word in words if word in _MEANS)


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
