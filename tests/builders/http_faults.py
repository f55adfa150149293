"""How a request to the fake API goes wrong: `server.before` and `server.after` take these."""

import re

from tests.builders.kfp_api import AnswerError, Fault, Request, Server


class RawAnswer(Exception):  # noqa: N818 - an answer, not an error
    """Something else than the API would say, with status 200."""

    def __init__(self, data: bytes, kind: str = "application/json") -> None:
        super().__init__()
        self.data, self.kind = data, kind


def refuse(status: int, message: str = "no") -> Fault:
    """The next request is answered with an error."""

    def fault(server: Server, request: Request) -> None:
        raise AnswerError(status, message)

    return fault


def lose(server: Server, request: Request) -> None:
    """The line breaks: before the server acts, or after."""
    raise ConnectionAbortedError


def only(wanted: str, fault: Fault) -> Fault:
    """A fault that waits for a request whose method and path match."""

    def waiting(server: Server, request: Request) -> None:
        if not re.search(wanted, f"{request.method} {request.path}"):
            server.before.insert(0, waiting)
            return
        fault(server, request)

    return waiting
