"""The store over S3 keeps the promises of the store on disk. The server is moto's, on loopback."""

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from creditrisk.errors import UserError
from creditrisk.storage import ConflictError, open_store


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(endpoint, monkeypatch, request):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "something")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket="lake")
    return open_store(f"s3://lake/{abs(hash(request.node.name))}")


def test_what_was_written_is_read_and_listed_and_deleted(store):
    store.write("a/1", b"one")
    store.write("a/1", b"two")
    store.write("b/2", b"")
    assert store.read("a/1") == b"two"
    assert list(store.keys()) == ["a/1", "b/2"]
    assert list(store.keys("a/")) == ["a/1"]
    store.delete("a/1")
    store.delete("a/1")
    with pytest.raises(KeyError, match="a/1"):
        store.read("a/1")


def test_an_object_is_created_once(store):
    store.create("one", b"first")
    with pytest.raises(ConflictError):
        store.create("one", b"second")
    assert store.read("one") == b"first"


def test_a_swap_needs_the_state_it_saw(store):
    assert store.tag("pointer") is None
    store.swap("pointer", b"1", None)
    seen = store.tag("pointer")
    store.swap("pointer", b"2", seen)
    for stale in (seen, None):
        with pytest.raises(ConflictError):
            store.swap("pointer", b"3", stale)
    assert store.read("pointer") == b"2"


def test_parquet_is_read_through_the_store_s_filesystem(store):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"pd": [0.1, 0.2]}), sink)
    store.write("t/part-0.parquet", sink.getvalue().to_pybytes())
    filesystem, root = store.filesystem()
    assert pq.read_table(f"{root}/t/part-0.parquet", filesystem=filesystem).num_rows == 2
    assert store.spark_uri("t/part-0.parquet").startswith("s3a://lake/")


def test_a_bucket_that_is_not_there_is_named(store):
    with pytest.raises(UserError, match="bucket 'nowhere' does not exist; create it first"):
        open_store("s3://nowhere/prefix")


def test_an_endpoint_that_does_not_answer_is_named(store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9 does not answer; is it up"):
        open_store("s3://lake/prefix")
