"""A server on loopback that answers every request as it is told, in S3's form or any other."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Answers:
    """What is answered from now on, and the headers of what was asked."""

    status: int = 200
    code: str = ""  # of S3; empty: no body of S3's
    headers: dict[str, str] = field(default_factory=dict)
    page: bytes = b""  # in place of S3's form
    bucket_is_there: bool = True  # HEAD of the bucket succeeds, whatever the rest
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def body(self) -> bytes:
        if not self.code:
            return self.page
        words = "<Message>in its words</Message><RequestId>1</RequestId><HostId>h</HostId>"
        return f"<Error><Code>{self.code}</Code>{words}</Error>".encode()


@contextmanager
def answering(certificate: Path | None = None) -> Iterator[Answers]:
    """Serve until the block ends; with a certificate, over TLS."""
    answers = Answers()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"given": answers}))
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    answers.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield answers
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    given: Answers

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.given.asked.append((self.command, self.path, headers))
        of_bucket = self.command == "HEAD" and self.path.count("/") == 1
        if of_bucket and self.given.bucket_is_there:
            self._send(200, b"")
        else:
            self._send(self.given.status, b"" if self.command == "HEAD" else self.given.body())

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in self.given.headers.items():
            self.send_header(name, value)
        kind = "text/html" if self.given.page else "application/xml"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
