"""What a status looks at of a store."""

from creditrisk.records.audit import Trail
from creditrisk.records.store_check import check_newest
from creditrisk.storage import open_audit_store, open_store


def test_a_trail_before_the_first_decision_is_whole(tmp_path):
    store = open_store(f"{tmp_path}")
    trail = Trail(open_audit_store(store))
    trail.append("trained", "pipeline", "2024-01-02T10:00:00+00:00", {"version": "v1"}, "v1")
    found = check_newest(store)
    assert (found.count, found.faults) == (1, ())
