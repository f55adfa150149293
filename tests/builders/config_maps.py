"""The objects of one namespace as Kubernetes' API serves them, on loopback."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

from pipelines.remote.packages import Need

KINDS = {"serviceaccounts": "ServiceAccount", "configmaps": "ConfigMap", "secrets": "Secret"}


class Objects(BaseHTTPRequestHandler):
    """GET of an object by name; `server_state` maps kind and name to its data, or to a status."""

    server_state: Cluster

    def do_GET(self) -> None:
        *_, namespace, kind, name = self.path.split("?")[0].split("/")
        found = self.server_state.get(f"{KINDS[kind]} {name}", 404)
        if namespace != self.server_state.namespace:
            found = 404
        if isinstance(found, int):
            reason = {403: "Forbidden", 404: "NotFound"}.get(found, "InternalError")
            body = {"kind": "Status", "status": "Failure", "reason": reason, "code": found}
            status = found
        else:
            body = {"kind": KINDS[kind], "metadata": {"name": name}, "data": found}
            status = 200
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


def complete(needs: list[Need]) -> Cluster:
    """All that a run refers to."""
    found = {f"{need.kind} {need.name}": dict.fromkeys(need.keys, "eA==") for need in needs}
    return Cluster({"ServiceAccount creditrisk-run": {}} | found)


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
