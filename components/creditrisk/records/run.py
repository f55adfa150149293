"""Run records: what each task of a run did, kept in the store for the exit task and the CLI."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

from creditrisk.errors import GateError, UserError, printable, system_refusals
from creditrisk.period import code_version, image
from creditrisk.records import layout
from creditrisk.records.document import Line
from creditrisk.records.format import begin
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel

Status = Literal["ok", "blocked", "failed"]


class RunRecord(Line):
    """One task of one run. `seconds` of wall time, `peak_mb` of the process's memory.

    `code` and `image`: what ran; empty in records of releases that did not say.
    """

    run_id: str
    task: str
    as_of: str
    status: Status
    started: str
    seconds: float
    peak_mb: int
    exit_code: int
    error: str
    code: str = ""
    image: str = ""


def now() -> str:
    """The wall clock, UTC, ISO 8601: the one place that looks at it."""
    return _clock().isoformat(timespec="milliseconds")


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a run record says when it ran


@contextmanager
def recorded(store: Store, name: str, as_of: str, run_id: str) -> Iterator[None]:
    """Leave a record of what happens inside, whatever happens; a kill leaves that it began."""
    started, code, ran_in = _clock(), code_version(), image()
    status: Status = "failed"
    error, exit_code = "", 1
    try:
        with system_refusals():
            store.write(layout.begun(run_id, name), as_of.encode())
            begin(store, now())
            yield
        status, exit_code = "ok", 0
    except UserError as refusal:
        status = "blocked" if isinstance(refusal, GateError) else "failed"
        error, exit_code = str(refusal), refusal.exit_code
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(exit_code) from None
    except BaseException as crash:
        error = printable(f"{type(crash).__name__}: {' '.join(str(crash).split())[:500]}")
        raise
    finally:
        record = RunRecord(
            run_id=run_id,
            task=name,
            as_of=as_of,
            status=status,
            started=started.isoformat(timespec="milliseconds"),
            seconds=round((_clock() - started).total_seconds(), 3),
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            exit_code=exit_code,
            error=error,
            code=code,
            image=ran_in,
        )
        try:
            store.write(layout.task(run_id, name), record.encode())
        except UserError as unkept:  # a full disk, or a server that is away
            if not error.startswith(str(unkept)):  # else it is printed already
                sys.stderr.write(f"{name}: {unkept}\n")
            if status == "ok":
                raise SystemExit(unkept.exit_code) from None


def killed(store: Store, run_id: str) -> list[RunRecord]:
    """A record for each task of a run that began and left none; of a run that has ended."""
    ended = {record.task for record in run_records(store, run_id)}
    lost = (key for key in store.keys(layout.begun(run_id)) if layout.name_of(key) not in ended)
    error = "it left no record: it was terminated, or its time or its memory ran out"
    return [
        unrecorded(run_id, layout.name_of(key), store.read(key).decode(errors="replace"), error)
        for key in lost
    ]


def unrecorded(run_id: str, task: str, as_of: str, error: str) -> RunRecord:
    """A record of what failed before it could leave one itself."""
    return RunRecord(
        run_id=run_id,
        task=task,
        as_of=as_of,
        status="failed",
        started=now(),
        seconds=0.0,
        peak_mb=0,
        exit_code=1,
        error=error,
    )


def run_records(store: Store, run_id: str) -> list[RunRecord]:
    """The tasks of a run, in the order they started."""
    found = (RunRecord.need(store, key) for key in store.keys(layout.run(run_id)))
    return sorted(found, key=lambda record: record.started)


def every_run_record(store: Store) -> list[RunRecord]:
    """The tasks of all runs, by run; read many at once."""
    return in_parallel(lambda key: RunRecord.need(store, key), store.keys(layout.RUNS))
