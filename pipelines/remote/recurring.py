"""The recurring runs of our monthly life cycle, as the server lists them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipelines.installation import named
from pipelines.remote.api import Api
from pipelines.remote.cron_syntax import FIELDS
from pipelines.remote.deploy import find_pipeline
from pipelines.remote.packages import MONTHLY

_DIGITS = 8  # of a declaration's hash, in its name


def name_of(digest: str) -> str:
    """What `apply` calls the declaration of that hash."""
    return f"{named(MONTHLY)}-{digest[:_DIGITS]}"


@dataclass(frozen=True)
class Schedule:
    """A recurring run on the server."""

    id: str
    name: str
    cron: str
    catch_up: bool
    active: bool
    version_id: str
    parameters: dict[str, str]
    max_concurrency: int
    account: str

    @property
    def ours(self) -> bool:
        """Made by `apply`: not by hand, by another tool, or for another portfolio."""
        return _made_here(self.name)

    def faults(self) -> Iterator[str]:
        """What would run a wrong month, or two at once."""
        if len(self.cron.split()) != len(FIELDS):
            yield f"its cron '{self.cron}' has not six fields"
        if self.max_concurrency != 1:
            yield f"it may run {self.max_concurrency} months at once"
        if self.parameters.get("as_of"):
            yield f"it runs {self.parameters['as_of']} every time"


def schedules(api: Api) -> list[Schedule]:
    """Every recurring run of this installation's monthly life cycle, whoever made it."""
    pipeline_id = find_pipeline(api, named(MONTHLY))
    listing = partial(api.client.list_recurring_runs, namespace=api.namespace)
    found = api.pages("schedules", listing, "recurring_runs")
    return [_schedule(run) for run in found if _concerns(run, pipeline_id)]


def _concerns(run: Any, pipeline_id: str | None) -> bool:  # noqa: ANN401 - the client ships no types
    reference = run.pipeline_version_reference
    return (
        _made_here(f"{run.display_name}")
        or (reference is not None and reference.pipeline_id == pipeline_id is not None)
        or _compiled_here(run.pipeline_spec or {})  # submitted as a file
    )


def _made_here(name: str) -> bool:
    return re.fullmatch(rf"{named(MONTHLY)}-[0-9a-f]{{{_DIGITS}}}", name) is not None


def _compiled_here(spec: dict[str, Any]) -> bool:
    """A monthly life cycle whose pods read this installation's settings, or nobody's by name."""
    info = spec.get("pipeline_spec", spec).get("pipelineInfo", {})
    read = set(re.findall(r'"(creditrisk[a-z0-9-]*-env)"', json.dumps(spec, default=str)))
    return info.get("name") == MONTHLY and (not read or named("env") in read)


def _schedule(run: Any) -> Schedule:  # noqa: ANN401 - the client ships no types
    timer = run.trigger.cron_schedule if run.trigger else None
    reference, settings = run.pipeline_version_reference, run.runtime_config
    return Schedule(
        id=run.recurring_run_id,
        name=f"{run.display_name}",
        cron=(timer and timer.cron) or "",
        catch_up=not run.no_catchup,
        active=run.status == "ENABLED",
        version_id=(reference and reference.pipeline_version_id) or "",
        parameters=dict((settings and settings.parameters) or {}),
        max_concurrency=int(run.max_concurrency or 0),
        account=run.service_account or "",
    )
