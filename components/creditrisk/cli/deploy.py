"""Pipelines to the cluster: `deploy`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, progress
from creditrisk.errors import UserError

if TYPE_CHECKING:
    from pipelines.remote.endpoint import Endpoint
    from pipelines.remote.packages import Package


@app.command()
def deploy(
    package_dir: options.PackageDir = None,
    check: Annotated[
        bool, typer.Option("--check", help="First look for what the pods of a run refer to.")
    ] = False,
    host: options.Host = "",
    namespace: options.Namespace = "",
    as_json: options.Json = False,
) -> None:
    """Upload every pipeline of this release to a cluster.

    What is the newest already stays as it is.
    """
    from pipelines.remote.api import Api
    from pipelines.remote.deploy import deploy as upload
    from pipelines.remote.packages import packages

    api = Api.at(host, namespace)
    with packages(package_dir) as found:
        if check:
            _refuse_missing(api.endpoint, found)
        done = []
        for item in upload(api, found):
            done.append(asdict(item))
            if as_json:
                continue
            text = "uploaded" if item.uploaded else "there already"
            console.print(f"{item.pipeline} {item.version} {text}")
    if as_json:
        answer(done)


def _refuse_missing(endpoint: "Endpoint", found: "list[Package]") -> None:
    from pipelines.remote.cluster import connect, look
    from pipelines.remote.packages import needs_of

    findings = list(look(connect(), endpoint.namespace, endpoint.account, needs_of(found)))
    for finding in findings:
        if finding.state == "warn":
            progress.print(f"{finding.name}: {finding.says}", soft_wrap=True)
    failed = [finding for finding in findings if finding.state == "fail"]
    if failed:
        text = "; ".join(f"{finding.name} {finding.says}" for finding in failed)
        raise UserError(f"nothing was uploaded: {text}; {failed[0].move}")
