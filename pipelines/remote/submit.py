"""One run by hand: submitted, watched task by task, with its outcome."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from creditrisk.errors import UserError
from pipelines.installation import installation
from pipelines.remote.api import Api
from pipelines.remote.deploy import Version, called

POLL = 5.0  # seconds between two looks
LAST_LOOKS = 6  # after a run's end: KFP's server writes it before it writes its last tasks
SILENCE = 120.0  # seconds until a run of which nothing is reported is worth a word
_RAN = ("SUCCEEDED", "FAILED")
_ENDED = (*_RAN, "CANCELED", "SKIPPED")


@dataclass(frozen=True)
class Task:
    """A task of a run, as the server reports it."""

    name: str
    title: str
    state: str  # SUCCEEDED, FAILED, ...
    seconds: float
    error: str


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and the tasks that did."""

    run_id: str
    state: str
    link: str
    error: str
    tasks: tuple[Task, ...]


def submit(api: Api, version: Version, parameters: dict[str, str], title: str) -> str:
    """Start a run of a version; its id. An answer that is lost does not start a second one."""
    api.require_known()
    name = f"{title} {version.pipeline} {uuid4().hex[:6]}"  # a list of runs is read by month
    unknown = parameters.keys() - version.spec["root"]["inputDefinitions"]["parameters"].keys()
    if unknown:
        raise UserError(
            f"version {version.name} of {version.pipeline} takes no {', '.join(sorted(unknown))};"
            " run creditrisk deploy"
        )
    group = experiment(api)
    listing = partial(api.client.list_runs, experiment_id=group, filter=called(name))
    start = partial(
        api.client.run_pipeline,
        group,
        name,
        params=parameters,
        pipeline_id=version.pipeline_id,
        version_id=version.id,
        service_account=api.endpoint.account,
    )
    run, _ = api.change(
        f"run {name}", start, find=lambda: next(api.pages("runs", listing, "runs"), None)
    )
    return str(run.run_id)


def watch(
    api: Api,
    run_id: str,
    version: Version,
    on_task: Callable[[Task], None],
    say: Callable[[str], None],
) -> Outcome:
    """Wait until a run ends; `on_task` hears of each task that ended, once.

    `say` hears, once, that the server knows nothing of a run that it took.
    """
    titles = dict(_titles(version.spec))
    last, looks = set(_last(version.spec)), LAST_LOOKS
    body: dict[str, Task] = {}
    silent_from = time.monotonic() + SILENCE
    while True:
        run = api.ask(f"run {run_id}", partial(api.client.get_run, run_id))
        for task in _tasks(run, titles):
            if task.name not in body and task.state in _RAN:
                body[task.name] = task
                on_task(task)
        if run.state in _RAN and looks and not last <= body.keys():
            looks -= 1
        elif run.state in _ENDED:
            error = (run.error and run.error.message) or ""
            link = api.run_page(run_id)
            return Outcome(run_id, run.state, link, error, tuple(body.values()))
        if run.state == "PENDING" and time.monotonic() > silent_from:
            silent_from = math.inf
            say(
                f"Kubeflow has reported nothing of the run for {SILENCE:.0f} s: is its"
                " workflow-controller at work, and ml-pipeline-persistenceagent?"
                f" kubectl -n {api.endpoint.namespace} get workflows,pods"
            )
        time.sleep(POLL)


def experiment(api: Api) -> str:
    """The experiment our runs are under, made when absent."""
    made, _ = api.change(
        f"experiment {installation()}",
        partial(api.client.create_experiment, installation(), namespace=api.namespace),
    )
    return str(made.experiment_id)


def _last(spec: dict[str, Any]) -> Iterator[str]:
    """Names of the tasks that run after everything else, whatever became of it."""
    for name, task in spec["root"]["dag"]["tasks"].items():
        if task.get("triggerPolicy", {}).get("strategy") == "ALL_UPSTREAM_TASKS_COMPLETED":
            yield name


def _titles(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and display names of the tasks that have a container, groups left out."""
    components = spec["components"]
    for dag in (spec["root"], *components.values()):
        for name, task in dag.get("dag", {}).get("tasks", {}).items():
            if "executorLabel" in components[task["componentRef"]["name"]]:
                yield name, task["taskInfo"]["name"]


def _tasks(run: Any, titles: dict[str, str]) -> Iterator[Task]:  # noqa: ANN401 - the client ships no types
    details = (run.run_details and run.run_details.task_details) or ()
    for detail in sorted(details, key=lambda d: f"{d.end_time}"):
        if detail.display_name in titles:  # the rest are drivers and groups
            took = detail.start_time and detail.end_time and detail.end_time - detail.start_time
            yield Task(
                detail.display_name,
                titles[detail.display_name],
                detail.state or "",
                max(0.0, took.total_seconds()) if took else 0.0,
                (detail.error and detail.error.message) or "",
            )
