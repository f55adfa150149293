"""Numbers and dates as typesetters, spreadsheets and other scripts write them."""

import pytest

from creditrisk.deliveries.delivered_month import read_month
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.typography import OTHERS, PLAIN, UNSEEN, plain
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.stages.etl.cleaning import EMPTY, MISSING, UNREADABLE

GERMAN = {"type": "number", "thousands": " ", "decimal": ","}


@pytest.mark.parametrize(
    ("text", "keys", "value"),
    [
        ("\u22125.5", {}, -5.5),  # the minus sign
        ("\u20135", {}, -5),  # a dash, as a word processor makes of a hyphen
        ("\uff0d\uff11\uff12\uff0e\uff15", {}, -12.5),  # full width
        ("\u0661\u0662\u0663", {}, 123),  # Arabic digits
        ("\u06f1\u06f2\u06f3", {}, 123),  # Persian ones
        ("\u0967\u0968", {}, 12),  # Devanagari
        ("\u200f\u0661\u0662\u200e", {}, 12),  # which way a line runs
        ("1\u2009234,5", GERMAN, 1234.5),  # a thin blank
        ("1\u202f234,5", GERMAN, 1234.5),  # a narrow one
        ("1\u00a0234,5", GERMAN, 1234.5),
        ("1 234,5", GERMAN | {"thousands": "\u202f"}, 1234.5),
        ("1\u2019234.5", {"thousands": "'"}, 1234.5),  # Swiss
        ("1'234.5", {"thousands": "\u2019"}, 1234.5),
        ("\u0661\u066c\u0662\u0663\u0664\u066b\u0665", {"thousands": "\u066c", "decimal": "\u066b"},
         1234.5),
        ("\uff081\uff09", {"negative": "brackets"}, -1),
        ("5\u2212", {"negative": "behind"}, -5),
        ("\u2212\u00a0$5", {"strip": "$"}, -5),
        ("\uff11\uff10 Years", {"type": "duration"}, 120),
    ],
)  # fmt: skip
def test_a_number_is_read_as_what_it_says(text, keys, value):
    assert read(text, ColumnSpec.model_validate({"type": "number"} | keys))[0] == value


@pytest.mark.parametrize(
    "text",
    [
        *("1\u2009234", "\u221d5", "\u00bd", "\u00b2", "5\u2013 7", "\u2160\u2161", "\u5341"),
        "\u00ad5",  # a soft hyphen: a minus, or nothing
    ],
)
def test_what_is_no_number_stays_one_that_is_set_aside(text):
    assert read(text, ColumnSpec(type="number")) == (None, UNREADABLE)


def test_a_date_is_read_in_other_digits_and_with_other_hyphens():
    assert (
        read_month("\uff12\uff10\uff12\uff14\u201101\u201131", ColumnSpec(type="date")).month == 1
    )
    dashed = ColumnSpec(type="date", format="dd\u2013MM\u2013yyyy")
    assert str(read("31-01-2024", dashed)[0]) == "2024-01-31"


@pytest.mark.parametrize("declared", ["-1", "\u22121"])
@pytest.mark.parametrize("text", ["-1", "\u22121", "\uff0d\uff11"])
def test_a_sentinel_is_one_however_it_is_written(text, declared):
    assert read(text, ColumnSpec(type="number", missing=(declared,))) == (None, MISSING)


@pytest.mark.parametrize("text", ["\u2009", "\u200b", "\u3000\ufeff", "\u00a0"])
def test_blanks_of_any_width_are_nothing(text):
    assert read(text, ColumnSpec(type="number"))[1] == read(text, ColumnSpec())[1] == EMPTY


@pytest.mark.parametrize("kind", ["text", "category"])
def test_words_are_left_as_they_are(kind):
    spec = ColumnSpec.model_validate({"type": kind})
    assert (
        read("caf\u00e9 \u2013 bar\u2019s \u0661", spec)[0] == "caf\u00e9 \u2013 bar\u2019s \u0661"
    )


def test_thousands_and_decimals_are_not_one_character_written_twice():
    with pytest.raises(ValueError, match="thousands and decimal are both"):
        ColumnSpec(type="number", thousands="\uff0c", decimal=",")


def test_each_character_stands_for_one_other_or_for_none():
    assert len(set(OTHERS)) == len(OTHERS) == len(PLAIN) + len(UNSEEN)
    assert PLAIN.isascii() and not OTHERS.isascii()
    assert plain(OTHERS) == PLAIN
