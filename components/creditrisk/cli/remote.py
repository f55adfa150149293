"""What the commands that talk to a cluster share, and runs on it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from creditrisk.cli.app import answer, opened, progress, styled
from creditrisk.errors import UserError, printable
from creditrisk.records.format import open_store
from creditrisk.records.run import run_records
from creditrisk.storage.location import in_bucket

if TYPE_CHECKING:
    from pipelines.remote.submit import Outcome, Task


def frozen(store: str, policy: Path | None, portfolio: Path | None) -> str:
    """The name of a policy or portfolio of this machine, frozen in the cluster's own store."""
    if not (policy or portfolio):
        return ""  # the cluster's own
    if not in_bucket(store):
        raise UserError(
            "--policy and --portfolio with --remote are frozen in the store the pods use: give"
            " it as --store s3://bucket/prefix, or leave them to the cluster's ConfigMaps"
        )
    return opened(store, policy, portfolio)[1]


@dataclass(frozen=True)
class On:
    """Where a run goes, and what its caller does meanwhile."""

    version: str
    host: str
    namespace: str
    wait: bool
    store: str
    as_json: bool

    def run(self, pipeline: str, title: str, parameters: dict[str, str]) -> int:
        """Submit a run and stay with it; the exit code to leave with."""
        from pipelines.installation import named
        from pipelines.remote.api import Api
        from pipelines.remote.deploy import find_version
        from pipelines.remote.submit import submit, watch

        api = Api.at(self.host, self.namespace)
        found = find_version(api, named(pipeline), self.version)
        given = {name: value for name, value in parameters.items() if value}
        run_id = submit(api, found, given, title)
        link = api.run_page(run_id)
        progress.print(f"{found.pipeline} {title}, version {found.name}")
        if not self.wait:
            if self.as_json:
                answer({"run_id": run_id, "link": link})
            else:
                typer.echo(printable(link))
            return 0
        say = partial(progress.print, soft_wrap=True)
        try:
            ended = watch(api, run_id, found, on_task=task_line, say=say)
        except UserError as error:
            raise UserError(f"{error}; the run goes on: {link}") from None
        except KeyboardInterrupt:
            progress.print(f"the run goes on: {link}", soft_wrap=True)
            raise
        if self.as_json:
            answer(ended)
        else:
            typer.echo(printable(f"{ended.state.lower()}: {link}"))
        return 0 if ended.state == "SUCCEEDED" else report(ended, self.store)


def task_line(task: "Task") -> None:
    """Say that a task ended."""
    mark = styled("done", "green") if task.state == "SUCCEEDED" else styled("failed", "red")
    progress.print(f"  {task.title:<30}", mark, f"{task.seconds:6.0f} s")


def report(ended: "Outcome", store: str) -> int:
    """One line on why a run did not succeed; its exit code where the store has it."""
    if in_bucket(store):
        for record in run_records(open_store(store), ended.run_id):
            if record.status != "ok":
                typer.echo(printable(f"creditrisk: {record.task}: {record.error}"), err=True)
                return record.exit_code
    failed = next((task for task in ended.tasks if task.state == "FAILED"), None)
    why = (failed and f"{failed.title}: {failed.error or 'failed'}") or ended.error
    hint = "--store s3://bucket/prefix would say why" if not store else "its log says why"
    text = f"creditrisk: {why or f'the run was {ended.state.lower()}'}; {hint}"
    typer.echo(printable(text), err=True)
    return 1
