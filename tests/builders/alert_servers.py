"""Servers on loopback that take what alerts send: a webhook, a mail server."""

import json
import socketserver
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(server):
    """The server in a thread, on a free port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()


class Web(ThreadingHTTPServer):
    """Answers with `status` and keeps what it got; `hangs` until it is released."""

    daemon_threads = True

    def __init__(self, status=200):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.hangs, self.trickles, self.released = status, False, False, _event()
        self.got = []  # (path, headers, body)

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.hangs:
            self.server.released.wait(5)
            return
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        while self.server.trickles and not self.server.released.wait(0.02):
            self.wfile.write(b"X-More: 1\r\n")
        self.end_headers()

    def log_message(self, *_):
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """As much SMTP as a message needs; keeps sender, recipients and message."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails, self.released = [], _event()


class _Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 loopback")
        envelope = []
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].upper()
            if word in ("MAIL FROM", "RCPT TO"):
                envelope.append(line.partition(":")[2].split()[0])
            if word == "DATA":
                self._say("354 go on")
                message = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                self.server.mails.append((envelope, message))
            self._say("221 bye" if word == "QUIT" else "250 fine")
            if word == "QUIT":
                return

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


def _event():
    return threading.Event()
