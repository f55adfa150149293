"""The dashboard's server answers however many connections say nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from creditrisk.reports.dashboard.serve import listening

SILENT = 150


@pytest.fixture
def port() -> Iterator[int]:
    def app(_, start):
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"well"]

    server = listening(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.close()


def test_half_open_connections_keep_nobody_out(port):
    with ExitStack() as held:
        for _ in range(SILENT):
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            client.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ")
        asked = HTTPConnection("127.0.0.1", port, timeout=30)
        held.callback(asked.close)
        asked.request("GET", "/healthz")
        assert asked.getresponse().read() == b"well"
