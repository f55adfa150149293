"""Whoever follows the check's advice keeps every value and every sign."""

from dataclasses import dataclass

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check import advice
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.stages.etl.cleaning import UNREADABLE
from tests.builders.column_of_texts import column_of

MOST_ROUNDS = 4


@dataclass(frozen=True)
class Notation:
    """How a lender writes amounts."""

    thousands: str
    decimal: str
    before: str
    behind: str
    negative: str

    def write(self, cents: int) -> str:
        number = f"{abs(cents) / 100:,.2f}".translate(
            str.maketrans({",": self.thousands, ".": self.decimal})
        )
        text = f"{self.before}{number}{self.behind}"
        if cents >= 0:
            return text
        return {"front": f"-{text}", "brackets": f"({text})", "behind": f"{text}-"}[self.negative]


NOTATIONS = st.builds(
    Notation,
    thousands=st.sampled_from(["", ",", " ", "'"]),
    decimal=st.just("."),
    before=st.sampled_from(["", "$", "EUR "]),
    behind=st.sampled_from(["", " €", "%", " kr"]),
    negative=st.sampled_from(["front", "brackets", "behind"]),
) | st.builds(
    Notation,
    thousands=st.sampled_from(["", ".", " ", "'"]),
    decimal=st.just(","),
    before=st.sampled_from(["", "£"]),
    behind=st.sampled_from(["", " €"]),
    negative=st.sampled_from(["front", "brackets", "behind"]),
)
CENTS = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30)


def described(texts: list[str], keys: dict[str, object]) -> Column:
    return column_of("amount", ColumnSpec.model_validate(keys), texts)


def followed(texts: list[str]) -> list[dict[str, object]]:
    """The description before any advice, and after each piece of it that was followed."""
    steps: list[dict[str, object]] = [{"type": "number"}]
    for _ in range(MOST_ROUNDS):
        column = described(texts, steps[-1])
        if not column.count(UNREADABLE):
            break
        key, change = advice.unreadable(column, list(column.commonest(UNREADABLE)))
        if key in ("", "missing", "type"):
            break  # a person is asked what the texts mean
        steps.append(steps[-1] | yaml.safe_load(f"{{{change}}}"))
    return steps


@given(NOTATIONS, CENTS)
@settings(max_examples=150)
def test_an_advised_notation_reads_each_amount_as_it_was_meant(notation, cents):
    texts = [notation.write(value) for value in cents]
    for keys in followed(texts):
        spec = ColumnSpec.model_validate(keys)
        for text, value in zip(texts, cents, strict=True):
            found, _ = read(text, spec)
            assert found is None or abs(found - value / 100) < 0.005, (text, keys)


@given(NOTATIONS, CENTS)
@settings(max_examples=100)
def test_following_advice_never_reads_fewer_amounts(notation, cents):
    texts = [notation.write(value) for value in cents]
    read_by = [
        sum(read(text, ColumnSpec.model_validate(keys))[0] is not None for text in texts)
        for keys in followed(texts)
    ]
    assert read_by == sorted(read_by)


def advised(texts: list[str], **keys: object) -> str:
    column = described(texts, {"type": "number"} | keys)
    return advice.unreadable(column, list(column.commonest(UNREADABLE)))[1]


@pytest.mark.parametrize(
    "texts",
    [
        ["5.\u2013", "6,\u2013"],
        ["5.-", "6,-"],  # no cents
        ["5k", "6k", "800"],
        ["5k", "6k"],
        ["1.2 Mio. EUR", "3 Mio. EUR"],
        ["<5", "<6"],
        [">=5", "~6"],
        ["10+", "20+"],
        ["[5]", "[6]"],
        ["5 EUR", "6 USD"],
        ["$5", "€6"],
        ["5%", "6%", "0.07"],
        ["5 S", "6 H"],  # Soll and Haben
        ["5 D", "6 C"],
        ["1,5", "2,5", "3.5"],
    ],
    ids=" ".join,
)
def test_nothing_is_advised_that_changes_what_an_amount_means(texts):
    assert advised(texts) in ("", "type: category", advice.NO_KEY)


