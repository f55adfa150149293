"""The fake API as a server on loopback."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from tests.builders.http_faults import RawAnswer
from tests.builders.kfp_api import AnswerError, Request, Server


class Handler(BaseHTTPRequestHandler):
    """One request; `close` in place of an answer is a line that breaks."""

    server_state: Server
    protocol_version = "HTTP/1.1"

    def handle_one(self) -> None:
        state, request = self.server_state, self._read()
        state.requests.append(request)
        try:
            for fault in state.before[:1]:
                state.before.pop(0)
                fault(state, request)
            body: Any = state.answer(request)
            state.most_active = max(state.most_active, len(state.active()))
            for fault in state.after[:1]:
                state.after.pop(0)
                fault(state, request)
            self._say(200, json.dumps(body).encode())
        except AnswerError as error:
            text = {"error": error.message, "code": 5, "message": error.message, "details": []}
            self._say(error.status, json.dumps(text).encode())
        except RawAnswer as raw:
            self._say(200, raw.data, raw.kind)
        except ConnectionAbortedError:
            self.close_connection = True
        except Exception as fault:  # a fault of this fake must not look like a broken line
            self._say(500, json.dumps({"message": f"fake: {fault!r}"}).encode())

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815 - http.server calls them so

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        if "multipart" in (self.headers.get("content-type") or ""):
            body: Any = data.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0].decode()
        else:
            body = json.loads(data) if data else None
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, unquote(parts.path), query, body, headers)

    def _say(self, status: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


S = TypeVar("S")


@contextmanager
def serving(
    state: S,
    handler: type[BaseHTTPRequestHandler] = Handler,
    certificate: Path | None = None,
) -> Iterator[S]:
    """Serve on a free port of loopback until the block ends; with a certificate, over TLS.

    The state finds its address in `url`, the handler the state in `server_state`.
    """
    bound = type("Bound", (handler,), {"server_state": state})
    http = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    http.daemon_threads = True
    state.url = f"http{'s' if certificate else ''}://127.0.0.1:{http.server_port}"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
