"""A month's verdict in words: is the model healthy, what drove that, what became of it?"""

from dataclasses import dataclass

from creditrisk.policy import Policy
from creditrisk.records.decision import AXES, UNREADABLE
from creditrisk.records.version_files import brief
from creditrisk.reports.drivers import driver
from creditrisk.reports.month_summary import MonthSummary

_NUMBERS = ("no", "one", "two", "three")
_RANK = ("none", "insufficient", "green", "amber", "red", "critical")
_UNDECIDED = {
    "failed": "the run failed",
    "unknown": "not decided",
    UNREADABLE: "its decision cannot be read",
    "blocked": "blocked by the data",
    "wait": "no model yet",
}
_TRIED = {
    "pending": "a challenger waits for approval",
    "passed": "a challenger passed",
    "refused": "a challenger was refused",
    "insufficient": "a challenger could not be judged",
}


@dataclass(frozen=True)
class Verdict:
    """`state` is the worst light, `headline` a few words, `sentences` what a person asks next."""

    state: str
    headline: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


def verdict(summary: MonthSummary, policy: Policy) -> Verdict:
    """Health by the lights, and what became of the model."""
    if summary.decision in _UNDECIDED:
        state = "none" if summary.decision in ("wait", "unknown", UNREADABLE) else "red"
        causes = tuple(_sentence(reason) for reason in _causes(summary))
        return Verdict(state, _UNDECIDED[summary.decision], causes)
    if summary.action == "initial":
        return Verdict("none", f"the first model {_first(summary)}", (_became(summary, policy),))
    state = max(summary.states.values(), key=_RANK.index)
    things = [
        _sentence(driver(summary, axis, policy.monitoring).sentence) for axis in _off(summary)
    ]
    return Verdict(state, _health(summary), (*things, _became(summary, policy)))


def _causes(summary: MonthSummary) -> list[str]:
    failed = [f"{task.task} {task.status}: {task.error}" for task in summary.tasks if task.error]
    return list(summary.reasons) or failed[:1]


def _off(summary: MonthSummary) -> list[str]:
    """Axes that are not green, the worst first."""
    off = [axis for axis in AXES if summary.states[axis] not in ("green", "none")]
    return sorted(off, key=lambda axis: -_RANK.index(summary.states[axis]))


def _health(summary: MonthSummary) -> str:
    states = [summary.states[axis] for axis in AXES]
    red = sum(state in ("red", "critical") for state in states)
    amber, blind = states.count("amber"), states.count("insufficient")
    if red > 1 or "critical" in states:
        health = "not healthy"
    elif red:
        health = "one red light of three"
    elif amber:
        health = f"healthy, {_NUMBERS[amber]} thing{'s' * (amber > 1)} to watch"
    elif blind:
        health = "healthy as far as it is known" if blind < len(AXES) else "nothing is known yet"
    else:
        health = "healthy"
    became = "model replaced" if summary.successor else _TRIED.get(summary.outcome, "")
    return f"{health}, {became}" if became else health


def _first(summary: MonthSummary) -> str:
    became = {"promoted": "is champion", "refused": "was refused", "pending": "waits for approval"}
    return became.get(summary.outcome, "is not made yet")


def _became(summary: MonthSummary, policy: Policy) -> str:
    """What became of the model, and why."""
    why = _why(summary, policy)
    if summary.action == "none":
        return f"{_kept(summary)}, because {why}."
    challenger = brief(summary.challenge.version) if summary.challenge else "the challenger"
    kept = _kept(summary).lower()
    ends = {
        "promoted": f"Model replaced by {brief(summary.after)}, which passed validation"
        if summary.champion
        else f"{brief(summary.after)} passed validation and is champion",
        "pending": f"{challenger} passed validation and waits for approval; it was made",
        "passed": f"{challenger} passed validation and is not promoted yet; it was made",
        "refused": f"{challenger} was refused by validation, {kept}; it was made",
        "insufficient": f"{challenger} could not be judged for want of evidence; it was made",
        "": f"To {_verb(summary)} was decided and is not carried out yet",
    }
    joint = ":" if summary.action == "initial" else ", because"
    return f"{ends[summary.outcome]}{joint} {why}."


def _verb(summary: MonthSummary) -> str:
    return "train a first model" if summary.action == "initial" else summary.action


def _kept(summary: MonthSummary) -> str:
    if summary.decision == "contain":
        return "PDs are held back"
    if summary.decision == "escalate":
        return "A person must decide"
    return "Model kept" if summary.champion else "no model"


def _why(summary: MonthSummary, policy: Policy) -> str:
    if summary.override:
        return f"{summary.override.by} decided so: {summary.override.reason}"
    first = next(iter(summary.triggers), "")
    if summary.decision == "keep":
        green = all(summary.states[axis] == "green" for axis in AXES)
        return "all three axes are green" if green else "no axis is red and no other rule applies"
    if first.startswith("red:"):
        return f"one red axis does not retrain, {_NUMBERS[min(3, policy.rule.red_axes)]} do"
    return next(iter(summary.reasons), "no reason is recorded").rstrip(".")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
