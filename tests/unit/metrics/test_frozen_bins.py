import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.metrics.frozen_bins import FrozenBins
from creditrisk.metrics.stability import psi

any_floats = st.lists(
    st.one_of(st.floats(), st.sampled_from([0.0, 1.0, float("nan"), float("inf")])), min_size=1
)
any_categories = st.lists(
    st.one_of(st.sampled_from("abcd"), st.none(), st.integers(0, 3), st.just(float("nan"))),
    min_size=1,
)


def test_deciles_of_distinct_values_are_equal_and_missing_comes_last():
    bins = FrozenBins.numeric(np.append(np.arange(100.0), [np.nan] * 7))
    assert bins.counts(np.append(np.arange(100.0), [np.nan] * 7)).tolist() == [10] * 10 + [7]


@given(st.integers(21, 300), st.integers(1, 20))
def test_distinct_values_fill_the_bins_evenly_whatever_their_number(rows, size):
    reference = np.random.default_rng(rows).normal(size=rows)
    counts = FrozenBins.numeric(reference, size).counts(reference)
    assert len(counts) == size + 1
    assert np.ptp(counts[:-1]) <= 1


@given(any_floats, any_floats)
def test_every_number_falls_in_exactly_one_bin(reference, current):
    bins = FrozenBins.numeric(reference)
    assert bins.counts(current).sum() == len(current)
    assert len(bins.counts(current)) == len(bins.labels) == len(set(bins.labels))
    assert bins.counts(current)[-1] == np.isnan(current).sum()


@given(any_floats, any_floats, st.integers(1, 12))
def test_counts_of_parts_add_up_to_the_whole(reference, current, size):
    bins = FrozenBins.numeric(reference, size)
    parts = bins.counts(current[::2]) + bins.counts(current[1::2])
    assert (parts == bins.counts(current)).all()


@given(st.one_of(any_floats.map(FrozenBins.numeric), any_categories.map(FrozenBins.categorical)))
def test_frozen_bins_survive_json(bins):
    assert FrozenBins.from_dict(json.loads(json.dumps(bins.to_dict(), allow_nan=False))) == bins


@given(any_floats, st.randoms(use_true_random=False))
def test_bins_do_not_depend_on_the_order_of_the_rows(values, random):
    shuffled = random.sample(values, len(values))
    assert FrozenBins.numeric(shuffled) == FrozenBins.numeric(values)


@pytest.mark.parametrize("constant", [0.0, 3.0, -1e9])
def test_a_constant_column_notices_a_move_to_either_side(constant):
    reference = np.full(1000, constant)
    bins = FrozenBins.numeric(reference)
    assert bins.counts(reference).tolist() == [0, 1000, 0, 0]
    for moved in (reference - 1, reference + 1, np.full(1000, np.nan)):
        assert psi(bins.counts(reference), bins.counts(moved)) > 1


def test_a_column_of_mostly_zeros_keeps_zero_apart_from_negatives():
    reference = np.append(np.zeros(900), np.arange(1.0, 101))
    bins = FrozenBins.numeric(reference)
    counts = bins.counts(reference)
    assert counts[0] == 0
    assert counts[1] == 900
    assert bins.counts([-0.5])[0] == 1
    assert abs(bins.edges[0]) > np.finfo(float).tiny


def test_a_column_missing_everywhere_has_one_bin_for_whatever_appears():
    bins = FrozenBins.numeric([np.nan] * 5)
    assert bins.counts([np.nan, 1.0, 2.0]).tolist() == [2, 1]
    assert bins.labels == ("(-inf, inf]", "(missing)")


def test_infinities_fall_in_the_outer_bins_also_when_the_reference_has_them():
    plain = FrozenBins.numeric(np.arange(100.0))
    assert plain.counts([np.inf, -np.inf, np.nan]).tolist() == [1] + [0] * 8 + [1, 1]
    dirty = FrozenBins.numeric([-np.inf] * 50 + [1.0, 2.0] + [np.inf] * 50)
    counts = dirty.counts([-np.inf, np.inf])
    assert (counts[0], counts[-2]) == (1, 1)
    assert np.isfinite(dirty.edges).all()


