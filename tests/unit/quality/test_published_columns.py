"""Which names of published loan files `init` takes for known only later, in a file of both."""

import pytest

from creditrisk.quality.portfolio_draft.later import known_later
from tests.builders.published_columns import KNOWN, LATER, split


def wrong(names: list[str], later: bool) -> list[str]:
    return [name for name in names if known_later(name, of_extract=True) is not later]


@pytest.mark.parametrize("held_aside", [False, True])
def test_names_of_servicing_are_taken_for_known_only_later(held_aside):
    names = split(LATER, held_aside)
    assert len(wrong(names, later=True)) <= 0.15 * len(names), wrong(names, later=True)


@pytest.mark.parametrize("held_aside", [False, True])
def test_names_of_an_application_are_not(held_aside):
    names = split(KNOWN, held_aside)
    assert len(wrong(names, later=False)) <= 0.1 * len(names), wrong(names, later=False)


@pytest.mark.parametrize("name", [
    "loan_amnt", "installment", "int_rate", "open_acc", "revol_bal", "delinq_2yrs",
    "mths_since_last_delinq", "inq_last_6mths", "pub_rec", "tax_liens", "ExistingLiabilities",
])  # fmt: skip
def test_none_of_these_is_left_out(name):
    assert not known_later(name, of_extract=True)
