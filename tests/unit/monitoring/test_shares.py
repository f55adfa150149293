"""How a column falls on the frozen bins, and what was delivered outside its range."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.records.development import Reference
from creditrisk.records.quality import Check
from creditrisk.records.table_profile import TableProfile
from creditrisk.stages.monitoring.column_shares import missing, shares, unseen
from creditrisk.stages.monitoring.portfolio_metrics import out_of_range
from tests.builders.evidence import quality_report
from tests.builders.small_lender import small_portfolio


def category(*values):
    bins = FrozenBins.categorical(np.array(values, dtype=object), top=2)
    return Reference(bins, tuple(bins.counts(np.array(values, dtype=object)).tolist()))


def numbers(values):
    bins = FrozenBins.numeric(values, 4)
    return Reference(bins, tuple(bins.counts(values).tolist()))


def measured(reference, values):
    column = pd.Series(values, dtype=object if reference.bins.kind == "categorical" else float)
    counts = tuple(reference.bins.counts(column).tolist())
    found = [
        missing("x", column, reference, counts),
        *unseen("x", column, reference, counts),
        *shares("x", reference, counts),
    ]
    return {(f.metric, f.segment): f.value for f in found}


def test_the_shares_of_a_month_have_the_labels_of_the_reference_and_add_up():
    reference = numbers(np.arange(100.0))
    found = measured(reference, [*np.arange(50.0), *[np.nan] * 50])
    now = {label: value for (metric, label), value in found.items() if metric == "share:x"}
    assert list(now) == list(reference.shares)
    assert sum(now.values()) == pytest.approx(1) == sum(reference.shares.values())
    assert now["(missing)"] == found[("missing:x", "all")] == 0.5
    assert ("unseen:x", "all") not in found


def test_a_feature_nobody_has_any_more_is_all_missing():
    assert measured(numbers(np.arange(100.0)), [np.nan] * 10)[("missing:x", "all")] == 1


def test_a_category_the_reference_never_saw_is_unseen_and_a_rare_one_is_not():
    reference = category("own", "own", "rent", "rent", "boat")
    found = measured(reference, ["own", "boat", "tent", "tent"])
    assert found[("unseen:x", "all")] == 0.5
    assert found[("share:x", "(other)")] == 0.25
    assert found[("missing:x", "all")] == 0


@pytest.mark.parametrize(
    "reference",
    [
        category("own", "own", "rent", "rent"),  # nothing was missing then
        category("own", "own", "missing", "missing"),  # missing is a category of its own
        category("own", "own", "rent", "rent", "missing"),  # missing is one of the rare ones
    ],
)
def test_missing_is_missing_however_the_reference_counted_it(reference):
    found = measured(reference, ["own", "own", "missing", "missing"])
    assert found[("missing:x", "all")] == 0.5
    assert found[("unseen:x", "all")] == 0


def test_a_category_called_like_a_bin_of_ours_shares_its_row():
    found = measured(category("own", "own", "(missing)"), ["own", "(missing)", None, None])
    assert found[("share:x", "(missing)")] == 0.75


def report(*checks, rows=200):
    form = TableProfile("silver", "form", rows, ())
    return quality_report(date(2024, 3, 1), checks=checks, profiles=(form,))


def test_values_out_of_range_are_counted_where_they_were_still_there():
    struck = Check("silver", "form", "out of range", "income", 5, 200, 0.025, "info", "")
    found = {f.metric: f for f in out_of_range(report(struck), small_portfolio())}
    assert set(found) == {"out_of_range:income", "out_of_range:debt", "out_of_range:age"}
    assert (found["out_of_range:income"].value, found["out_of_range:debt"].value) == (0.025, 0)
    assert {f.axis for f in found.values()} == {"quality"}


def test_without_rows_there_is_no_share_and_without_a_report_no_finding():
    assert {f.value for f in out_of_range(report(rows=0), small_portfolio())} == {None}
    assert out_of_range(None, small_portfolio()) == []
