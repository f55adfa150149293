"""What the pods of a run refer to, looked up in their namespace."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from kubernetes import client, config
from urllib3.exceptions import HTTPError

from creditrisk.check_result import CheckResult
from creditrisk.errors import UserError
from pipelines.installation import installation
from pipelines.remote.packages import Need

LIMIT = (5, 15)  # seconds for a connection, for an answer


def connect() -> client.CoreV1Api:
    """The cluster this pod is in, else the one kubectl talks to; a `UserError` without either.

    `CREDITRISK_CONTEXT` names another of kubectl's contexts than the current one.
    """
    settings = client.Configuration()
    settings.retries = 1
    try:
        config.load_incluster_config(client_configuration=settings)
    except config.ConfigException:
        try:
            context = os.environ.get("CREDITRISK_CONTEXT") or None
            config.load_kube_config(context=context, client_configuration=settings)
        except config.ConfigException as error:
            why = " ".join(str(error).split())
            raise UserError(
                f"no cluster: {why}; set KUBECONFIG, or CREDITRISK_CONTEXT to one of"
                f" {', '.join(_contexts()) or 'its contexts'}; or run in a pod"
            ) from None
    return client.CoreV1Api(client.ApiClient(settings))


def look(
    core: client.CoreV1Api, namespace: str, account: str, needs: Iterable[Need]
) -> Iterator[CheckResult]:
    """One result per object: its service account, then all that `needs` names."""
    readers: dict[str, Callable[..., Any]] = {
        "ServiceAccount": core.read_namespaced_service_account,
        "ConfigMap": core.read_namespaced_config_map,
        "Secret": core.read_namespaced_secret,
    }
    owner = Need("ServiceAccount", account, frozenset(), optional=False)
    for need in (owner, *needs):
        name = f"{need.kind} {need.name}"
        try:
            found = readers[need.kind](need.name, namespace, _request_timeout=LIMIT)
        except client.ApiException as error:
            yield _absent(name, namespace, need.optional, error)
        except HTTPError:
            host = core.api_client.configuration.host
            yield CheckResult(name, "fail", f"{host} does not answer", "is the cluster up?")
            return
        else:
            data = getattr(found, "data", None) or {}
            lacks = ", ".join(sorted(need.keys - data.keys()))
            if lacks:
                move = f"add it: {install_command(namespace)}"
                yield CheckResult(name, "fail", f"in {namespace} has no {lacks}", move)
            else:
                yield CheckResult(name, "ok", f"in {namespace}")


def _absent(name: str, namespace: str, optional: bool, error: client.ApiException) -> CheckResult:
    if error.status == 404 and optional:
        return CheckResult(name, "ok", f"not in {namespace}, optional")
    if error.status == 404:
        return CheckResult(name, "fail", f"not in {namespace}", install_command(namespace))
    says = f"{error.status} {error.reason}: whether it is in {namespace} is not known"
    if error.status in (401, 403):
        kind, _, object_ = name.partition(" ")
        return CheckResult(
            name, "warn", says, f"kubectl get {kind.lower()} {object_} -n {namespace}"
        )
    return CheckResult(name, "fail", says, "try again")


def _contexts() -> list[str]:
    with suppress(config.ConfigException):
        known, _ = config.list_kube_config_contexts()
        return [str(context["name"]) for context in known]
    return []


def install_command(namespace: str) -> str:
    name = installation()
    other = "" if name == "creditrisk" else f" --set name={name}"
    return f"helm upgrade --install {name} manifests/chart --namespace {namespace}{other}"
