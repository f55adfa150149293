"""Serves the dashboard until it is stopped."""

from collections.abc import Callable
from typing import Any

from waitress import create_server
from waitress.server import BaseWSGIServer

from creditrisk.errors import UserError
from creditrisk.reports.dashboard.app import BODY, build_app
from creditrisk.reports.dashboard.watch import Watch

_THREADS = 8
# whoever opens connections and says nothing must not keep others out
_CONNECTIONS, _SILENT, _LOOKED_AT = 1000, 30, 5  # at once; seconds until one is closed, and between


def serve(watch: Watch, host: str, port: int) -> None:
    """Listen; a port that cannot be had is a `UserError`."""
    try:
        server = listening(build_app(watch).server, host, port)
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror}; try --port") from None
    watch.start()
    server.run()


def listening(app: Callable[..., Any], host: str, port: int) -> BaseWSGIServer:
    """A server of an application that waits to be run; an `OSError` where the port is taken."""
    return create_server(
        app,
        host=host,
        port=port,
        threads=_THREADS,
        ident=None,
        max_request_body_size=BODY,
        connection_limit=_CONNECTIONS,
        channel_timeout=_SILENT,
        cleanup_interval=_LOOKED_AT,
        asyncore_use_poll=True,
    )
