"""Versions of objects in a bucket, and the removals between them."""

from collections.abc import Iterable

from minio import Minio
from minio.commonconfig import ENABLED
from minio.datatypes import Object
from minio.error import S3Error

from creditrisk.storage import ObjectVersion


class Versions:
    """Of a bucket: whether it keeps any is asked for once."""

    def __init__(self, client: Minio, bucket: str, root: str) -> None:
        self._client, self._bucket, self._root = client, bucket, root
        self._kept = False  # it is known to

    def of(self, prefix: str) -> list[ObjectVersion] | None:
        """Of the keys below the root that begin with `prefix`, by key, the oldest first.

        None where the bucket keeps none, or does not show them to this key.
        """
        try:
            listed = list(
                self._client.list_objects(
                    self._bucket, self._root + prefix, recursive=True, include_version=True
                )
            )
        except S3Error as error:
            if error.code == "AccessDenied":
                return None
            raise
        if any(item.version_id in (None, "null") for item in listed):
            return None
        self._kept = self._kept or bool(listed) or self._enabled()
        return self._in_order(listed) if self._kept else None

    def _enabled(self) -> bool:
        return self._client.get_bucket_versioning(self._bucket).status == ENABLED

    def _in_order(self, listed: Iterable[Object]) -> list[ObjectVersion]:
        found = [
            ObjectVersion(
                name[len(self._root) :],
                item.last_modified,
                bool(item.is_delete_marker),
                item.etag or "",
            )
            for item in listed
            if (name := item.object_name) and item.last_modified
        ]
        return sorted(found, key=lambda one: (one.key, one.at))
