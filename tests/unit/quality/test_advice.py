"""Whoever follows the check's advice keeps every value and every sign."""

from dataclasses import dataclass

import numpy as np
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check import advice
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.reading import read
from creditrisk.stages.etl.cleaning import UNREADABLE

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
    behind=st.sampled_from(["", " €", "%"]),
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
    distinct = list(dict.fromkeys(texts))
    codes = np.array([distinct.index(text) for text in texts], dtype=np.int64)
    return Column("amount", ColumnSpec.model_validate(keys), distinct, codes)


def followed(texts: list[str]) -> list[dict[str, object]]:
    """The description before any advice, and after each piece of it that was followed."""
    steps: list[dict[str, object]] = [{"type": "number"}]
    for _ in range(MOST_ROUNDS):
        column = described(texts, steps[-1])
        if not column.count(UNREADABLE):
            break
        key, change = advice.unreadable(column, list(column.commonest(UNREADABLE)))
        if not change or key in ("missing", "type"):
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
