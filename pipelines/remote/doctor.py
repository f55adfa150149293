"""Whether a month could run on the cluster: what `doctor --remote` looks at."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from creditrisk.check_result import CheckResult
from creditrisk.errors import UserError
from pipelines.installation import installation, named
from pipelines.remote.api import Api, older_than_known
from pipelines.remote.cluster import connect, look
from pipelines.remote.deploy import find_version
from pipelines.remote.endpoint import pods
from pipelines.remote.packages import MONTHLY, Package, needs_of, packages
from pipelines.remote.preflight import nodes_for, preflight
from pipelines.remote.recurring import schedules
from pipelines.remote.release import read_release


def examine(host: str, namespace: str) -> Iterator[CheckResult]:
    """Server, pipelines, schedule, the objects of a run; each is looked at whatever the others."""
    try:
        with packages(None) as found:
            compiled = list(found)
    except UserError as error:
        yield CheckResult("packages", "fail", str(error), "make compile")
        return
    images = sorted({image for package in compiled for image in package.images})
    yield CheckResult("images", "ok", f"pinned: {', '.join(images)}")
    yield from _kubeflow(host, namespace, compiled)
    try:
        core = connect()
        yield from look(core, *pods(namespace), needs_of(compiled))
        yield from nodes_for(core, installation(), frozenset(images))
    except UserError as error:
        yield CheckResult(
            "Kubernetes", "warn", str(error), "service account and Secrets not looked at"
        )


def _kubeflow(host: str, namespace: str, compiled: list[Package]) -> Iterator[CheckResult]:
    try:
        api = Api.at(host, namespace)
        yield _server(api)
        yield from (_pipeline(api, package) for package in compiled)
        yield _schedule(api)
    except UserError as error:
        yield CheckResult("Kubeflow", "fail", str(error), "what follows of it was not looked at")


def _server(api: Api) -> CheckResult:
    served, sdk = str(api.health.get("tag_name", "unknown")), version("kfp")
    kind = "for many users" if api.namespace else "for one user"
    says = f"{api.endpoint.host} {served}, {kind}; kfp here {sdk}"
    if fault := older_than_known(served):
        return CheckResult("Kubeflow", "fail", f"{api.endpoint.host}: {fault}", "upgrade it")
    if served.split(".")[:2] == sdk.split(".")[:2]:
        return CheckResult("Kubeflow", "ok", says)
    return CheckResult("Kubeflow", "warn", says, f"the tests ran on Kubeflow Pipelines {sdk}")


def _pipeline(api: Api, package: Package) -> CheckResult:
    try:
        newest = find_version(api, package.pipeline)
    except UserError as error:
        return CheckResult(package.pipeline, "fail", str(error), "creditrisk deploy")
    if newest.content == package.version:
        return CheckResult(package.pipeline, "ok", f"newest is {newest.name}, as compiled here")
    says = f"newest is {newest.name}, compiled here is {package.version}"
    move = "creditrisk deploy, or set the image variables the deployment had"
    return CheckResult(package.pipeline, "warn", says, move)


def _schedule(api: Api) -> CheckResult:
    found = schedules(api)
    active = [schedule for schedule in found if schedule.active]
    if len(found) == 1 and not active and not any(found[0].faults()):
        says = f"{found[0].name} is paused: no month runs by itself"
        return CheckResult("schedule", "warn", says, "creditrisk schedule resume")
    if len(active) != 1:
        says = f"{len(active)} active of {len(found)}, one is wanted"
        return CheckResult("schedule", "fail", says, "creditrisk schedule apply")
    [one] = active
    says = f"{one.name}, '{one.cron}', {'with' if one.catch_up else 'without'} catch-up"
    if fault := next(one.faults(), None):
        return CheckResult("schedule", "fail", f"{says}: {fault}", "creditrisk schedule apply")
    newest = find_version(api, named(MONTHLY))
    if one.version_id != newest.id:
        says = f"{says}: not the newest version, {newest.name}"
        return CheckResult("schedule", "warn", says, "creditrisk schedule apply")
    return CheckResult("schedule", "ok", says)


def before(release: Path) -> Iterator[CheckResult]:
    """Whether the cluster can take what `helm template` printed; nothing of it is there yet."""
    asked = read_release(release)
    try:
        yield from preflight(connect(), asked)
    except UserError as error:
        yield CheckResult("cluster", "fail", str(error), "kubectl config get-contexts")
