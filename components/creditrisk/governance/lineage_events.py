"""What each task of a month's run read and wrote, as OpenLineage events, by the manifests.

START with the time a task's record says, then COMPLETE or FAIL. Made again they are the same
events: a run's id follows from ours.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    dataset_version_dataset,
    error_message_run,
    output_statistics_output_dataset,
    parent_run,
)

from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.commits import Commit
from creditrisk.records.decision import newest_decision
from creditrisk.records.development import read_lineages
from creditrisk.records.format import RELEASE
from creditrisk.records.month import MonthRun
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store
from creditrisk.storage.location import Bucket, locate

PRODUCER = f"pkg:pypi/creditrisk@{RELEASE}"
PIPELINE = "monthly_lifecycle"
_LAYERS = {"bronze": "etl", "silver": "etl", "gold": "etl", "monitoring": "monitor"}
_MANIFEST = re.compile(r"lake/([^/]+/[^/]+)/manifests/")
_MONTH = re.compile(r"([^/]+/[^/]+)/\d{4}-\d{2}-\d{2}")
_NO_FILE = ("portfolio", "file", "rows astray")  # inputs of bronze that are no delivered file


@dataclass(frozen=True)
class Touched:
    """What a task read and wrote: names of datasets, and the commits among what was written."""

    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    commits: tuple[Commit, ...] = ()


def lineage_events(period: Period, run: MonthRun) -> Iterator[RunEvent]:
    """The run's START, each task's START and end, the run's end."""
    tasks = run.tasks
    if not tasks:
        return
    seen = touched(period.store, period.as_of, (task.task for task in tasks))
    made = _Events(period, run.run_id)
    whole: tuple[str, Touched, dict[str, Any]] = ("", Touched(), {})
    yield made.event(RunState.START, tasks[0].started, *whole)
    for task in tasks:
        what = (task.task, seen.get(task.task, Touched()))
        yield made.event(RunState.START, task.started, *what, made.parent())
        end = RunState.COMPLETE if task.status == "ok" else RunState.FAIL
        yield made.event(end, _ended(task), *what, made.parent() | made.error(task.error))
    end = RunState.COMPLETE if run.status == "ok" else RunState.FAIL
    yield made.event(end, max(map(_ended, tasks)), *whole)


def _ended(task: RunRecord) -> str:
    ended = datetime.fromisoformat(task.started) + timedelta(seconds=task.seconds)
    return ended.isoformat(timespec="milliseconds")


class _Events:
    """Events of one run; a task is a job below the pipeline's."""

    def __init__(self, period: Period, run_id: str) -> None:
        self._run_id = run_id
        self._jobs = os.environ.get("OPENLINEAGE_NAMESPACE") or period.portfolio.name
        self._namespace, self._root = _place(period.store)

    def event(
        self, state: RunState, at: str, task: str, what: Touched, facets: Mapping[str, Any]
    ) -> RunEvent:
        return RunEvent(
            eventTime=at,
            eventType=state,
            producer=PRODUCER,
            run=Run(self._id(task), dict(facets)),
            job=Job(self._jobs, f"{PIPELINE}.{task}" if task else PIPELINE),
            inputs=self._read(what),
            outputs=self._written(what),
        )

    def parent(self) -> dict[str, Any]:
        run, job = parent_run.Run(self._id("")), parent_run.Job(self._jobs, PIPELINE)
        return {"parent": parent_run.ParentRunFacet(run, job)}

    def error(self, text: str) -> dict[str, Any]:
        return {"errorMessage": error_message_run.ErrorMessageRunFacet(text, "en")} if text else {}

    def _id(self, task: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{self._namespace}/{self._root}/{self._run_id}/{task}"))

    def _read(self, what: Touched) -> list[InputDataset]:
        return [InputDataset(*self._named(name)) for name in sorted(what.inputs)]

    def _written(self, what: Touched) -> list[OutputDataset]:
        commits = {f"lake/{commit.table}": commit for commit in what.commits}
        return [
            OutputDataset(*self._named(name), **_facets(commits.get(name)))
            for name in sorted(what.outputs)
        ]

    def _named(self, name: str) -> tuple[str, str]:
        """Namespace and name as OpenLineage has them; a delivered file is known by its name."""
        if name.startswith("landing/"):
            return f"{self._jobs}.landing", name.removeprefix("landing/")
        return self._namespace, f"{self._root}/{name}".lstrip("/") if self._root else name


def _facets(commit: Commit | None) -> dict[str, Any]:
    if commit is None:
        return {}
    version = dataset_version_dataset.DatasetVersionDatasetFacet(
        f"{commit.month} v{commit.version}"
    )
    counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=commit.rows,
        size=sum(file.size for file in commit.files),
        fileCount=len(commit.files),
    )
    return {"facets": {"version": version}, "outputFacets": {"outputStatistics": counted}}


