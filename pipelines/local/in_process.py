"""The same pipelines in one process and one Spark session: for backtests and long demos.

The pipeline is traced as kfp traces it to compile it; then each task's function is called here,
with artifacts in files, and each condition is looked at. Evidently draws nothing and nobody is
alerted: these months are history.
"""

import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, get_type_hints
from uuid import uuid4

from kfp.dsl.graph_component import GraphComponent
from kfp.dsl.pipeline_channel import ConditionOperation, PipelineChannel
from kfp.dsl.pipeline_context import Pipeline
from kfp.dsl.python_component import PythonComponent
from kfp.dsl.tasks_group import TasksGroup

from creditrisk.calendar_month import month_range
from creditrisk.records.format import open_store
from creditrisk.records.lease import LostLeaseError
from creditrisk.records.run import RunRecord, run_records
from creditrisk.reports.write_report import report
from creditrisk.stages.closing.close import close
from creditrisk.stages.etl.component import backfill
from creditrisk.stages.runtime import COMPONENTS
from creditrisk.storage import AwayError, Store
from creditrisk.temporary_folder import temporary_folder
from pipelines import monthly
from pipelines.local.interrupt import freed_on_interrupt

FOR_PEOPLE = ("evidently",)  # tasks whose outputs no other task reads
_OPERATORS = {"==": operator.eq, "!=": operator.ne}


def replay(  # noqa: PLR0913 - what a month takes, and the range
    store: Store,
    landing: str,
    config: str,
    start: date,
    end: date,
    on_month: Callable[[date, list[RunRecord]], None],
    supersede: str = "",
) -> None:
    """Run every month from `start` to `end`, one by one.

    The whole range goes into the lake first, one Spark job per table: no stage looks past
    its `as_of`, so the months see what they would have seen. A month that ends on bad
    input or at a gate does not stop the range; a crash and a lost lease do.
    """
    run_id = f"replay-{start}-{end}"
    with suppress(SystemExit):  # whatever stops it stops its own month again, and says so there
        backfill.python_func(config, run_id, landing, f"{start}", f"{end}")
    for month in month_range(start, end):
        run_id = run_month(landing, config, month, supersede)
        on_month(month, run_records(store, run_id))


def run_month(landing: str, config: str, month: date, supersede: str = "") -> str:
    """One month of `monthly_lifecycle`; returns the run's id."""
    run_id = f"replay-{month}-{uuid4().hex[:8]}"
    arguments = {"as_of": f"{month}", "landing": landing, "config": config, "supersede": supersede}
    with freed_on_interrupt(open_store(), run_id):
        lost: SystemExit | None = None
        try:
            run(monthly.build(scheduled_at="", run_id=run_id, retries=0), arguments, FOR_PEOPLE)
        except SystemExit as end:  # the task's record has the reason why the month ends here
            lost = end if isinstance(end.__context__, LostLeaseError | AwayError) else None
        except Exception:
            close(run_id)
            raise
        report(close(run_id))  # in place of the exit task, which alerts
        if lost:  # the store is another run's, or away, and Java was ended with the task
            raise lost
    return run_id


def run(pipeline: GraphComponent, arguments: Mapping[str, str], without: tuple[str, ...]) -> None:
    """Call a pipeline's tasks one after another, but its exit task and those named `without`.

    What a task raises ends it.
    """
    with Pipeline(pipeline.name) as traced:
        pipeline.pipeline_func(**arguments)
    with temporary_folder() as folder:
        _Run(folder, without).group(traced.groups[0])


def call(component: PythonComponent, inputs: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A component's outputs by name, artifacts in a new `folder`; its only value is `Output`."""
    folder.mkdir()
    artifacts = {
        name: kind(name=name, uri=str(folder / name))
        for name, kind in get_type_hints(component.python_func).items()
        if name not in inputs and name != "return"
    }
    found = component.python_func(**inputs, **artifacts)
    values = found._asdict() if hasattr(found, "_asdict") else {"Output": found}
    return artifacts | values


class _Run:
    """The outputs so far, by task: values, and artifacts in files of `folder`."""

    def __init__(self, folder: Path, without: tuple[str, ...]) -> None:
        self.folder, self.without = folder, without
        self.outputs: dict[str, dict[str, Any]] = {}

    def group(self, group: TasksGroup) -> None:
        """The group's tasks as they are written, then the groups in it: none feeds a task of it."""
        for task in group.tasks:
            if task.name not in self.without:
                inputs = {name: self.value(given) for name, given in task.inputs.items()}
                component = COMPONENTS[task.component_spec.name]
                self.outputs[task.name] = call(component, inputs, self.folder / task.name)
        for inner in group.groups:
            if all(map(self.holds, getattr(inner, "conditions", ()))):
                self.group(inner)

    def holds(self, condition: ConditionOperation) -> bool:
        left, right = self.value(condition.left_operand), self.value(condition.right_operand)
        return bool(_OPERATORS[condition.operator](left, right) != condition.negate)

    def value(self, given: Any) -> Any:  # noqa: ANN401 - a literal of any type, or a task's output
        if isinstance(given, PipelineChannel):
            return self.outputs[given.task_name][given.name]
        return given
