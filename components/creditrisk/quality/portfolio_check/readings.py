"""Distinct texts of a column, read: those that are written plainly at once, the others in turn.

A column of a million amounts has as many texts; nearly all of them are plain.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import NUMBERS, SPACE
from creditrisk.portfolio.typography import plain
from creditrisk.quality.portfolio_check.reading import Value, read, sentinels
from creditrisk.stages.etl.cleaning import MISSING, OUT_OF_RANGE

Reading = tuple[Value | None, str]

_NUMBER = r"\A-?\d{1,15}(?:\.\d{1,100})?\z"
_OF_NUMBERS = {*"-.0123456789"}


def readings(texts: list[str], spec: ColumnSpec) -> list[Reading]:
    """As `read` reads each of them."""
    delivered = pa.array(texts, pa.string())
    if spec.type in NUMBERS and _plainly_written(spec):
        values, plain = _numbers(delivered, spec)
        rules = _rules(values, spec)
        whole = spec.type == "integer"
        made: list[Reading] = [
            (None, rule) if rule else (int(value) if whole else value, "")
            for value, rule in zip(values.tolist(), rules, strict=True)
        ]
    elif spec.type in ("text", "category") and not (spec.partial or spec.spelt):
        plain = _as_delivered(delivered, spec)
        made = [(text, "") for text in delivered.filter(pa.array(plain)).to_pylist()]
    else:
        return [read(text, spec) for text in texts]
    at_once = iter(made)
    return [
        next(at_once) if easy else read(text, spec)
        for easy, text in zip(plain.tolist(), texts, strict=True)
    ]


def _plainly_written(spec: ColumnSpec) -> bool:
    """Whether a plain number means itself."""
    marked = spec.partial or spec.decimal != "." or plain(spec.thousands) == "."
    return not marked and not _OF_NUMBERS & {*spec.strip}


def _numbers(texts: pa.Array, spec: ColumnSpec) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
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


def _rules(values: NDArray[np.float64], spec: ColumnSpec) -> list[str]:
    """Of each number the rule that takes it; empty where none does."""
    low, high = spec.range or (-np.inf, np.inf)
    missing = [value for value in sentinels(spec) if isinstance(value, int | float)]
    rules = np.where((values < low) | (values > high), OUT_OF_RANGE, "")
    rules = np.where(np.isin(values, missing), MISSING, rules)
    return [f"{rule}" for rule in rules]


def _as_delivered(texts: pa.Array, spec: ColumnSpec) -> NDArray[np.bool_]:
    """Texts with nothing to take off, that stand for themselves."""
    same = pc.equal(pc.utf8_trim(texts, SPACE + spec.strip), texts)
    nothing = pc.is_in(texts, pa.array(["", *spec.missing], pa.string()))
    return np.asarray(pc.and_not(same, nothing), dtype=bool)
