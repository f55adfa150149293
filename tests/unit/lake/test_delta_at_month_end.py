"""The end of a month's run writes the Delta logs, and ends well where it cannot."""

import pytest

from creditrisk.records.month import read_month_run
from creditrisk.records.run import recorded
from creditrisk.stages.closing.close import close
from creditrisk.stages.decision.resolve import resolve
from tests.builders.delta_tables import by_polars
from tests.builders.lake_writers import LOANS, MONTHS, rows
from tests.builders.small_lender import small_period


@pytest.fixture
def closing(tmp_path, monkeypatch):
    """A month that has committed a table, and what ends it."""
    period = small_period(tmp_path, MONTHS[0])
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    resolve(f"{period.as_of}", "", period.config, "run", lease=False)
    with recorded(period.store, "etl", f"{period.as_of}", "run"):
        loans = rows(period.as_of, 0.1)
        period.lake.write(LOANS, period.as_of, loans, inputs={}, code="test")
    return period


def test_a_month_s_end_writes_what_the_month_committed(closing, capfd):
    close("run")
    assert by_polars(closing.store, "gold/loans").num_rows == 40
    assert "Delta" not in capfd.readouterr().err


def test_a_month_ends_well_though_no_log_can_be_written(closing, capfd):
    closing.store.write("lake/gold/loans/_delta_log", b"a file where a folder should be")
    close("run")
    assert read_month_run(closing.store, closing.as_of).status == "ok"
    [line] = [line for line in capfd.readouterr().err.splitlines() if "Delta" in line]
    assert line.startswith("close_month: 1 of 1 tables are behind as Delta tables (gold/loans: ")
    assert line.endswith("; creditrisk lake delta writes what they lack")
