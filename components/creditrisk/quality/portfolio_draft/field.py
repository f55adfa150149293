"""One column nobody has described, read by what it is taken for."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from creditrisk.portfolio.source import STAR
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_draft.values import Belief, as_days, belief_of
from creditrisk.quality.portfolio_draft.words import meaning, words

_ID = re.compile(r"[^\W\d_]{0,6}[-_/.]?\d[\w/.-]{2,}|[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3,}.*")
_NEARLY_ALL = 0.98
_FEWEST = 20  # different texts of an identifier
_LEAST = 0.02  # of its rows
_LEAST_NAMED = 0.001  # the same, where its name says so: loans that are paid each day for years
_MOST = 0.01  # of the rows bear one identifier, or ten times what each would if all bore alike
_LOOKED_AT = 1_000
_NEVER = -1
NOUNS = ("customer", "loan", "application")


@dataclass(frozen=True, eq=False)
class Field:
    """A column by its belief: what its rows say, as numbers, days and identities."""

    name: str
    column: Column
    belief: Belief

    @property
    def type(self) -> str:
        return str(self.belief.keys.get("type", "text"))

    @property
    def terms(self) -> frozenset[str]:
        """The words of its name."""
        return words(self.name)

    @property
    def noun(self) -> str:
        """What it names, as far as its own name tells."""
        return next((noun for noun in NOUNS if self.terms & meaning(noun)), "")

    @cached_property
    def ids(self) -> tuple[list[str], NDArray[np.int64]]:
        """Trimmed texts, and of each row which of them it has; -1 where it is empty."""
        place: dict[str, int] = {}
        trimmed = self.column.trimmed.to_pylist()
        codes = [place.setdefault(text, len(place)) if text else _NEVER for text in trimmed]
        return list(place), np.array(codes, dtype=np.int64)[self.column.codes]

    @property
    def distinct(self) -> int:
        """Different texts that are not empty."""
        return len(self.ids[0])

    @cached_property
    def filled(self) -> float:
        """Share of rows that are not empty."""
        return float((self.ids[1] >= 0).mean()) if len(self.ids[1]) else 0.0

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """Of each row its date as a count of days; -1 where there is none."""
        return self._by_text(lambda day: day.toordinal())

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """Of each row the month of its date as a count; -1 where there is none."""
        return self._by_text(lambda day: day.year * 12 + day.month)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """Of each row its number; nan where there is none."""
        return self.column.readings.numbers[self.column.codes]

    @cached_property
    def identifies(self) -> bool:
        """Whether its texts name something: a customer, a loan, a transaction."""
        if not (self.type == "text" or self.belief.whole) or self.filled < 0.9:
            return False
        texts, codes = self.ids
        named = self.terms <= meaning(*NOUNS, "number")
        least = _LEAST_NAMED if named else _LEAST
        if len(texts) < max(_FEWEST, least * len(codes)):
            return False
        if np.bincount(codes + 1)[1:].max() > max(_MOST, 10 / len(texts)) * len(codes):
            return False  # a count, or dirt among categories
        some = texts[:: max(len(texts) // _LOOKED_AT, 1)]
        if self.belief.whole:
            wide = len({len(text) for text in some}) == 1 and len(some[0]) >= 5
            return named or bool(self.terms & meaning("number")) or (wide and self.unique)
        alike = sum(bool(_ID.fullmatch(text)) for text in some) > _NEARLY_ALL * len(some)
        return alike or (named and not any(" " in text for text in some))

    @property
    def unique(self) -> bool:
        """Whether it differs in every row; a few rows may be there twice."""
        return self.distinct >= _NEARLY_ALL * len(self.ids[1])

    def unique_by(self, months: NDArray[np.int64]) -> bool:
        """Whether it differs in every row of a month."""
        codes = self.ids[1]
        known = (codes >= 0) & (months >= 0)
        pairs = np.unique(codes[known] * 100_000 + months[known])
        return bool(known.any()) and len(pairs) >= _NEARLY_ALL * known.sum()

    def decides(self, other: "Field") -> bool:
        """Whether rows with one text of this have one text of another."""
        mine, others = self.ids[1], other.ids[1]
        known = mine >= 0
        pairs = np.unique(mine[known] * (other.distinct + 1) + others[known] + 1)
        return len(pairs) <= self.distinct * (2 - _NEARLY_ALL)

    def overlap(self, other: "Field") -> float:
        """Share of the smaller one's texts that the other one has."""
        mine, theirs = set(self.ids[0]), set(other.ids[0])
        return len(mine & theirs) / max(min(len(mine), len(theirs)), 1)

    def _by_text(self, count: Callable[[date], int]) -> NDArray[np.int64]:
        read = [count(v) if isinstance(v, date) else _NEVER for v, _ in self.column.readings]
        return np.array(read, dtype=np.int64)[self.column.codes]


def dated(field: Field) -> Field:
    """The same where its numbers may count days: they do, in a table that has no date."""
    named = field.terms & meaning(*NOUNS, "number") and not field.terms & meaning("day")
    if named or field.type not in ("number", "integer") or not (days := as_days(field.column)):
        return field
    return Field(field.name, replace(field.column, spec=days.spec), days)


def field_of(column: Column) -> Field:
    """A column as its texts speak for it; the part of a wide column's name, as it was split off."""
    if column.name == STAR:
        keys = column.spec.model_dump(exclude_unset=True, exclude={"role"})
        return Field(column.name, column, Belief(keys))
    belief = belief_of(column)
    column = replace(column, spec=belief.spec)
    numbers, _ = column.numbers
    if len(numbers) and not belief.left_out:
        belief = belief.but(f"{numbers[0]:,g} to {numbers[-1]:,g}")
    return Field(column.name, column, belief)
