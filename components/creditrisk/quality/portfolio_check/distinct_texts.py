"""Distinct texts of a column, read: those that are written plainly at once, the others in turn.

A column of a million amounts has as many texts; nearly all of them are plain.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import NUMBERS, SPACE
from creditrisk.portfolio.typography import plain
from creditrisk.quality.portfolio_check.cell import Value, read, sentinels
from creditrisk.stages.etl.cleaning import MISSING, OUT_OF_RANGE

Reading = tuple[Value | None, str]
Mask = NDArray[np.bool_]

_NUMBER = r"\A-?\d{1,15}(?:\.\d{1,100})?\z"
_OF_NUMBERS = {*"-.0123456789"}
_TAKING = ("", OUT_OF_RANGE, MISSING)  # what may be said of a number that is plainly written


@dataclass(frozen=True, eq=False)
class Readings:
    """What each of some texts is read as, and the rule that decided it.

    `present`: whether as a value. `numbers`: that value, where it is a number, else NaN.
    `others`: by place, the values of texts that were read in turn; the other texts stand for
    themselves.
    """

    texts: pa.StringArray
    whole: bool  # numbers are integers
    present: Mask
    numbers: NDArray[np.float64]
    others: Mapping[int, Value]
    kinds: tuple[str, ...]
    rules: NDArray[np.int64]  # place in `kinds`

    def __iter__(self) -> Iterator[Reading]:
        """Of each text the value and the rule, '' where it is as delivered."""
        read = zip(self.texts.to_pylist(), self.numbers.tolist(), self.rules.tolist(), strict=True)
        for place, (text, number, rule) in enumerate(read):
            if place in self.others or not self.present[place]:
                yield self.others.get(place), self.kinds[rule]
            elif math.isnan(number):
                yield text, self.kinds[rule]
            else:
                yield int(number) if self.whole else number, self.kinds[rule]

    def ruled(self, *rules: str) -> Mask:
        """Of each text, whether one of these rules decided it."""
        found = np.array([kind in rules for kind in self.kinds], dtype=bool)
        return found[self.rules]


def readings(texts: pa.StringArray, spec: ColumnSpec) -> Readings:
    """As `read` reads each of them."""
    numbers = np.full(len(texts), np.nan)
    kinds = {rule: place for place, rule in enumerate(_TAKING)}
    rules = np.zeros(len(texts), dtype=np.int64)
    if spec.type in NUMBERS and _plainly_written(spec):
        values, plain = _numbers(texts, spec)
        found = _rules(values, spec)
        numbers[plain] = np.where(found == 0, values, np.nan)
        rules[plain] = found
    elif spec.type in ("text", "category") and not (spec.partial or spec.spelt):
        plain = _as_delivered(texts, spec)
    else:
        plain = np.zeros(len(texts), dtype=bool)
    present = plain & (rules == 0)
    others: dict[int, Value] = {}
    left = np.flatnonzero(~plain)
    for place, text in zip(left.tolist(), texts.take(pa.array(left)).to_pylist(), strict=True):
        value, rule = read(text, spec)
        rules[place] = kinds.setdefault(rule, len(kinds))
        if value is not None:
            others[place] = value
            present[place] = True
            numbers[place] = value if isinstance(value, int | float) else np.nan
    whole = spec.type == "integer"
    return Readings(texts, whole, present, numbers, others, tuple(kinds), rules)


def _plainly_written(spec: ColumnSpec) -> bool:
    """Whether a plain number means itself."""
    marked = spec.partial or spec.decimal != "." or plain(spec.thousands) == "."
    return not marked and not _OF_NUMBERS & {*spec.strip}


def _numbers(texts: pa.StringArray, spec: ColumnSpec) -> tuple[NDArray[np.float64], Mask]:
    """The numbers among the texts, and which texts they are."""
    plain = pc.match_substring_regex(texts, _NUMBER)
    plain = pc.and_not(plain, pc.is_in(texts, pa.array(spec.mean_missing, pa.string())))
    mask = plain.to_numpy(zero_copy_only=False)
    values = pc.cast(texts.filter(plain), pa.float64()).to_numpy(zero_copy_only=False)
    if spec.type == "integer":
        whole = values == np.floor(values)
        mask = mask.copy()
        mask[np.flatnonzero(mask)[~whole]] = False
        values = values[whole]
    return values, mask


def _rules(values: NDArray[np.float64], spec: ColumnSpec) -> NDArray[np.int64]:
    """Of each number the rule that takes it, by its place in `_TAKING`."""
    low, high = spec.range or (-np.inf, np.inf)
    missing = [value for value in sentinels(spec) if isinstance(value, int | float)]
    rules = np.where((values < low) | (values > high), _TAKING.index(OUT_OF_RANGE), 0)
    return np.where(np.isin(values, missing), _TAKING.index(MISSING), rules)


def _as_delivered(texts: pa.StringArray, spec: ColumnSpec) -> Mask:
    """Texts with nothing to take off, that stand for themselves."""
    same = pc.equal(pc.utf8_trim(texts, SPACE + spec.strip), texts)
    nothing = pc.is_in(texts, pa.array(["", *spec.missing], pa.string()))
    return np.asarray(pc.and_not(same, nothing), dtype=bool)
