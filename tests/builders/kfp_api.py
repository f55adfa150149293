"""The parts of Kubeflow's API that we call, on loopback, with the promises the real one keeps.

Read off api-server 2.17.0: names of pipelines, versions and experiments are unique (409), those
of runs and recurring runs are not; a server for one user refuses a namespace, one for many wants
it; listings come in pages; what is deleted cannot be enabled; ids mean nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

Body = dict[str, Any]
BASE = "/apis/v2beta1"
CRON = "0 0 6 3 * *"
CREATED = "2026-01-03T06:00:{:02d}Z"


class AnswerError(Exception):
    """What the server says instead of yes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]

    @property
    def changes(self) -> bool:
        return self.method != "GET"


Fault = Callable[["Server", Request], None]


@dataclass
class Server:
    """Its state, what it was asked, and how it is to fail next."""

    multi_user: bool = False
    token: str = ""
    version: str = "2.17.0"
    page: int = 100  # at most so many items in a page
    pipelines: dict[str, Body] = field(default_factory=dict)
    versions: dict[str, Body] = field(default_factory=dict)
    experiments: dict[str, Body] = field(default_factory=dict)
    runs: dict[str, Body] = field(default_factory=dict)
    recurring: dict[str, Body] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    before: list[Fault] = field(default_factory=list)  # each is used up by one request
    after: list[Fault] = field(default_factory=list)
    progress: list[Body] = field(default_factory=list)  # what a run becomes, look by look
    most_active: int = 0
    serial: int = 0
    url: str = ""

    def changes(self) -> list[str]:
        """The requests that change something, in order, without ids."""
        found = (f"{r.method} {r.path.removeprefix(BASE)}" for r in self.requests if r.changes)
        return [re.sub(r"id-\w+?-\d+", "*", line) for line in found]

    def active(self) -> list[Body]:
        return [run for run in self.recurring.values() if run["status"] == "ENABLED"]

    def new(self, kind: str, shelf: dict[str, Body], key: str, body: Body) -> Body:
        self.serial += 1
        id = f"id-{kind}-{self.serial}"
        shelf[id] = {key: id, "created_at": CREATED.format(len(shelf) % 60)} | body
        return shelf[id]

    def answer(self, request: Request) -> Body:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            raise AnswerError(401, "Unauthenticated")
        route = f"{request.method} {request.path.removeprefix(BASE)}"
        for pattern, act in ROUTES:
            if found := re.fullmatch(pattern, route):
                return act(self, request, *found.groups())
        raise AnswerError(404, f"no route {route}")

    def unique(self, shelf: dict[str, Body], **fields: str | None) -> None:
        for body in shelf.values():
            if all(body.get(name) == value for name, value in fields.items()):
                raise AnswerError(409, "Already exist error: name is taken")

    def namespaced(self, namespace: str | None) -> str | None:
        if self.multi_user and not namespace:
            raise AnswerError(400, "Invalid input error: namespace is empty")
        if namespace and not self.multi_user:
            raise AnswerError(400, "Invalid input error: in single-user mode no namespace is taken")
        return namespace or None


def health(server: Server, request: Request) -> Body:
    return {"commit_sha": "c0", "tag_name": server.version, "multi_user": server.multi_user}


def listing(kind: str, shelf: str) -> Callable[..., Body]:
    def act(server: Server, request: Request, parent: str = "") -> Body:
        query = request.query
        found = list(getattr(server, shelf).values())
        if kind != "pipeline_versions":
            namespace = query.get("namespace") or None
            if kind == "runs" and query.get("experiment_id"):
                found = [run for run in found if run["experiment_id"] == query["experiment_id"]]
            else:
                server.namespaced(namespace)
                found = [item for item in found if item.get("namespace") == namespace]
        else:
            found = [item for item in found if item["pipeline_id"] == parent]
        for predicate in json.loads(query.get("filter") or "{}").get("predicates", []):
            assert predicate["operation"] in ("EQUALS", 1)
            wanted = predicate.get("string_value", predicate.get("stringValue"))
            found = [item for item in found if item[predicate["key"]] == wanted]
        if query.get("sort_by") == "created_at desc":
            found.reverse()
        start = int(query.get("page_token") or 0)
        end = start + min(int(query.get("page_size", 10)), server.page)
        token = str(end) if end < len(found) else ""
        return {kind: found[start:end], "total_size": len(found), "next_page_token": token}

    return act


def get(shelf: str) -> Callable[..., Body]:
    def act(server: Server, request: Request, id: str) -> Body:
        if id not in getattr(server, shelf):
            raise AnswerError(404, f"{id} not found")
        return dict(getattr(server, shelf)[id])

    return act


