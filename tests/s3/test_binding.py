"""The documents of a store in a bucket, its trail in a locked one: attacked, lost and restored."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from creditrisk.errors import GateError
from creditrisk.records.audit import Trail
from creditrisk.records.store_check import check_newest, check_store, require_bound
from creditrisk.storage import Store, open_audit_store, open_store
from tests.builders.attacks import STOPS, appended, january
from tests.builders.old_store import NEWEST, RECORDS, objects, unpacked

AT_ONCE = 16


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Mapping[str, bytes]:
    """A lender's store and audit store, as they were one day."""
    store = unpacked(tmp_path_factory.mktemp("copy"))
    return {uri.removeprefix(store.uri): data for uri, data in objects(store).items()}


def restored(copy: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy in places of its own; `-audit/...` goes to the locked bucket."""
    prefix = uuid4().hex
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", f"s3://audit/{prefix}")
    store = open_store(f"s3://lake/{prefix}")
    audit = open_audit_store(store)

    def put(item: tuple[str, bytes]) -> None:
        place, key = item[0].split("/", 1)
        (audit if place else store).create(key, item[1])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(put, copy.items()))
    return store


def test_each_attack_on_a_document_stops_the_month_and_is_named(copy, environment, monkeypatch):
    missed = []
    for attack, text in STOPS.items():
        store = restored(copy, monkeypatch)
        attack(store)
        with pytest.raises(GateError, match=text):
            require_bound(january(store), NEWEST.replace(month=9))
        if check_store(store).faults == ():
            missed.append(attack.__name__)
    assert missed == []


def test_a_bucket_restored_from_a_copy_is_whole_and_knows_what_it_lost(
    copy, environment, monkeypatch
):
    lost = restored(copy, monkeypatch)
    appended(lost, "overridden", "after the copy", by="ann", reason="a day later")
    head = Trail(open_audit_store(lost)).head()

    store = restored(copy, monkeypatch)
    require_bound(january(store))
    assert check_store(store).faults == check_newest(store).faults == ()
    (fault,) = check_store(store, {head.sequence: head.sha256}).faults
    assert fault.startswith(f"record {RECORDS + 1} is missing")