def _place(store: Store) -> tuple[str, str]:
    """Namespace and folder of a store: `s3://bucket` and the prefix, `file` and the path."""
    place = locate(store.uri)
    return (
        (f"s3://{place.name}", place.prefix) if isinstance(place, Bucket) else ("file", f"{place}")
    )


def touched(store: Store, as_of: date, tasks: Iterable[str]) -> Mapping[str, Touched]:
    """By task, what a month's manifests and records say it read and wrote."""
    lake, found = Lake(store), dict[str, Touched]()
    ran = set(tasks)
    for task, commits in _committed(lake, as_of, "rescore" in ran).items():
        written = {commit.table for commit in commits}
        read = {name for commit in commits for name in _inputs(commit)}
        outputs = frozenset(f"lake/{table}" for table in written)
        found[task] = Touched(frozenset(read) - outputs, outputs, tuple(commits))
    if decision := newest_decision(store, as_of):
        read = {f"lake/{table}" for table in decision.inputs}
        found["decide"] = Touched(frozenset(read), frozenset({layout.decisions(as_of).rstrip("/")}))
    made = [(id, one) for id, one in read_lineages(store).items() if one.as_of == as_of]
    keys = (key for _, one in made for key in one.data_version)
    read = {f"lake/{table[1]}" for key in keys if (table := _MANIFEST.match(key))}
    versions = frozenset(layout.version(id).rstrip("/") for id, _ in made)
    found["train"] = Touched(frozenset(read), versions)
    found |= {task: Touched(versions) for task in ("validate", "promote")}
    return {task: touch for task, touch in found.items() if task in ran}


def _committed(lake: Lake, as_of: date, rescored: bool) -> dict[str, list[Commit]]:
    """By task, the commits of a month; the second score of a month is another task's."""
    keys = (key for key in manifest_keys(lake.store) if key.split("/")[4] == as_of.isoformat())
    of_table: dict[str, list[str]] = {}
    for key in keys:
        of_table.setdefault("/".join(key.split("/")[1:3]), []).append(key)
    found: dict[str, list[Commit]] = {}
    for table, versions in of_table.items():
        task = _LAYERS.get(table.partition("/")[0], "score")
        if task == "score" and rescored:
            found.setdefault("rescore", []).append(lake.manifest(versions.pop()))
        if versions:
            found.setdefault(task, []).append(lake.manifest(versions[-1]))
    return found


def _inputs(commit: Commit) -> Iterator[str]:
    """Datasets a commit was made from: tables, versions, and for bronze delivered files."""
    for name in commit.inputs:
        if table := _MANIFEST.match(name) or _MONTH.fullmatch(name):
            yield f"lake/{table[1]}"
        elif name.startswith(layout.VERSIONS):
            yield layout.version(layout.version_of(name)).rstrip("/")
        elif commit.table.startswith("bronze/") and name not in _NO_FILE:
            yield f"landing/{name}"
