"""How numbers are written, and that there is one way of it."""

import re
from pathlib import Path

import pytest

from creditrisk.number_text import interval, p_text, p_value, pd_text, percent, share

ROOT = Path(__file__).parents[2]
BLANK_BEFORE_PER_CENT = re.compile(r"""[0-9}] %[ ,.;:)"'<]""")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.273456, "27.3%"), (0.00482, "0.482%"), (0.3, "30%"), (1, "100%"), (0.99991, "> 99.9%")],
)
def test_a_limit_has_as_many_of_three_digits_as_it_needs(value, text):
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.273456, "27.3%"), (0.00482, "0.482%"), (0.9003, "90.0%"), (0.3, "30.0%"), (1.0, "100%"),
        (0.99991, "> 99.9%"), (0.0300001, "3.00%"), (2e-9, "< 0.001%"), (0.0, "< 0.001%"),
    ],
)  # fmt: skip
def test_a_pd_has_three_digits(value, text):
    assert pd_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.3, "30.0%"), (0.3002, "30.02%"), (0.29999, "29.999%"), (0.30000004, "30.000004%")],
)
def test_a_pd_shows_on_which_side_of_the_cut_off_it_lies(value, text):
    assert pd_text(value, 0.3) == text


def test_a_share_short_of_all_is_not_said_to_be_all():
    assert [share(n) for n in (1.0, 0.99999, 0.4, None, float("nan"))] == [
        "100.0%", "> 99.9%", "40.0%", "", ""
    ]  # fmt: skip


def test_a_p_value_that_would_round_to_nothing_says_so_in_tables_and_sentences():
    assert [p_value(n) for n in (0.0478, 3e-9, 1.0, None)] == ["0.048", "< 0.001", "1.000", ""]
    assert p_text(3e-9) == "p < 0.001"


def test_an_interval_without_one_of_its_bounds_is_none():
    assert interval(-0.0001, 0.25, ".2f") == "0.00 to 0.25"
    assert interval(None, 0.2) == interval(0.1, float("nan")) == ""


def test_no_text_of_the_product_has_a_blank_before_its_per_cent_sign():
    files = [*ROOT.glob("components/**/*.py"), *ROOT.glob("components/**/*.html")]
    assert files
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if BLANK_BEFORE_PER_CENT.search(line.replace("%}", "").replace("{%", ""))
    }
    assert found == set()