def create_pipeline(server: Server, request: Request) -> Body:
    namespace = server.namespaced(request.body.get("namespace"))
    name = request.body["display_name"]
    server.unique(server.pipelines, display_name=name, namespace=namespace)
    body = {"display_name": name, "namespace": namespace}
    return server.new("pipeline", server.pipelines, "pipeline_id", body)


def upload_version(server: Server, request: Request) -> Body:
    id, name = request.query["pipelineid"], request.query["name"]
    if id not in server.pipelines:
        raise AnswerError(404, f"{id} not found")
    server.unique(server.versions, pipeline_id=id, display_name=name)
    spec, platform = yaml.load_all(request.body, yaml.CSafeLoader)
    both = {"pipeline_spec": spec, "platform_spec": platform}
    body = {"pipeline_id": id, "display_name": name, "pipeline_spec": both}
    return server.new("version", server.versions, "pipeline_version_id", body)


def create_experiment(server: Server, request: Request) -> Body:
    namespace = server.namespaced(request.body.get("namespace"))
    name = request.body["display_name"]
    server.unique(server.experiments, display_name=name, namespace=namespace)
    body = {"display_name": name, "namespace": namespace}
    return server.new("experiment", server.experiments, "experiment_id", body)


def create_run(server: Server, request: Request) -> Body:
    _whole(server, request.body)
    return server.new("run", server.runs, "run_id", request.body | {"state": "PENDING"})


def get_run(server: Server, request: Request, id: str) -> Body:
    body = get("runs")(server, request, id)
    if server.progress:
        server.runs[id] = body = body | server.progress.pop(0)
    return body


def create_recurring(server: Server, request: Request) -> Body:
    _whole(server, request.body)
    given = request.body
    cron = given["trigger"]["cron_schedule"]["cron"]
    assert len(cron.split()) in (5, 6), cron  # robfig/cron takes both, and means another month
    experiment = server.experiments[given["experiment_id"]]
    state = {"status": "ENABLED" if given["mode"] == "ENABLE" else "DISABLED"}
    # proto3 leaves out what is false, and says integers of 64 bits in quotes
    body = {name: value for name, value in given.items() if value not in (False, None)}
    body |= state | {"namespace": experiment["namespace"]}
    body["max_concurrency"] = str(given["max_concurrency"])
    return server.new("recurring", server.recurring, "recurring_run_id", body)


def switch_recurring(server: Server, request: Request, id: str, to: str) -> Body:
    get("recurring")(server, request, id)
    server.recurring[id]["status"] = "ENABLED" if to == "enable" else "DISABLED"
    return {}


def delete_recurring(server: Server, request: Request, id: str) -> Body:
    get("recurring")(server, request, id)
    del server.recurring[id]
    return {}


def _whole(server: Server, body: Body) -> None:
    reference = body["pipeline_version_reference"]
    version = server.versions.get(reference["pipeline_version_id"])
    if version is None or version["pipeline_id"] != reference["pipeline_id"]:
        raise AnswerError(404, "pipeline version not found")
    if body["experiment_id"] not in server.experiments:
        raise AnswerError(404, "experiment not found")
    declared = version["pipeline_spec"]["pipeline_spec"]["root"]["inputDefinitions"]["parameters"]
    given = body["runtime_config"].get("parameters") or {}
    if unknown := given.keys() - declared.keys():
        raise AnswerError(400, f"parameters {unknown} are not declared")
    if lacks := {n for n, p in declared.items() if "defaultValue" not in p} - given.keys():
        raise AnswerError(400, f"parameters {lacks} are required")


ROUTES = (
    (r"GET /healthz", health),
    (r"GET /pipelines", listing("pipelines", "pipelines")),
    (r"POST /pipelines", create_pipeline),
    (r"POST /pipelines/upload_version", upload_version),
    (r"GET /pipelines/([\w-]+)/versions", listing("pipeline_versions", "versions")),
    (r"GET /experiments", listing("experiments", "experiments")),
    (r"POST /experiments", create_experiment),
    (r"GET /runs", listing("runs", "runs")),
    (r"POST /runs", create_run),
    (r"GET /runs/([\w-]+)", get_run),
    (r"GET /recurringruns", listing("recurringRuns", "recurring")),  # so spelt in its proto
    (r"POST /recurringruns", create_recurring),
    (r"POST /recurringruns/([\w-]+):(enable|disable)", switch_recurring),
    (r"DELETE /recurringruns/([\w-]+)", delete_recurring),
)
