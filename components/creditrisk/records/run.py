"""Run records: what each task of a run did, kept in the store for the exit task and the CLI."""

import json
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from creditrisk.errors import GateError, UserError
from creditrisk.period import code_version, image
from creditrisk.records.format import begin
from creditrisk.storage import Store

Status = Literal["ok", "blocked", "failed"]
BEGUN = "begun"  # beside runs/, whose readers know whole records only


@dataclass(frozen=True)
class RunRecord:
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
    store.write(f"{BEGUN}/{run_id}/{name}", as_of.encode())
    status: Status = "failed"
    error, exit_code = "", 1
    try:
        begin(store, now())
        yield
        status, exit_code = "ok", 0
    except UserError as said:
        status, exit_code = ("blocked" if isinstance(said, GateError) else "failed"), said.exit_code
        error = str(said)
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(said.exit_code) from None
    except BaseException as said:
        error = f"{type(said).__name__}: {' '.join(str(said).split())[:500]}"
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
        data = json.dumps(asdict(record), sort_keys=True).encode()
        store.write(f"runs/{run_id}/{name}.json", data)


def killed(store: Store, run_id: str) -> list[RunRecord]:
    """A record for each task of a run that began and left none; of a run that has ended."""
    told = {record.task for record in run_records(store, run_id)}
    begun = {key.rpartition("/")[2]: key for key in store.keys(f"{BEGUN}/{run_id}/")}
    error = "it left no record: it was killed, as Linux does when memory runs out"
    return [
        RunRecord(run_id, name, store.read(key).decode(), "failed", now(), 0.0, 0, 1, error)
        for name, key in begun.items()
        if name not in told
    ]


def run_records(store: Store, run_id: str) -> list[RunRecord]:
    """The tasks of a run, in the order they started."""
    found = (RunRecord(**json.loads(store.read(key))) for key in store.keys(f"runs/{run_id}/"))
    return sorted(found, key=lambda record: record.started)
