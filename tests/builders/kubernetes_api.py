"""A Kubernetes API on one address: pods are kept, may be started, and rights are checked.

It does what a cluster would do for Spark's driver, and refuses (403) what `rights` lacks.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.builders.certificates import write_certificate

Pod = dict[str, Any]
TOKEN = "a-token"  # noqa: S105 - of nobody
PODS = frozenset(
    ("pods", verb) for verb in ("create", "get", "list", "watch", "delete", "deletecollection")
)


class KubernetesApi:
    """Serves until `close`; calls `started` with a new pod, `ended` with one that goes."""

    def __init__(self, folder: Path, address: str = "127.0.0.1", rights: frozenset = PODS) -> None:
        self.rights, self.folder = rights, folder
        self.pods: dict[str, Pod] = {}
        self.events: list[tuple[str, Pod]] = []
        self.posted: list[Pod] = []
        self.calls: list[tuple[str, str]] = []  # resource and verb
        self.refused: list[tuple[str, str]] = []
        self.started: Callable[[Pod], None] = lambda pod: None
        self.ended: Callable[[Pod], None] = lambda pod: None
        self.changed = threading.Condition()
        self._server = ThreadingHTTPServer((address, 0), _handler(self))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(write_certificate(folder, address))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        (folder / "token").write_text(TOKEN)

    @property
    def environment(self) -> dict[str, str]:
        """What Kubernetes puts into every pod."""
        host, port = self._server.server_address[:2]
        return {"KUBERNETES_SERVICE_HOST": str(host), "KUBERNETES_SERVICE_PORT": str(port)}

    def add(self, pod: Pod) -> Pod:
        """Keep a pod as the API server would complete it."""
        pod["metadata"] |= {
            "uid": str(uuid4()),
            "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        }
        pod.setdefault("status", {"phase": "Pending"})
        self.pods[pod["metadata"]["name"]] = pod
        return pod

    def add_driver(self, name: str, namespace: str) -> None:
        """The pod that asks: it runs, and is ready."""
        ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        self.add(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace},
                "status": ready,
            }
        )

    def announce(self, event: str, pod: Pod) -> None:
        """Let those who watch know that a pod is ADDED, MODIFIED or DELETED."""
        with self.changed:
            self.events.append((event, json.loads(json.dumps(pod))))
            self.changed.notify_all()

    def wait_for_pods(self, count: int, seconds: float = 400) -> list[Pod]:
        """Pods that were asked for, once there are so many."""
        with self.changed:
            enough = self.changed.wait_for(lambda: len(self.posted) >= count, seconds)
        assert enough, f"{len(self.posted)} pods after {seconds} s; calls: {self.calls}"
        return list(self.posted)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(api: KubernetesApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _asked(self) -> tuple[str, str, dict[str, list[str]]]:
            """Resource, name and query."""
            url = urlsplit(self.path)
            _, resource, name, *_ = [*url.path.split("/namespaces/")[-1].split("/"), "", ""]
            return resource, name, parse_qs(url.query)

        def _may(self, resource: str, verb: str) -> bool:
            api.calls.append((resource, verb))
            if self.headers.get("Authorization") == f"Bearer {TOKEN}":
                if (resource, verb) in api.rights:
                    return True
                self._answer(403, _status(403, "Forbidden", f"may not {verb} {resource}"))
            else:
                self._answer(401, _status(401, "Unauthorized", "no token"))
            api.refused.append((resource, verb))
            return False

        def do_GET(self) -> None:
            resource, name, query = self._asked()
            verb = "get" if name else "watch" if "watch" in query else "list"
            if not self._may(resource, verb):
                return
            if "Upgrade" in self.headers:  # as behind a proxy: the client asks again without
                self._answer(503, _status(503, "ServiceUnavailable", "no web sockets"))
            elif verb == "watch":
                self._watch(query)
            elif verb == "list":
                items = _selected(api.pods.values(), query)
                about = {"kind": "PodList", "apiVersion": "v1"}
                self._answer(200, about | {"metadata": {"resourceVersion": "1"}, "items": items})
            elif name in api.pods:
                self._answer(200, api.pods[name])
            else:
                self._answer(404, _status(404, "NotFound", name))

        def do_POST(self) -> None:
            resource, _, _ = self._asked()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self._may(resource, "create"):
                asked = json.loads(json.dumps(body))
                pod = api.add(body)
                with api.changed:
                    api.posted.append(asked)
                    api.changed.notify_all()
                api.started(pod)
                api.announce("ADDED", pod)
                self._answer(201, pod)

        def do_DELETE(self) -> None:
            resource, name, query = self._asked()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not self._may(resource, "delete" if name else "deletecollection"):
                return
            gone = [api.pods[name]] if name in api.pods else []
            for pod in gone if name else _selected(api.pods.values(), query):
                api.pods.pop(pod["metadata"]["name"], None)
                api.ended(pod)
                api.announce("DELETED", pod)
            self._answer(200, _status(200, "", ""))

        def _watch(self, query: dict[str, list[str]]) -> None:
            """One line an event, as long as the other side listens."""
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.flush()
            seen = 0
            with suppress(OSError):  # it has stopped listening
                while True:
                    with api.changed:
                        api.changed.wait_for(lambda: len(api.events) > seen)  # noqa: B023 - used at once
                        news, seen = api.events[seen:], len(api.events)
                    for event, pod in news:
                        if _selected([pod], query):
                            line = json.dumps({"type": event, "object": pod})
                            self.wfile.write(f"{line}\n".encode())
                    self.wfile.flush()

        def _answer(self, code: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


def _selected(pods: Any, query: dict[str, list[str]]) -> list[Pod]:
    """Pods whose labels hold every `name=value` of the selector."""
    wanted = [w.split("=", 1) for w in query.get("labelSelector", [""])[0].split(",") if "=" in w]
    return [
        pod
        for pod in list(pods)
        if all(pod["metadata"].get("labels", {}).get(key) == value for key, value in wanted)
    ]


def _status(code: int, reason: str, message: str) -> dict[str, Any]:
    state = "Success" if code == 200 else "Failure"
    about = {"status": state, "code": code, "reason": reason, "message": message}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}} | about
