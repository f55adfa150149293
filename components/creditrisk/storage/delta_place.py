"""Where delta-rs finds a folder of a store, and what it needs to get in."""

import os

from creditrisk.storage import Store
from creditrisk.storage.location import Bucket, locate


def delta_place(store: Store, folder: str) -> tuple[str, dict[str, str]]:
    """A path, or a URL and the settings of its server; `folder` is a key without a `/` at its end.

    delta-rs takes authorities from `SSL_CERT_FILE` alone: it is set where `AWS_CA_BUNDLE` is.
    """
    place = locate(store.uri)
    if not isinstance(place, Bucket):
        return f"{place / folder}", {}
    from creditrisk.storage import connection  # noqa: PLC0415 - a disk needs no S3 client

    server = connection.Connection.from_environment()
    if server.authorities:
        os.environ.setdefault("SSL_CERT_FILE", server.authorities)
    settings = {
        "endpoint": server.endpoint,
        "access_key_id": server.access_key,
        "secret_access_key": server.secret_key,
        "session_token": server.session_token,
        "region": server.region,
        "allow_http": f"{not server.secure}".lower(),
        "conditional_put": "etag",  # a version of the log is created once
    }
    given = {f"aws_{name}": value for name, value in settings.items() if value}
    given |= {
        "connect_timeout": f"{connection.CONNECT:.0f}s",
        "timeout": f"{connection.READ:.0f}s",
        "retry_timeout": f"{connection.PATIENCE:.0f}s",
        "max_retries": "100",  # as many as there is time for
    }
    return "/".join(filter(None, ["s3:/", *place, folder])), given
