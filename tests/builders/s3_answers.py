"""A server on loopback that answers every request as it is told, in S3's form or any other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from tests.builders.loopback import serving


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


def answering(certificate: Path | None = None) -> AbstractContextManager[Answers]:
    """Serve until the block ends; with a certificate, over TLS."""
    return serving(Answers(), _Handler, certificate)


class _Handler(BaseHTTPRequestHandler):
    server_state: Answers

    def answer(self) -> None:
        state = self.server_state
        self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        state.asked.append((self.command, self.path, headers))
        of_bucket = self.command == "HEAD" and self.path.count("/") == 1
        if of_bucket and state.bucket_is_there:
            self._send(200, b"")
        else:
            self._send(state.status, b"" if self.command == "HEAD" else state.body())

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in self.server_state.headers.items():
            self.send_header(name, value)
        kind = "text/html" if self.server_state.page else "application/xml"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def at(monkeypatch: pytest.MonkeyPatch, url: str, **settings: str) -> None:
    """Let this process's S3 server be there."""
    keys = {"AWS_ACCESS_KEY_ID": "ours", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in {"AWS_ENDPOINT_URL": url, **keys, **settings}.items():
        monkeypatch.setenv(name, value)


def refusal(call: Callable[[], object]) -> str:
    """The one line that a call ends with."""
    with pytest.raises(UserError) as refused:
        call()
    assert "\n" not in str(refused.value)
    return str(refused.value)
