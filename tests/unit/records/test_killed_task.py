"""A task that was killed is told of, whatever became of the mark that it began."""

import pytest

from creditrisk.records import layout
from creditrisk.records.run import killed
from creditrisk.storage import open_store


@pytest.mark.parametrize("mark", [b"2025-01-01", b"", b"\xff\xfe\x00", b"x" * 3_000_000])
def test_a_task_without_a_record_has_failed_whatever_its_mark_says(tmp_path, mark):
    store = open_store(f"{tmp_path}")
    store.write(layout.begun("a-run", "etl"), mark)
    (record,) = killed(store, "a-run")
    assert (record.task, record.status, record.exit_code) == ("etl", "failed", 1)
    assert record.encode()