def test_one_bin_tells_present_from_missing_only():
    assert FrozenBins.numeric([1.0, 2.0], bins=1).counts([5, None]).tolist() == [1, 1]


def test_no_current_rows_count_zero_and_psi_refuses_them():
    bins = FrozenBins.numeric([1.0, 2.0])
    assert not bins.counts([]).any()
    with pytest.raises(ValueError, match="current counts are empty"):
        psi(bins.counts([1.0]), bins.counts([]))


def test_categories_are_ranked_by_frequency_and_then_by_name():
    bins = FrozenBins.categorical(["b", "a", "c", "c", "d", None], top=2)
    assert (bins.categories, bins.others) == (("c", "a"), ("b", "d"))
    assert bins.labels == ("c", "a", "(other)", "(unseen)", "(missing)")


def test_other_unseen_and_missing_are_three_different_bins():
    bins = FrozenBins.categorical(["a", "a", "b"], top=1)
    assert bins.counts(["a", "b", "b", "new", None, float("nan")]).tolist() == [1, 2, 1, 2]


@given(any_categories, any_categories)
def test_every_category_falls_in_exactly_one_bin(reference, current):
    bins = FrozenBins.categorical(reference, top=3)
    assert bins.counts(current).sum() == len(current)
    assert bins.counts(reference)[-2] == 0


def test_whole_numbers_are_the_same_category_after_a_gap_made_them_floats():
    bins = FrozenBins.categorical(np.array([1, 2, 2]))
    assert bins.counts(np.array([1.0, 2.0, np.nan])).tolist() == [1, 1, 0, 0, 1]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_value_is_missing(missing):
    bins = FrozenBins.categorical(["a", missing])
    assert bins.counts(np.array(["a", missing], dtype=object)).tolist() == [1, 0, 0, 1]


def test_a_categorical_column_missing_everywhere_calls_all_else_unseen():
    bins = FrozenBins.categorical([None, None])
    assert bins.counts(["a", None]).tolist() == [0, 1, 1]


def test_a_new_category_of_a_third_of_the_rows_is_a_large_shift():
    bins = FrozenBins.categorical(["a", "b"] * 500)
    current = bins.counts(["a", "b", "new"] * 300)
    assert psi(bins.counts(["a", "b"] * 500), current) == pytest.approx(2.8, abs=0.1)


@pytest.mark.parametrize("make", [FrozenBins.numeric, FrozenBins.categorical])
@pytest.mark.parametrize(("values", "size"), [([], 5), ([1.0], 0)])
def test_bins_of_no_rows_or_no_size_are_refused(make, values, size):
    with pytest.raises(ValueError, match="at least"):
        make(values, size)


@pytest.mark.parametrize("make", [FrozenBins.numeric, FrozenBins.categorical])
def test_tables_are_refused_as_a_column(make):
    with pytest.raises(ValueError, match="one-dimensional"):
        make(np.ones((2, 2)))


def test_text_in_a_numeric_column_is_refused():
    with pytest.raises(ValueError, match="could not convert"):
        FrozenBins.numeric(["12 %", "13 %"])


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"kind": "numeric"},
        {"kind": "numeric", "edges": [2, 1]},
        {"kind": "numeric", "edges": [1, 1]},
        {"kind": "numeric", "edges": [float("inf")]},
        {"kind": "numeric", "edges": [1], "categories": ["a"]},
        {"kind": "categorical", "categories": ["a", "a"], "others": []},
        {"kind": "ordinal", "categories": ["a"], "others": []},
    ],
)
def test_a_record_that_is_no_bins_is_refused(content):
    with pytest.raises(ValueError, match=r"bins|kind"):
        FrozenBins.from_dict(content)
