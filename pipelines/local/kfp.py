"""The same pipelines on a laptop: kfp.local, one subprocess per task, no cluster, no pip."""

import io
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from kfp import local

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.records.format import open_store
from creditrisk.records.run import RunRecord, killed, run_records, unrecorded
from creditrisk.storage import Store
from pipelines.local.interrupt import freed_on_interrupt
from pipelines.local.task_process import guarded_tasks

_POLL = 0.5  # seconds between two looks at the run's records
_COLOUR = re.compile(r"\x1b\[\d+m")


@dataclass(frozen=True)
class LocalRun:
    """What a run left behind: one record per task that ran, in order."""

    run_id: str
    records: tuple[RunRecord, ...]
    log: str  # what kfp and the tasks printed

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(record.task for record in self.records)

    @property
    def failure(self) -> RunRecord | None:
        """The first task that failed or was blocked."""
        return next((record for record in self.records if record.status != "ok"), None)


@dataclass(frozen=True)
class Listener:
    """Who hears of each task that has begun, and of the record of each that has ended."""

    begun: Callable[[str], None] = lambda _: None
    ended: Callable[[RunRecord], None] = lambda _: None


def run_locally(
    build: Callable[..., Callable[..., Any]],
    store: Store,
    arguments: dict[str, str],
    listener: Listener | None = None,
    runner: local.DockerRunner | None = None,
) -> LocalRun:
    """Run a pipeline against `store`; `listener` hears of its tasks.

    A task is a subprocess, or what `runner` makes of it. One that
    failed does not raise: look at `failure`.
    """
    run_id = f"local-{uuid4().hex[:8]}"
    pipeline = build(scheduled_at="", run_id=run_id, retries=0)
    root = Path("build/kfp") / run_id
    root.mkdir(parents=True)
    if runner:
        root.chmod(0o777)  # the images have a user of their own
    local.init(
        runner or local.SubprocessRunner(use_venv=False),
        pipeline_root=str(root),
        workspace_root="",  # no task asks for one, and a kill would leave it in /tmp
        raise_on_error=True,
    )
    log, stopped = io.StringIO(), ""
    with (
        # Python would import a file of the folder it is started in before what is installed
        _environment(CREDITRISK_STORE=store.uri, PYTHONSAFEPATH="1"),
        freed_on_interrupt(store, run_id),
        looking(_Watch(store, run_id, listener or Listener()).look, _POLL),
        _quiet(log),
        guarded_tasks(),
    ):
        try:
            pipeline(**arguments)
        except (RuntimeError, ValueError) as error:  # a task failed, or its output is missing
            stopped = _COLOUR.sub("", str(error))
            log.write(f"\n{stopped}\n")
    (root / "log.txt").write_text(log.getvalue(), "utf-8")
    opened = open_store(store.uri)
    dead = (_with_last_words(record, store, log.getvalue()) for record in killed(opened, run_id))
    records = (*run_records(opened, run_id), *dead)
    recorded = any(record.status != "ok" for record in records)
    if stopped and not recorded:
        why = f"a task left no record. kfp: {stopped} ({root}/log.txt)"
        records += (unrecorded(run_id, "kfp.local", arguments.get("as_of", ""), why),)
    return LocalRun(run_id, records, log.getvalue())


def _with_last_words(record: RunRecord, store: Store, log: str) -> RunRecord:
    """A task that left no record because its store took none: its last line has the reason."""
    found = re.search(rf"^\s*{record.task}: ({re.escape(store.uri)}.*)$", log, re.MULTILINE)
    if found is None:
        return record
    return record.model_copy(update={"error": found[1], "exit_code": UserError.exit_code})


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set variables for the tasks, which inherit them, and put the old ones back."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def _quiet(log: io.StringIO) -> Iterator[None]:
    """kfp.local prints every task's log and a traceback per failure: keep it in a file."""
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    before = root.handlers, root.level
    root.handlers, root.level = [handler], logging.INFO
    with redirect_stdout(log), redirect_stderr(log), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            root.handlers, root.level = before


@contextmanager
def looking(look: Callable[[], None], every: float) -> Iterator[None]:
    """Call `look` each so many seconds while what is inside runs, and once when it has ended."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every):
            look()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        look()


class _Watch:
    """Watches the tasks of a run, and calls its listener with what is new."""

    def __init__(self, store: Store, run_id: str, listener: Listener) -> None:
        self._store, self._run_id, self._listener = store, run_id, listener
        self._begun, self._ended = set[str](), set[str]()

    def look(self) -> None:
        begun = {layout.name_of(key) for key in self._store.keys(layout.begun(self._run_id))}
        for record in run_records(self._store, self._run_id):
            if record.task not in self._ended:
                self._ended.add(record.task)
                self._listener.ended(record)
        for task in sorted(begun - self._begun - self._ended):
            self._listener.begun(task)
        self._begun |= begun
