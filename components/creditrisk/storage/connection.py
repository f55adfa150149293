"""The S3 server of this environment: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY` and `AWS_REGION` (default us-east-1), as every S3 tool reads them.
"""

import os
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from creditrisk.errors import UserError


@dataclass(frozen=True)
class Connection:
    """Where the server is and who we are to it."""

    endpoint: str  # a URL: its scheme decides on TLS
    access_key: str
    secret_key: str
    region: str

    @classmethod
    def from_environment(cls) -> Self:
        """As the environment says; a missing setting is a `UserError`."""
        endpoint = _setting("AWS_ENDPOINT_URL").rstrip("/")
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise UserError(f"AWS_ENDPOINT_URL '{endpoint}' is no URL; write http://host:port")
        keys = _setting("AWS_ACCESS_KEY_ID"), _setting("AWS_SECRET_ACCESS_KEY")
        return cls(endpoint, *keys, os.environ.get("AWS_REGION", "us-east-1"))

    @property
    def host(self) -> str:
        """Name or address, and port."""
        return urlsplit(self.endpoint).netloc


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UserError(f"an s3:// store needs {name} in the environment")
    return value
