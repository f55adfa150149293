"""Serves the dashboard until it is stopped."""

from waitress import create_server

from creditrisk.errors import UserError
from creditrisk.reports.dashboard.app import BODY, build_app
from creditrisk.reports.dashboard.watch import Watch

_THREADS = 8


def serve(watch: Watch, host: str, port: int) -> None:
    """Listen; a port that cannot be had is a `UserError`."""
    try:
        server = create_server(
            build_app(watch).server,
            host=host,
            port=port,
            threads=_THREADS,
            ident=None,
            max_request_body_size=BODY,
        )
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror}; try --port") from None
    watch.start()
    server.run()
