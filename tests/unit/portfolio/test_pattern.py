"""A pattern for a part of a text: what it takes, and that it takes no time."""

import re
import time

import pytest

from creditrisk.deliveries.text_part import LONGEST, text_part
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.pattern import java_and_python


@pytest.mark.parametrize(
    ("pattern", "text", "part"),
    [
        (r"(\d+) months?", "36 months", "36"),
        (r"(\d+) months?", "36 years", None),
        (r"[^-]*-(\d{2})-.*", "NACE-01-2023", "01"),
        (r"([A-Z]{2})\d*", "DE4511", "DE"),
        (r"\w+:\s*(.*)", "term: 12 ", "12"),
        (r"\w+:\s*(.*)", "term:", None),
        (r"\((.+)\)", "(x)", None),  # a part takes as many as it can
        (r"\(([^)]+)\)", "(x)", "x"),
        (r"([a\-\]&&[^z]).", "]z", "]"),
        (r"([a\-\]&])&.", "]&z", "]"),
        (r"(.)", "\n", None),
        (r"(\d)", "\u0663", None),  # an Arabic digit
    ],
)
def test_a_pattern_takes_its_part_of_a_whole_text(pattern, text, part):
    try:
        found = text_part(text, ColumnSpec(pattern=pattern))
    except ValueError:
        found = None
    assert found == part


@pytest.mark.parametrize(
    ("ends", "text", "part"),
    [
        ((1, 2), "4511", "45"),
        ((3, 4), "4511", "11"),
        ((-2, -1), "4511", "11"),
        ((-4, -3), "4511", "45"),
        ((1, 2), "4", None),
        ((-2, -1), "4", None),
        ((2, 3), "a  b", None),  # blanks alone
        ((1, 1), "\U0001f4a5b", "\U0001f4a5"),
    ],
)
def test_a_part_is_there_whole_or_not_at_all(ends, text, part):
    assert text_part(text, ColumnSpec(part=ends)) == part


@pytest.mark.parametrize(
    "pattern", [r"\d*\d*\d*\d*(\d*)x", r"[^-]*-?[^-]*-?(.*)!", r"(.{1,999}).*z"]
)
def test_no_pattern_takes_longer_than_its_text(pattern):
    spec, started = ColumnSpec(pattern=pattern), time.process_time()
    for _ in range(200):
        text_part("1" * LONGEST, spec)
    assert time.process_time() - started < 2  # one that gives back takes minutes
    assert text_part("1" * (LONGEST + 1), spec) is None


def test_each_repeat_is_kept():
    assert re.findall(r"[*+?}]\+", java_and_python(r"a*b+c?d{1,3}(e)")) == ["*+", "++", "?+", "}+"]
