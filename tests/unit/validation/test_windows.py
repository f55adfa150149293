"""Which loans a version is judged on."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from creditrisk import contracts
from creditrisk.stages.validation.window_rows import read_rows
from tests.builders.small_lender import fill, small_period
from tests.builders.versions import at_month

APRIL = date(2024, 4, 1)
COHORT = date(2024, 1, 1)


@pytest.fixture
def period(tmp_path):
    period = small_period(tmp_path, APRIL)
    fill(period)
    return period


def relabel(period, change):
    """Commit the labels that matured in April anew, changed."""
    table = period.lake.read(contracts.LABELS, [APRIL])
    frame = change(table.to_pandas())
    again = pa.Table.from_pandas(frame, schema=contracts.LABELS.arrow, preserve_index=False)
    period.lake.write(contracts.LABELS, APRIL, again, inputs={"test": "2"}, code="test")


def test_a_window_holds_every_loan_of_its_cohorts_once(period):
    rows = read_rows(period, [date(2023, 12, 1), COHORT], 3)
    assert (len(rows.bad), rows.bads + rows.goods) == (800, 800)
    assert set(rows.frame.cohort) == {date(2023, 12, 1), COHORT}
    assert "bad" not in rows.frame
    assert rows.of([COHORT]).frame.application_id.is_unique


def test_the_early_outcome_is_another_outcome(period):
    early, late = (read_rows(period, [COHORT], mob) for mob in (1, 3))
    assert 0 < early.bads < late.bads


def test_a_cohort_not_matured_has_no_rows(period):
    assert len(read_rows(at_month(period, date(2024, 3, 1)), [COHORT], 3).bad) == 0
    assert len(read_rows(period, [date(2024, 2, 1)], 3).bad) == 0


def test_an_outcome_nobody_can_tell_is_no_row(period):
    relabel(period, lambda frame: frame.assign(bad=frame.bad.where(frame.index % 4 != 0)))
    assert len(read_rows(period, [COHORT], 3).bad) == 300


def test_two_loans_of_one_application_are_two_rows(period):
    relabel(
        period,
        lambda frame: pd.concat(
            [frame, frame[frame.mob == 3].head(5).assign(loan_id=lambda f: f.loan_id + "b")]
        ),
    )
    rows = read_rows(period, [COHORT], 3)
    assert len(rows.bad) == 405
    assert rows.frame.loan_id.is_unique


def test_a_loan_that_began_after_its_application_month_finds_its_features(period):
    december = period.lake.read(contracts.features(period.portfolio), [date(2023, 12, 1)])
    applied = december.column("application_id").to_pylist()[:7]

    def change(frame):
        late = frame[frame.mob == 3].head(7).assign(application_id=applied)
        return pd.concat([late, frame.drop(late.index)])

    relabel(period, change)
    rows = read_rows(period, [COHORT], 3)
    early = rows.frame[rows.frame.snapshot_date == date(2023, 12, 1)]
    assert sorted(early.application_id) == sorted(applied)
    assert (early.cohort == COHORT).all()
    assert len(rows.bad) == 400
