"""A figure of a page has as many digits as can be seen."""

import pytest

from creditrisk.reports.evidently.page import few_digits


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ([0.10969194157, 0.31, 1.0], [0.1097, 0.31, 1.0]),
        ([1234567.891, 1234569.125], [1234567.891, 1234569.125]),  # a narrow span far from nothing
        ([20250101, 20250201], [20250101, 20250201]),
        ([0.123456789, 0.123456789], [0.1235, 0.1235]),
        ([None, float("inf"), 3.14159], [None, float("inf"), 3.142]),
        ([], []),
        ({"y": [1e-9, 3e-9], "z": 0.123456789}, {"y": [1e-9, 3e-9], "z": 0.123457}),
        ([True, "a", [0.5]], [True, "a", [0.5]]),
    ],
)
def test_a_figure_has_as_many_digits_as_can_be_seen(given, short):
    assert few_digits(given) == short