@pytest.mark.parametrize(
    ("texts", "change"),
    [
        (["5%", "6.5%"], 'strip: "%", unit: "%"'),
        (["5 yrs", "6 yrs"], 'strip: "yrs", unit: "yrs"'),
        (["5 EUR", "6"], 'strip: "EUR"'),
        (["-$5", "$6"], 'strip: "$"'),
        (['"5"', '"6"'], r'strip: "\""'),
        (["1\u00a0234", "2\u00a0345"], 'thousands: " "'),
        (["1\u2019234", "2\u2019345.5"], """thousands: "'\""""),
        (["1.234", "1.234.567"], 'thousands: ".", decimal: ","'),
        (["5 Cr", "6 Cr"], 'negative: "CR" (or DR: which of them is less?)'),
        (
            ["1,234", "2,345"],
            'thousands: "," (or decimal: ",": each has three digits behind one comma)',
        ),
        (["1,234", "1.5"], 'thousands: ","'),
    ],
)
def test_an_advice_says_what_nobody_can_tell(texts, change):
    assert advised(texts) == change
    keys = yaml.safe_load(f"{{{change.partition(' (')[0]}}}")
    assert all(read(text, ColumnSpec(type="number", **keys))[0] is not None for text in texts)


@pytest.mark.parametrize(
    ("texts", "change"),
    [
        (
            ["01/02/03", "04/05/06"],
            "format: dd/MM/yy (or MM/dd/yy, or yy/MM/dd: no day above 12 tells them apart)",
        ),
        (["01/02/2003", "13/02/2003"], "format: dd/MM/yyyy"),
        (["19000"], "format: sas date (or days since 1970-01-01: '19000' is 2012-01-08, or 2022-"),
    ],
)
def test_every_way_in_which_dates_may_be_meant_is_named(texts, change):
    assert advised(texts, type="date").startswith(change)


@pytest.mark.parametrize(
    ("keys", "texts", "change"),
    [
        ({"decimal": ","}, ["1,234.50", "2,345.25"], {"thousands": ",", "decimal": "."}),
        ({"thousands": " "}, ["$1 000.5", "$6.25"], {"strip": "$"}),
        ({"decimal": ","}, ["5.25", "6.75"], {"decimal": "."}),
        ({"negative": "behind"}, ["5 kr", "6 kr-"], {"strip": "kr", "unit": "kr"}),
    ],
)
def test_what_is_advised_fits_what_is_described_already(keys, texts, change):
    found = yaml.safe_load(f"{{{advised(texts, **keys)}}}")
    assert found == change
    spec = ColumnSpec.model_validate({"type": "number"} | keys | found)
    assert all(read(text, spec)[0] is not None for text in texts)


def test_one_odd_text_among_many_hides_no_advice():
    assert advised([*(f"{n}_" for n in range(200)), "5k"]) == 'strip: "_"'


def test_a_code_of_a_status_is_no_new_category():
    spec = ColumnSpec(role="status", type="category", spellings={"current": ("0",)})
    column = column_of("status", spec, ["X"])
    key, change = advice.categories(column, [("X", 1)])
    assert (key, change) == ("spellings", 'add to the spellings of a state: ["X"]')


@pytest.mark.parametrize(
    ("texts", "plain", "change"),
    [
        (["#DIV/0!"], ["5", "6"], 'add to missing: ["#DIV/0!"]'),
        (["1.#INF"], ["5", "6"], 'add to missing: ["1.#INF"]'),
        (["ERR1", "ERR2"], ["5"] * 3, 'add to missing: ["ERR1", "ERR2"], if they mean that'),
        (["\u00ad5"], ["5"] * 3, advice.NO_KEY),
        (["\u00bd5", "\u00bd6", "\u00bd7"], ["5"], advice.NO_KEY),
        (["\u22125", "\uff15\uff10", "\u0966\u0967"], ["5"], ""),  # they are read
        (["\u221230\u2009000,00", "31\u2009500,25"], [], 'thousands: " ", decimal: ","'),
        (
            ["\u0663\u066c\u0660\u0660\u0660\u066b\u0665"],
            [],
            'thousands: "\u066c", decimal: "\u066b"',
        ),
        (["R$ 5", "R$ 6"], [], 'strip: "$R"'),
    ],
)
def test_odd_amounts_among_others_keep_what_they_mean(texts, plain, change):
    assert advised([*texts, *plain]) == change


def test_a_fraction_is_no_whole_number_and_no_category():
    assert advised(["0.5", "1,5"], type="integer") in ("", advice.NO_KEY, "type: category")
    assert advised(["0.5", "1.5"], type="integer") == "type: number"
    assert advised(["0,5", "1,5"], type="integer") == 'type: number, decimal: ","'
