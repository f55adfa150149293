"""What is added to the 2/3 rule, one function each, each switchable in the policy.

Every function looks at the findings of a month with a champion and speaks, or not. None of
them speaks more mildly about worse findings: that makes the whole decision monotone.
"""

from collections.abc import Callable, Iterator

from creditrisk.calendar_month import add_months, months_between
from creditrisk.records.decision import AXES, MATURED
from creditrisk.records.version_files import brief
from creditrisk.stages.decision.case import Case, Trigger


def critical_matured(case: Case) -> Iterator[Trigger]:
    """One critical matured axis retrains."""
    for name in MATURED:
        if case.rule.critical_matured and case.findings.axes[name].state == "critical":
            yield Trigger.retrain("critical_matured", f"{name} is critical on matured outcomes")


def persistence(case: Case) -> Iterator[Trigger]:
    """A matured axis red in two months without a cohort in common, not recovered in between."""
    if not case.rule.persistence:
        return
    before = add_months(case.findings.as_of, -1)
    for name in MATURED:
        axis = case.findings.axes[name]
        earlier = [
            month
            for month in case.red_months(name)
            if axis.disjoint(case.current_tenure[month].axes[name])
            and not case.recovered(name, month, before)
        ]
        if axis.red and earlier:
            reason = f"{name} was red in {earlier[-1]:%Y-%m} and is now, on other cohorts"
            yield Trigger.retrain("persistence", reason)


def recalibrate(case: Case) -> Iterator[Trigger]:
    """Calibration red: the PDs are shifted. With another axis red, the 2/3 rule outbids this."""
    if case.rule.recalibrate and case.findings.axes["calibration"].red:
        reason = "calibration is red: the PDs are put right first, the ranking stays"
        yield Trigger("recalibrate", "recalibrate", "recalibrate", reason)


def model_age(case: Case) -> Iterator[Trigger]:
    age, limit = case.findings.champion_age, case.rule.max_model_age
    if limit and age >= limit:
        reason = f"the champion was promoted {age} months ago, the limit is {limit}"
        yield Trigger.retrain("model_age", reason)


def definition_changed(case: Case) -> Iterator[Trigger]:
    """Bad means something else than to the champion: train by the new definition once it can be."""
    found = case.findings
    if not case.rule.definition_changed or not found.redefined:
        return
    reason = f"the definition of bad has changed: {found.redefined}"
    if found.matured >= found.needed and not found.shortage:
        yield Trigger.retrain("definition_changed", reason)
        return
    lack = found.shortage or f"{found.matured} of {found.needed} cohorts have matured by it"
    yield Trigger.watch("definition_changed", f"{reason}; {lack}: backfill its outcomes, or wait")


def business(case: Case) -> Iterator[Trigger]:
    for rule, numbers in sorted((case.findings.business or {}).items()):
        yield Trigger.retrain(f"business:{rule}", f"{rule} holds: {numbers}")


def contain_critical(case: Case) -> Iterator[Trigger]:
    """One critical matured axis: the champion's PDs are wrong and are published no longer."""
    for name in MATURED:
        if case.rule.contain_critical and case.findings.axes[name].state == "critical":
            reason = (
                f"{name} is critical on matured outcomes: no PD of {brief(case.findings.champion)}"
                " is published until another version is champion, or a named person lifts it"
            )
            yield Trigger("contain_critical", "contain", "none", reason)


def critical_stability(case: Case) -> Iterator[Trigger]:
    """Inputs that moved that far: stop publishing for them; nothing is retrained for it.

    Where outcomes say that the PDs are right, another mix of applicants is no fault of theirs.
    """
    if not case.rule.critical_stability or case.findings.axes["stability"].state != "critical":
        return
    if case.findings.axes["calibration"].state in ("green", "amber"):
        reason = "stability is critical and the PDs come true: watch who applies"
        yield Trigger.watch("critical_stability", reason)
        return
    reason = (
        "stability is critical: stop publishing for the affected segment until a named"
        " person decides"
    )
    yield Trigger("critical_stability", "contain", "none", reason)


def refresh(case: Case) -> Iterator[Trigger]:
    """A challenger on schedule: it is promoted only where it is superior."""
    age, every = case.findings.champion_age, case.rule.refresh
    tried = [month for month, past in case.current_tenure.items() if past.acted]
    last = max(tried, default=None)
    waited = months_between(last, case.findings.as_of) if last else age
    if every and waited >= every:
        reason = f"a challenger is due every {every} months, the last one was {waited} ago"
        yield Trigger.retrain("refresh", reason)


def red_axis(case: Case) -> Iterator[Trigger]:
    """Any red axis is watched at least."""
    for name in AXES:
        if case.findings.axes[name].red:
            state, days = case.findings.axes[name].state, case.rule.cause_days
            reason = f"{name} is {state}: find the cause within {days} days"
            yield Trigger.watch(f"red:{name}", reason)


def recovery(case: Case) -> Iterator[Trigger]:
    """Red is left behind only after some months below amber."""
    needed = case.rule.recovery
    for name in AXES if needed else ():
        last = max(case.red_months(name), default=None)
        now = case.findings.axes[name]
        if last and not now.red and not case.recovered(name, last, case.findings.as_of):
            reason = f"{name} was red in {last:%Y-%m} and has not been green {needed} months since"
            yield Trigger.watch(f"recovery:{name}", reason)


def insufficient_evidence(case: Case) -> Iterator[Trigger]:
    """Two axes or more without evidence for months: a person must look.

    Months that were not run, or were blocked, have no evidence either; they neither count nor
    begin the count anew.
    """
    needed = case.rule.insufficient_months
    measured = [past.axes for _, past in sorted(case.months.items()) if past.axes]
    shown = [*measured, case.findings.axes][-needed:]
    blind = (sum(axis.state == "insufficient" for axis in axes.values()) >= 2 for axes in shown)
    if needed and len(shown) == needed and all(blind):
        reason = (
            f"two axes or more had too little evidence in the last {needed} months measured;"
            " escalate: the model runs unobserved"
        )
        yield Trigger.watch("insufficient_evidence", reason)


def outage(case: Case) -> Iterator[Trigger]:
    """A source that is down is an outage, not drift."""
    for source in sorted(case.findings.outages):
        reason = f"{source} is down: an outage of the source, not drift of its values"
        yield Trigger.watch(f"outage:{source}", reason)


ADDED: tuple[Callable[[Case], Iterator[Trigger]], ...] = (
    critical_matured,
    persistence,
    recalibrate,
    model_age,
    definition_changed,
    refresh,
    business,
    contain_critical,
    critical_stability,
    red_axis,
    recovery,
    insufficient_evidence,
    outage,
)
