"""A store in a bucket (MinIO or any S3).

A server that is away is waited for (`connection.PATIENCE`); then, and where it refuses, it is a
`UserError`.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from io import BufferedReader, BytesIO
from typing import IO, Self
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error, ServerError
from pyarrow import fs
from urllib3.exceptions import HTTPError

from creditrisk.errors import AbsentError, UserError
from creditrisk.storage import AwayError, ConflictError, Object, ObjectVersion
from creditrisk.storage.connection import CONNECT, READ, Connection
from creditrisk.storage.retries import AnnouncedRetries
from creditrisk.storage.s3_faults import ABSENT, OVERTAKEN, Fault, broken, explained
from creditrisk.storage.s3_versions import Versions

_ATTEMPTS = 8  # after waits of 0, 1, 2, 4, 8, 8, 8, 8 s
_BUSY = (500, 502, 503, 504)  # a server that starts says 503


class S3Store:
    """Objects below a prefix of one bucket."""

    def __init__(self, connection: Connection, bucket: str, prefix: str) -> None:
        self._connection, self._bucket, self._prefix = connection, bucket, prefix
        self.uri = f"s3://{bucket}/{prefix}".rstrip("/")
        retries = AnnouncedRetries(
            _ATTEMPTS,
            backoff_factor=0.5,
            backoff_max=8,
            status_forcelist=_BUSY,
            raise_on_status=False,  # the last answer is read, not hidden
        )
        self._pool = connection.pool(urllib3.Timeout(connect=CONNECT, read=READ), retries)
        self._client = Minio(
            connection.host,
            credentials=connection.credentials(),
            region=connection.region,
            secure=connection.secure,
            http_client=self._pool,
        )
        self._versions = Versions(self._client, bucket, self._name(""))

    @classmethod
    def from_environment(cls, bucket: str, prefix: str) -> Self:
        """Open `s3://bucket/prefix`; a missing setting or bucket is a `UserError`."""
        store = cls(Connection.from_environment(), bucket, prefix)
        with store._answering():
            if not store._client.bucket_exists(bucket):
                raise store._no_bucket()
        return store

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[str, str]]:
        # another process opens it as its own environment says: keys never travel
        return self.from_environment, (self._bucket, self._prefix)

    def exists(self) -> bool:
        return True  # it was there when it was opened

    def read(self, key: str) -> bytes:
        with self._answering(key):
            try:
                return self._get(key)
            except HTTPError:  # the server went away within the answer: wait for it again
                return self._get(key)

    @contextmanager
    def open(self, key: str) -> Iterator[BufferedReader]:
        try:
            with self._streaming(key), self._opened(key) as file:
                yield file
        except FileNotFoundError:
            raise AbsentError(key, self.uri) from None

    def _opened(self, key: str) -> BufferedReader:
        path = f"{self._bucket}/{self._name(key)}"
        try:
            file: BufferedReader = self._filesystem.open_input_file(path)
        except OSError as error:
            if "NETWORK_CONNECTION" not in str(error) or self.tag(key) is None:
                raise
            file = self._filesystem.open_input_file(path)  # Arrow waits less long than we do
        return file

    def write(self, key: str, data: bytes) -> None:
        with self._answering(key):
            self._client.put_object(self._bucket, self._name(key), BytesIO(data), len(data))

    def create(self, key: str, data: bytes) -> None:
        self._conditional_put(key, data, {"If-None-Match": "*"})

    def tag(self, key: str) -> str | None:
        try:
            with self._answering(key):
                return self._client.stat_object(self._bucket, self._name(key)).etag
        except KeyError:
            return None

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        header = {"If-Match": f'"{expected}"'} if expected else {"If-None-Match": "*"}
        self._conditional_put(key, data, header)

    def delete(self, key: str) -> None:
        with self._answering(key):
            self._client.remove_object(self._bucket, self._name(key))

    def unlock(self) -> bool:
        return False  # the server compares and swaps

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(item.key for item in self.objects(prefix))

    def objects(self, prefix: str = "") -> Iterator[Object]:
        cut = len(self._name(""))
        with self._answering():
            listed = self._client.list_objects(self._bucket, self._name(prefix), recursive=True)
            found = list(listed)
        for item in found:
            key = (item.object_name or "")[cut:]
            if item.last_modified and not key.endswith("/"):  # Spark marks its folders so
                yield Object(key, item.size or 0, item.last_modified)

    def versions(self, prefix: str) -> list[ObjectVersion] | None:
        with self._answering():
            return self._versions.of(prefix)

    @contextmanager
    def output(self, key: str) -> Iterator[IO[bytes]]:
        with (
            self._streaming(key),
            self._filesystem.open_output_stream(f"{self._bucket}/{self._name(key)}") as file,
        ):
            yield file

    def spark_uri(self, key: str) -> str:
        return f"s3a://{self._bucket}/{self._name(key)}"

    @cached_property
    def _filesystem(self) -> fs.FileSystem:
        return fs.S3FileSystem(
            access_key=self._connection.access_key,
            secret_key=self._connection.secret_key,
            session_token=self._connection.session_token or None,
            tls_ca_file_path=self._connection.authorities or None,
            endpoint_override=self._connection.host,
            scheme=urlsplit(self._connection.endpoint).scheme,
            region=self._connection.region,
            connect_timeout=CONNECT,
            request_timeout=READ,
            # after waits of 1, 2, 4, 8, 16 s, or as little as half of that
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=max(1, _ATTEMPTS - 2)),
        )

    def _name(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _get(self, key: str) -> bytes:
        response = self._client.get_object(self._bucket, self._name(key))
        try:
            return bytes(response.read())
        finally:
            response.close()
            response.release_conn()

    def _conditional_put(self, key: str, data: bytes, header: dict[str, str]) -> None:
        # put_object ignores If-Match and If-None-Match; a presigned PUT honours them
        url = self._client.presigned_put_object(
            self._bucket, self._name(key), expires=timedelta(minutes=5)
        )
        # a bucket with a retention rule takes no object without its checksum
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        with self._answering(key):
            response = self._pool.request(
                "PUT", url, body=data, headers=header | {"Content-MD5": md5}
            )
            if response.status == 200:
                return
            error = S3Error.fromxml(response)
            if error.code not in OVERTAKEN:
                raise error
        retried = response.retries is not None and response.retries.history
        if not (retried and self._holds(key, data)):  # else an answer was lost, not our PUT
            raise ConflictError(f"{self.uri}/{key} changed meanwhile")

    def _holds(self, key: str, data: bytes) -> bool:
        try:
            return self.read(key) == data
        except KeyError:
            return False

    @contextmanager
    def _answering(self, key: str = "") -> Iterator[None]:
        """Turn what a server may answer, or fail to, into what callers know."""
        try:
            yield
        except HTTPError as error:
            raise AwayError(f"{self.uri}: {broken(error, self._connection)}") from None
        except (MinioException, ValueError, ParseError) as error:
            code = error.code if isinstance(error, S3Error) else None
            if code in ABSENT:
                AnnouncedRetries.given_up = False
                raise AbsentError(key, self.uri) from None
            if code == "NoSuchBucket":
                raise self._no_bucket() from None
            found = explained(self._in_words(error), self._connection)
            raise UserError(f"{self.uri}: {found}") from None
        AnnouncedRetries.given_up = False

    @contextmanager
    def _streaming(self, key: str) -> Iterator[None]:
        """Turn what Arrow's client makes of such answers into the same."""
        try:
            yield
        except OSError as error:
            if "AWS Error" not in str(error):  # what a reader made of the bytes
                raise
            with self._answering(key), suppress(KeyError):
                self._client.stat_object(self._bucket, self._name(key))  # it says it better
            raise UserError(f"{self.uri}/{key}: {' '.join(str(error).split())}") from None

    def _in_words(self, error: Fault) -> Fault:
        """A HEAD is answered without words: ask for a listing, which is refused in some."""
        has_words = not isinstance(error, ServerError | S3Error)
        if has_words or (isinstance(error, S3Error) and error.response.data):
            return error
        try:
            next(self._client.list_objects(self._bucket, self._name("")), None)
        except S3Error as spoken:
            return spoken
        except (MinioException, HTTPError, ValueError, ParseError):
            return error  # that says no more
        return error

    def _no_bucket(self) -> UserError:
        return UserError(f"{self.uri}: bucket '{self._bucket}' does not exist; create it first")
