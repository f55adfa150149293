"""Timestamps of an audit trail in a locked bucket: kept once, and missed when they are gone."""

import shutil
from uuid import uuid4

import pytest

from creditrisk.records.audit import Trail
from creditrisk.records.timestamp import stamp, stamped
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_store
from tests.builders.tampering import add
from tests.builders.timestamp_authority import make_authority, signing

pytest.importorskip("rfc3161_client", reason="no rfc3161-client: make install")
pytestmark = pytest.mark.skipif(
    not shutil.which("openssl"), reason="no openssl to be the authority"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with signing(make_authority(tmp_path_factory.mktemp("tsa") / "one")) as found:
        yield found


@pytest.fixture
def trail(environment):
    return in_a_bucket()


def in_a_bucket(first: int = 1) -> Trail:
    """Three records below a prefix of their own."""
    trail = Trail(open_store(f"s3://audit/{uuid4().hex}"))
    for number in range(first, first + 3):
        add(trail, number)
    return trail


def test_a_head_in_a_bucket_is_signed_once(trail, authority):
    key = stamp(trail, authority.url)
    assert stamp(trail, authority.url) == key
    [version] = trail.store.versions("stamps/")
    assert (version.key, version.deleted) == (key, False)
    [one] = stamped(trail, authority.ca)
    assert (one.count, one.fault) == (3, "")
    assert abs((one.at - version.at).total_seconds()) < 60
    assert verify(trail) == []


def test_a_timestamp_that_is_written_again_or_removed_is_named_with_its_time(trail, authority):
    key = stamp(trail, authority.url)
    other = in_a_bucket(100)
    trail.store.write(key, other.store.read(stamp(other, authority.url)))
    [one] = stamped(trail, authority.ca)
    assert one.fault.startswith(f"{key}: its timestamp of 20")
    [again] = verify(trail)
    assert again.startswith(f"{key} was written again at 20")

    key = stamp(other, authority.url)
    other.store.delete(key)
    assert list(stamped(other, authority.ca)) == []
    [gone] = verify(other)
    assert gone.startswith(f"{key} was removed at 20")
