"""Versions of objects in a bucket, and the removals between them."""

from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import S3Error

from creditrisk.storage import ObjectVersion


def object_versions(
    client: Minio, bucket: str, root: str, prefix: str
) -> list[ObjectVersion] | None:
    """Of the keys below `root` that begin with `prefix`, by key, the oldest first.

    None where the bucket keeps none, or does not show them to this key.
    """
    try:
        listed = list(
            client.list_objects(bucket, root + prefix, recursive=True, include_version=True)
        )
    except S3Error as error:
        if error.code == "AccessDenied":
            return None
        raise
    kept = all(item.version_id not in (None, "null") for item in listed)
    if not kept or (not listed and client.get_bucket_versioning(bucket).status != ENABLED):
        return None
    found = [
        ObjectVersion(
            name[len(root) :], item.last_modified, bool(item.is_delete_marker), item.etag or ""
        )
        for item in listed
        if (name := item.object_name) and item.last_modified
    ]
    return sorted(found, key=lambda one: (one.key, one.at))
