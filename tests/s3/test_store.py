"""The store in a bucket keeps the promises of the store on disk; so does a locked bucket."""

import json
from uuid import uuid4

import pytest
from minio.error import S3Error

from creditrisk.records.audit import Trail
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_store
from tests.builders.store_promises import StorePromises


class TestStoreInABucket(StorePromises):
    """The promises, on S3."""


class TestStoreInALockedBucket(StorePromises):
    """The promises where every version is kept and none may be removed for a day."""

    @pytest.fixture
    def store(self, environment):
        return open_store(f"s3://audit/{uuid4().hex}")


def test_a_store_at_the_root_of_a_bucket_lists_its_own_keys(minio, environment):
    bucket = f"root-{uuid4().hex[:8]}"
    minio.client.make_bucket(bucket)
    store = open_store(f"s3://{bucket}")
    store.create("a/1", b"")
    assert list(store.keys()) == ["a/1"]
    assert store.spark_uri("a/1") == f"s3a://{bucket}/a/1"


def test_a_trail_in_a_locked_bucket_cannot_be_rewritten_without_a_trace(minio, environment):
    prefix = uuid4().hex
    trail = Trail(open_store(f"s3://audit/{prefix}"))
    for number in range(3):
        trail.append("decided", "pipeline", "2024-01-01T00:00:00Z", {"n": number}, f"{number}")
    assert verify(trail) == []
    first = f"{prefix}/records/0000000001.json"
    trail.store.write("records/0000000001.json", b"{}")
    assert verify(trail) == ["record 1 was changed: it is not as it was written"]
    forged, original = minio.client.list_objects("audit", first, include_version=True)
    with pytest.raises(S3Error, match="WORM"):
        minio.client.remove_object("audit", first, version_id=original.version_id)
    kept = minio.client.get_object("audit", first, version_id=original.version_id)
    assert forged.is_latest == "true"
    assert json.loads(kept.data)["event"] == "decided"


def test_an_upload_that_was_not_completed_is_not_there(minio, store):
    name = store.spark_uri("t/part-0").removeprefix("s3a://lake/")
    upload = minio.client._create_multipart_upload("lake", name, {})
    minio.client._upload_part("lake", name, b"x" * (5 << 20), {}, upload, 1)
    assert list(store.keys()) == []
    assert store.tag("t/part-0") is None
    with pytest.raises(KeyError), store.open("t/part-0"):
        pass
