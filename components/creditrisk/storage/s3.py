"""A store in a bucket (MinIO or any S3).

Endpoint and keys come from the environment: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_REGION`.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import S3Error
from pyarrow import fs

from creditrisk.errors import UserError
from creditrisk.storage import ConflictError

_TIMEOUT = 30.0  # seconds for one request; the client retries


class S3Store:
    """Objects below a prefix of one bucket."""

    def __init__(self, client: Minio, pool: urllib3.PoolManager, bucket: str, prefix: str) -> None:
        self._client, self._pool = client, pool
        self._bucket, self._prefix = bucket, prefix
        self.uri = f"s3://{bucket}/{prefix}".rstrip("/")

    @classmethod
    def from_environment(cls, bucket: str, prefix: str) -> "S3Store":
        """Open `s3://bucket/prefix`; a missing setting or bucket is a `UserError`."""
        endpoint = urlsplit(_setting("AWS_ENDPOINT_URL"))
        pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=urllib3.Retry(5, backoff_factor=0.2))
        client = Minio(
            endpoint.netloc,
            access_key=_setting("AWS_ACCESS_KEY_ID"),
            secret_key=_setting("AWS_SECRET_ACCESS_KEY"),
            region=os.environ.get("AWS_REGION", "us-east-1"),
            secure=endpoint.scheme == "https",
            http_client=pool,
        )
        store = cls(client, pool, bucket, prefix)
        store._check_bucket(endpoint.netloc)
        return store

    def read(self, key: str) -> bytes:
        try:
            response = self._client.get_object(self._bucket, self._name(key))
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                raise KeyError(key) from None
            raise
        try:
            return bytes(response.read())
        finally:
            response.close()
            response.release_conn()

    def write(self, key: str, data: bytes) -> None:
        self._client.put_object(self._bucket, self._name(key), BytesIO(data), len(data))

    def create(self, key: str, data: bytes) -> None:
        self._conditional_put(key, data, {"If-None-Match": "*"})

    def tag(self, key: str) -> str | None:
        try:
            return self._client.stat_object(self._bucket, self._name(key)).etag
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                return None
            raise

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        header = {"If-Match": f'"{expected}"'} if expected else {"If-None-Match": "*"}
        self._conditional_put(key, data, header)

    def delete(self, key: str) -> None:
        self._client.remove_object(self._bucket, self._name(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        cut = len(self._name(""))
        found = self._client.list_objects(self._bucket, self._name(prefix), recursive=True)
        yield from sorted(item.object_name[cut:] for item in found if item.object_name)

    def filesystem(self) -> tuple[fs.FileSystem, str]:
        endpoint = urlsplit(_setting("AWS_ENDPOINT_URL"))
        filesystem = fs.S3FileSystem(
            access_key=_setting("AWS_ACCESS_KEY_ID"),
            secret_key=_setting("AWS_SECRET_ACCESS_KEY"),
            endpoint_override=endpoint.netloc,
            scheme=endpoint.scheme,
            region=os.environ.get("AWS_REGION", "us-east-1"),
        )
        return filesystem, f"{self._bucket}/{self._prefix}".rstrip("/")

    def spark_uri(self, key: str) -> str:
        return f"s3a://{self._bucket}/{self._name(key)}"

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _conditional_put(self, key: str, data: bytes, header: dict[str, str]) -> None:
        # put_object ignores If-Match and If-None-Match; a presigned PUT honours them
        url = self._client.presigned_put_object(
            self._bucket, self._name(key), expires=timedelta(minutes=5)
        )
        response = self._pool.request("PUT", url, body=data, headers=header)
        if response.status in (409, 412):
            raise ConflictError(f"{self.uri}/{key} changed meanwhile")
        if response.status != 200:
            raise OSError(
                f"{self.uri}/{key}: PUT answered {response.status}: {response.data[:200]!r}"
            )

    def _check_bucket(self, host: str) -> None:
        try:
            there = self._client.bucket_exists(self._bucket)
        except S3Error as error:
            raise UserError(
                f"{self.uri}: {host} refused the keys ({error.code}); check AWS_ACCESS_KEY_ID"
            ) from None
        except urllib3.exceptions.HTTPError:
            raise UserError(
                f"{self.uri}: {host} does not answer; is it up, is AWS_ENDPOINT_URL right?"
            ) from None
        if not there:
            raise UserError(f"{self.uri}: bucket '{self._bucket}' does not exist; create it first")


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise UserError(f"an s3:// store needs {name} in the environment")
    return value
