"""A line to a server that fails on demand: what an answer becomes on its way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Fate = Callable[[bytes], bytes]  # the first bytes of an answer -> what of them arrives


class LossyLine:
    """Forwards to `host`; each of `fates` cuts one answer and with it the connection."""

    def __init__(self, host: str) -> None:
        name, port = host.split(":")
        self._server = (name, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.fates: list[Fate] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection(self._server)
            for source, sink in ((client, server), (server, client)):
                words = (source, sink, source is server)
                threading.Thread(target=self._forward, args=words, daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(1 << 16):
                if answers and self.fates:
                    sink.sendall(self.fates.pop(0)(data))
                    break
                sink.sendall(data)
        except OSError:
            return  # the other direction has ended the connection
        finally:
            for end in (source, sink):
                with suppress(OSError):  # the other direction was quicker
                    end.shutdown(socket.SHUT_RDWR)  # a close would wait for the other's recv
                end.close()
