"""A populated store: months of findings, decisions and versions, written as stages write them.

Nothing is trained or run. Every number follows from the month's number: the same store each time.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS
from creditrisk.metrics.estimates import JeffreysGrade
from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.period import Period
from creditrisk.quality.page import write_page
from creditrisk.records.decision import Axis
from creditrisk.records.development import FeatureReference, Profile, Reference
from creditrisk.records.layout import VERSIONS
from creditrisk.records.measured_window import AucInterval
from creditrisk.records.quality import Check, save_report
from creditrisk.records.version_files import save_version
from creditrisk.stages.monitoring.finding import findings_table
from tests.builders.documents import ran, record, recorded_champion, recorded_decision
from tests.builders.evidence import card, gate, quality_report, window
from tests.builders.month_findings import (
    DRIFTS,
    EDGES,
    PROMOTED,
    ROWS,
    START,
    counts_of,
    feature,
    findings,
)
from tests.builders.small_lender import small_period
from tests.builders.versions import judged

AT = "2025-01-02T06:00:00.000+00:00"
REFUSED, BLOCKED, PENDING = 15, 18, 23


@dataclass(frozen=True)
class PopulatedStore:
    """The store's last month as a period, and how wide its findings are."""

    first: Period
    features: int = 12

    def month(self, n: int) -> Period:
        return replace(self.first, as_of=add_months(START, n))


def populated_store(root: Path, months: int = 24, features: int = 12) -> PopulatedStore:
    """A first champion, a drift that ends in a retraining, a refusal, a blocked month."""
    story = PopulatedStore(small_period(root, START), features)
    for n in range(months):
        run_month(story, n)
    return story


def run_month(story: PopulatedStore, n: int) -> None:
    """One more month, its story told last: the decision is what makes a month appear."""
    period = story.month(n)
    champion = champion_of(story, n)
    _quality(period, n)
    if n != BLOCKED:
        table = findings_table(list(findings(n, champion, story.features)), champion, period.as_of)
        period.lake.write(FINDINGS, period.as_of, table, inputs={"test": "1"}, code="test")
    if n in (0, PROMOTED, REFUSED, PENDING):
        _challenge(story, period, n)
    _run(period, n)
    _decide(period, n, champion)


def version(story: PopulatedStore, n: int) -> str:
    """The version made in month n."""
    keys = story.month(n).store.keys(VERSIONS)
    prefix = f"{add_months(START, n):%Y-%m}-"
    return next(key.split("/")[2] for key in keys if key.split("/")[2].startswith(prefix))


def champion_of(story: PopulatedStore, n: int) -> str:
    """The champion month n starts with."""
    return "" if n == 0 else version(story, PROMOTED if n > PROMOTED else 0)


def _challenge(story: PopulatedStore, period: Period, n: int) -> None:
    """A version, its validation and what became of it."""
    counts, bins = tuple(counts_of(0.0)), FrozenBins("numeric", tuple(EDGES))
    profile = Profile(
        score=Reference(bins, counts),
        masked_score={},
        features={
            feature(i): FeatureReference(bins, counts, 1 / (i + 1)) for i in range(story.features)
        },
        events_length={},
        rows=sum(counts),
        cohorts=(),
    )
    kind = "retrain" if n else "initial"
    cohort = add_months(START, n - 4)
    described = card(kind=kind, as_of=period.as_of, newest_development_cohort=cohort)
    files = {"card.json": described.encode(), "profile.json": profile.encode()}
    made = save_version(period.store, period.as_of, kind, files)
    verdict = "fail" if n == REFUSED else "pass"
    judged(period, made, verdict, **_found(period, verdict))
    if n in (0, PROMOTED):
        recorded_champion(period, made, period.as_of)
    if n == PENDING:
        request = {"version": made, "as_of": f"{period.as_of}", "requested_by": "ana",
                   "requested_at": AT, "evidence": "1" * 64}  # fmt: skip
        period.store.write(f"registry/pending/{made}.json", json.dumps(request).encode())


def _found(period: Period, verdict: str) -> dict[str, object]:
    windows = []
    for back in (6, 5, 4):
        auc = 0.66 if verdict == "fail" else 0.8 + 0.005 * back
        grades = tuple(
            JeffreysGrade(int(200 * pd) + back - 5, 200, pd, 0.4, 1.0, 0.4)
            for pd in (0.05, 0.1, 0.2, 0.3, 0.5)
        )
        area = AucInterval(auc=auc, se=0.015, lower=auc - 0.03, upper=auc + 0.03)
        month = add_months(period.as_of, -back)
        windows.append(window(month, rows=ROWS, bads=230, auc=area, grades=grades))
    state = "red" if verdict == "fail" else "green"
    floor = gate("auc_floor", state, window=windows[0].name, value=auc, reason="AUC, the floor")
    return {"windows": windows, "gates": (floor,), "reasons": ()}


def _quality(period: Period, n: int) -> None:
    severity = "block" if n == BLOCKED else "warn" if n in DRIFTS else "info"
    text = f"form: income empty in {40 + n} of 1000 rows"
    check = Check(
        "silver", "form", "empty", "income", 40 + n, 1000, (40 + n) / 1000, severity, text
    )
    info = Check(
        "silver", "form", "stripped", "debt", 12, 1000, 0.012, "info", "form: debt stripped"
    )
    report = quality_report(period.as_of, policy=period.policy.sha, checks=(check, info))
    save_report(period.store, report)
    write_page(period.store, report, period.policy.quality)


def _run(period: Period, n: int) -> None:
    blocked = n == BLOCKED
    names = ("etl",) if blocked else ("etl", "score", "monitor", "decide")
    status = "blocked" if blocked else "ok"
    error = "form: income empty in 58 of 1000 rows" if blocked else ""
    tasks = [
        record(task, status, error, started=AT, seconds=1.5 + number, peak_mb=200 + number)
        for number, task in enumerate(names)
    ]
    ran(period.store, period.as_of, *tasks, run_id=f"local-{n}", status=status)


def _decide(period: Period, n: int, champion: str) -> None:
    word, action, reason = _decision(n)
    matured = "red" if n == PROMOTED else "green"
    states = {"discrimination": matured, "calibration": matured}
    states["stability"] = "red" if n in DRIFTS else "green"
    cohorts = frozenset({period.as_of})
    axes = {} if n in (0, BLOCKED) else {
        axis: Axis(state, cohorts, f"{axis} is {state}") for axis, state in states.items()
    }  # fmt: skip
    recorded_decision(
        period, decision=word, action=action, reasons=(reason,), axes=axes,
        policy=period.policy.sha, champion=champion, key=f"{n}",
    )  # fmt: skip


def _decision(n: int) -> tuple[str, str, str]:
    if n == BLOCKED:
        return "blocked", "none", "form: income empty in 58 of 1000 rows"
    if n in (0, PROMOTED, REFUSED, PENDING):
        why = {0: "no champion yet", PROMOTED: "3 of 3 axes are red", REFUSED: "the model is old",
               PENDING: "expected loss is above its limit"}  # fmt: skip
        return "retrain", "retrain" if n else "initial", why[n]
    if n in DRIFTS:
        return "watch", "none", "stability is red: find the cause within 30 days"
    return "keep", "none", "all three axes are green"
