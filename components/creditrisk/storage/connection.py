"""The S3 server of this environment, the same for every client of it (ours, Arrow's, Spark's).

`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, with temporary keys
`AWS_SESSION_TOKEN`; `AWS_REGION` (else `AWS_DEFAULT_REGION`, else us-east-1); `AWS_CA_BUNDLE`
(else `SSL_CERT_FILE`): a PEM file of the authorities to trust, where the system's are not enough.
"""

import os
import re
import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, urlsplit

import urllib3
from minio.credentials.providers import StaticProvider

from creditrisk.errors import UserError
from creditrisk.header_value import header_value

CONNECT, READ = 5.0, 30.0  # seconds for one attempt, by every client
PATIENCE = 40.0  # seconds after a first failure in which every client tries again
_REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


@dataclass(frozen=True)
class Connection:
    """Where the server is and who we are to it."""

    endpoint: str  # scheme://host[:port]; the scheme decides on TLS
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    session_token: str = field(default="", repr=False)  # of temporary keys
    authorities: str = ""  # a PEM file; empty: the system's

    @classmethod
    def from_environment(cls) -> Self:
        """As the environment says; a missing or unusable setting is a `UserError`."""
        endpoint = _endpoint(_setting("AWS_ENDPOINT_URL"))
        _setting("AWS_ACCESS_KEY_ID")
        keys = header_value("AWS_ACCESS_KEY_ID"), _setting("AWS_SECRET_ACCESS_KEY")
        token = header_value("AWS_SESSION_TOKEN")
        authorities = _authorities() if endpoint.startswith("https") else ""
        return cls(endpoint, *keys, _region(), token, authorities)

    @property
    def host(self) -> str:
        """Name or address, and port."""
        return urlsplit(self.endpoint).netloc

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.endpoint.startswith("https")

    def credentials(self) -> StaticProvider:
        """The keys as MinIO's clients take them."""
        return StaticProvider(self.access_key, self.secret_key, self.session_token or None)

    def pool(self, timeout: urllib3.Timeout, retries: urllib3.Retry | bool) -> urllib3.PoolManager:
        """Connections to the server; many, because manifests are read side by side."""
        trusted = self.authorities or None
        return urllib3.PoolManager(maxsize=16, timeout=timeout, retries=retries, ca_certs=trusted)


def _endpoint(given: str) -> str:
    try:
        url = urlsplit(given)
        known = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        known = False
    if not known or re.search(r"\s", given):
        raise UserError(f"AWS_ENDPOINT_URL {_shown(given)} is no URL; write http://host:port")
    if url.username is not None or url.path.strip("/") or url.query or url.fragment:
        raise UserError(
            f"AWS_ENDPOINT_URL names more than a server; write {url.scheme}://{_server(url)}:"
            " S3 is served from the root, and keys go into AWS_ACCESS_KEY_ID"
        )
    return f"{url.scheme}://{_server(url)}"


def _server(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _shown(given: str) -> str:
    return repr(re.sub(r"//[^/]*@", "//...@", given))  # a password is not for a log


def _region() -> str:
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    name, given = next(
        ((name, text) for name in names if (text := os.environ.get(name, "").strip())),
        ("", "us-east-1"),
    )
    if not _REGION.fullmatch(given):
        raise UserError(f"{name} {given!r} is no region; write one such as us-east-1")
    return given


def _authorities() -> str:
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        if place := os.environ.get(name):
            try:
                ssl.create_default_context(cafile=place)
            except OSError:  # not there, not readable, or no certificate in it
                raise UserError(
                    f"{name} names {place!r}, which is no PEM file of certificates"
                ) from None
            return place
    return ""


def _setting(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise UserError(f"an s3:// store needs {name} in the environment")
    return value
