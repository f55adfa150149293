"""The objects of one namespace as Kubernetes' API serves them, on loopback."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

from pipelines.remote.packages import Need
from tests.builders.nodes import listed, node

KINDS = {"serviceaccounts": "ServiceAccount", "configmaps": "ConfigMap", "secrets": "Secret"}


class Objects(BaseHTTPRequestHandler):
    """GET of an object by name; `server_state` maps kind and name to its data, or to a status.

    Its `answers` are whole: of a path, what is there, or a status.
    """

    server_state: Cluster

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        *_, namespace, kind, name = path.split("/")
        if path in self.server_state.answers:
            self._answer(self.server_state.answers[path])
            return
        found = self.server_state.get(f"{KINDS.get(kind)} {name}", 404)
        if namespace != self.server_state.namespace:
            found = 404
        if not isinstance(found, int):
            found = {"kind": KINDS[kind], "metadata": {"name": name}, "data": found}
        self._answer(found)

    def _answer(self, found: object) -> None:
        if isinstance(found, int):
            reason = {403: "Forbidden", 404: "NotFound"}.get(found, "InternalError")
            body = {"kind": "Status", "status": "Failure", "reason": reason, "code": found}
            status = found
        else:
            body, status = found, 200
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Cluster(dict):
    """Kind and name -> data, or the status that asking for it gives."""

    namespace = "kubeflow"
    url = ""

    def __init__(self, objects: dict) -> None:
        super().__init__(objects)
        self.answers: dict[str, object] = {}


def complete(needs: list[Need]) -> Cluster:
    """All that a run refers to, and a node with its images and room."""
    found = {f"{need.kind} {need.name}": dict.fromkeys(need.keys, "eA==") for need in needs}
    cluster = Cluster({"ServiceAccount creditrisk-run": {}} | found)
    cluster.answers = {"/api/v1/nodes": listed(node()), "/api/v1/pods": listed()}
    return cluster


def kubeconfig(url: str) -> str:
    """A kubectl configuration that knows one server."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )
