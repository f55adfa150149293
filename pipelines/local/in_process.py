"""The monthly life cycle in one process and one Spark session: for backtests and long demos.

The same stages in the same order as `pipelines.monthly`, without kfp; a test holds the
two to the same tasks, decisions and digests. Evidently draws nothing and nobody is alerted:
these months are history.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from uuid import uuid4

from creditrisk.calendar import month_range
from creditrisk.period import Period
from creditrisk.records.resolved import Resolved
from creditrisk.records.run import RunRecord, now, run_records
from creditrisk.reports.report import report
from creditrisk.stages.closing.close import close
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.decision.resolve import resolve
from creditrisk.stages.etl.month import build_month, build_range
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.scoring.score import score
from creditrisk.stages.task import task
from creditrisk.stages.training.train import refit_after_pass, train
from creditrisk.stages.validation.validate import validate
from creditrisk.storage import Store


def replay(
    store: Store,
    landing: str,
    config: str,
    start: date,
    end: date,
    on_month: Callable[[date, list[RunRecord]], None],
) -> None:
    """Live every month from `start` to `end`, one by one.

    The whole range goes into the lake first, one Spark job per table: no stage looks past
    its `as_of`, so the months see what they would have seen. A month that ends on bad
    input or at a gate does not stop the range; a crash does.
    """
    with (
        suppress(SystemExit),  # whatever stops it stops its own month again, and says so there
        task("backfill", f"{end}", config, f"replay-{start}-{end}") as period,
    ):
        build_range(period, landing, start, end)
    for month in month_range(start, end):
        run_id = run_month(landing, config, month)
        on_month(month, run_records(store, run_id))


def run_month(landing: str, config: str, month: date, supersede: str = "") -> str:
    """One month, as `monthly_lifecycle` does it; returns the run's id."""
    run_id = f"replay-{month}-{uuid4().hex[:8]}"
    try:
        with suppress(SystemExit):  # a stage said in its record why the month ends here
            resolved = resolve(month.isoformat(), "", config, run_id, lease=True)
            _run_month(_Run(run_id, resolved), landing, supersede)
    finally:
        report(close(run_id))
    return run_id


class _Run:
    """What the stages of one run have in common."""

    def __init__(self, run_id: str, resolved: Resolved) -> None:
        self.run_id, self.champion = run_id, resolved.champion
        self.month, self.config = resolved.month, resolved.config

    @contextmanager
    def task(self, name: str) -> Iterator[Period]:
        with task(name, self.month, self.config, self.run_id) as period:
            yield period


def _run_month(run: _Run, landing: str, supersede: str) -> None:
    with run.task("etl") as period:
        build_month(period, landing)
    with run.task("score") as period:
        score(period, run.champion)
    with run.task("monitor") as period:
        monitor(period, run.champion)
    with run.task("decide") as period:
        action = decide(period, run.champion, supersede, at=now()).branch
    if action != "none":
        _challenge(run, action)


def _challenge(run: _Run, kind: str) -> None:
    with run.task("train") as period:
        version = train(period, kind if run.champion else "initial", run.champion, at=now())
    with run.task("validate") as period:
        verdict = validate(period, version, run.champion, at=now())
    if verdict != "pass":
        return
    with run.task("refit") as period:
        version = refit_after_pass(period, version, at=now())
    with run.task("promote") as period:
        promoted = promote(period, version, actor="pipeline", at=now())
    if promoted == "promoted":
        with run.task("rescore") as period:
            score(period, version, rescored=True)
