"""Cohorts for train, validation and three out-of-time windows."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.calendar_month import add_months
from creditrisk.model.cohort_split import NotEnoughEvidenceError, bads_of, split_cohorts
from creditrisk.model.matured_loans import newest_matured
from creditrisk.policy import load_policy
from tests.builders.small_lender import START

DEV = load_policy().development  # 4 train, 2 validation, windows of 1 to 12 cohorts, 100 bads


def cohorts(*bads, of_each=1):
    """So many bads a cohort; every customer has `of_each` loans of it."""
    firsts = np.cumsum([0, *bads])
    return {
        add_months(START, number): first + np.arange(count) // of_each
        for number, (first, count) in enumerate(zip(firsts, bads, strict=False))
    }


def test_windows_are_the_newest_cohorts_one_month_each_where_bads_suffice():
    split = split_cohorts(cohorts(*[150] * 10), DEV)
    assert split.windows == ((date(2023, 8, 1),), (date(2023, 9, 1),), (date(2023, 10, 1),))
    assert split.validation == (date(2023, 6, 1), date(2023, 7, 1))
    assert split.train == tuple(add_months(START, n) for n in range(5))


def test_a_window_is_widened_towards_older_cohorts_until_it_holds_enough_bads():
    split = split_cohorts(cohorts(*[150] * 8, 60, 45, 70, 40), DEV)
    assert split.windows == (
        (date(2023, 8, 1),),
        (date(2023, 9, 1), date(2023, 10, 1)),
        (date(2023, 11, 1), date(2023, 12, 1)),
    )


def test_two_bad_loans_of_a_customer_are_one_bad_of_a_window():
    once, twice = cohorts(*[75] * 20), cohorts(*[150] * 20, of_each=2)
    assert split_cohorts(twice, DEV) == split_cohorts(once, DEV)
    assert {len(window) for window in split_cohorts(twice, DEV).windows} == {2}
    few = cohorts(*[100] * 10, of_each=100)
    with pytest.raises(NotEnoughEvidenceError, match=r"200 bads \(worth 2, many of one customer\)"):
        split_cohorts(few, DEV)


def test_bads_are_numbered_by_customer_over_all_cohorts():
    january, february, march = list(cohorts(0, 0, 0))
    loans = pd.DataFrame({"cohort": [january, february, february], "customer_id": ["a", "b", "a"]})
    found = bads_of(loans, [march, january, february])
    assert {month: own.tolist() for month, own in found.items()} == {
        january: [0], february: [1, 0], march: [],
    }  # fmt: skip


def test_too_few_cohorts_say_how_many_are_needed_and_there():
    with pytest.raises(NotEnoughEvidenceError, match=r"needs 9 matured cohorts .* has 8;"):
        split_cohorts(cohorts(*[150] * 8), DEV)


def test_widening_never_eats_the_cohorts_train_needs():
    with pytest.raises(NotEnoughEvidenceError, match=r"window 3 .* holds 60 bads"):
        split_cohorts(cohorts(*[60] * 9), DEV)


def test_a_window_as_wide_as_allowed_with_too_few_bads_is_not_enough_evidence():
    with pytest.raises(
        NotEnoughEvidenceError, match=r"holds 24 bads, development\.oot_least_bads asks for 30;"
    ):
        split_cohorts(cohorts(*[2] * 60), DEV)


def test_a_book_that_no_waiting_helps_is_told_how_wide_its_windows_would_have_to_be():
    with pytest.raises(NotEnoughEvidenceError, match=r"oot_max_months \(12\) will: 15 would"):
        split_cohorts(cohorts(*[2] * 60), DEV)
    wide = DEV.model_copy(update={"oot_max_months": 15})
    assert {len(window) for window in split_cohorts(cohorts(*[2] * 120), wide).windows} == {15}
    with pytest.raises(NotEnoughEvidenceError, match="none of its months has a bad"):
        split_cohorts(cohorts(*[0] * 60), DEV)


def test_the_widest_window_is_enough_with_fewer_bads():
    split = split_cohorts(cohorts(*[5] * 60), DEV)
    assert [len(window) for window in split.windows] == [12, 12, 12]
    assert len(split.validation) == 10  # 50 bads
    assert len(split.train) == 14


def test_ten_bads_a_month_make_a_first_model_after_forty_cohorts():
    with pytest.raises(NotEnoughEvidenceError, match=r"train cohorts .* hold 40 bads"):
        split_cohorts(cohorts(*[10] * 39), DEV)
    split = split_cohorts(cohorts(*[10] * 40), DEV)
    assert [len(window) for window in split.windows] == [10, 10, 10]
    assert (len(split.validation), len(split.train)) == (5, 5)


def test_twenty_eight_bads_a_month_make_one_after_eighteen():
    split = split_cohorts(cohorts(*[28] * 18), DEV)
    assert [len(window) for window in split.windows] == [4, 4, 4]
    assert (len(split.validation), len(split.train)) == (2, 4)


def test_where_snapshots_are_rare_windows_grow_by_whole_cycles():
    quarters = DEV.model_copy(update={"oot_months": 3, "validation_cohorts": 3})
    split = split_cohorts(cohorts(*[20] * 40), quarters)
    assert [len(window) for window in split.windows] == [6, 6, 6]
    assert len(split.validation) == 3


def test_validation_without_bads_is_not_enough_evidence():
    with pytest.raises(NotEnoughEvidenceError, match=r"validation cohorts .* hold 0 bads"):
        split_cohorts(cohorts(*[0] * 6, *[150] * 3), DEV)


def test_a_recalibration_needs_no_train_cohorts():
    split = split_cohorts(cohorts(*[150] * 5), DEV, train_needed=0)
    assert split.train == ()
    assert len(split.validation) == 2


def test_without_any_cohort_the_message_still_has_numbers():
    with pytest.raises(NotEnoughEvidenceError, match=r"needs 9 matured cohorts .* has 0"):
        split_cohorts({}, DEV)


@given(st.lists(st.integers(0, 200), max_size=40))
def test_parts_are_disjoint_in_time_order_and_windows_hold_enough_bads(bads):
    found = cohorts(*bads)
    try:
        split = split_cohorts(found, DEV)
    except NotEnoughEvidenceError:
        return
    windows = [cohort for window in split.windows for cohort in window]
    assert [*split.train, *split.validation, *windows] == sorted(found)
    assert len(split.train) >= DEV.min_train_cohorts
    for window in split.windows:
        assert len(window) <= DEV.oot_max_months
        assert sum(len(found[cohort]) for cohort in window) >= DEV.oot_min_bads


def test_a_cohort_matures_after_its_outcome_window_and_the_reporting_lag():
    assert newest_matured(date(2023, 8, 1), mob=6, reporting_lag=1) == START
    assert newest_matured(date(2023, 7, 1), mob=6, reporting_lag=1) < START
