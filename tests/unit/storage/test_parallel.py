"""Work on many things at once."""

import threading

import pytest

from creditrisk.storage.parallel import in_batches, in_parallel


def test_results_come_in_order_whatever_the_batch():
    numbers = list(range(50))
    assert in_parallel(str, numbers) == [*map(str, numbers)]
    assert list(in_batches(str, numbers, 7)) == [*map(str, numbers)]
    assert list(in_batches(str, [])) == []


def test_who_stops_asking_half_way_leaves_no_thread():
    before = threading.active_count()
    asked = in_batches(str, range(50), 7)
    assert next(asked) == "0"
    assert threading.active_count() == before


def test_what_one_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_batches(lambda number: 1 / number, [1, 0]))
