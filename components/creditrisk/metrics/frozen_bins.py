"""Bins of a column, frozen on the reference: counts of any later rows compare with it."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from creditrisk.metrics.scored_rows import FloatArray, IntArray


@dataclass(frozen=True)
class FrozenBins:
    """Bins of one column, fixed on the reference so that counts of any later rows compare.

    Numeric: (-inf, e1], (e1, e2], ... (ek, inf), then missing (NaN); an infinity falls in the
    first or last bin. Categorical: one bin per category, then other (rarer in the reference),
    unseen (not in the reference), missing (None, NaN). Counts of parts add up to those of the
    whole.
    """

    kind: Literal["numeric", "categorical"]
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = self.categories + self.others
        if self.kind == "numeric":
            ordered = all(a < b for a, b in pairwise(self.edges))
            if known or not ordered or not all(map(math.isfinite, self.edges)):
                raise ValueError("numeric bins take finite, strictly increasing edges only")
        elif self.kind == "categorical":
            if self.edges or len(set(known)) < len(known):
                raise ValueError("categorical bins take categories only, each of them once")
        else:
            raise ValueError(f"kind must be numeric or categorical; got {self.kind!r}")

    @classmethod
    def numeric(cls, values: ArrayLike, bins: int = 10) -> Self:
        """Quantile bins of the reference `values` (rows,); fewer where values repeat.

        A value that fills the lowest bin alone is also cut off from below, so a constant column
        has three bins: below, at and above it. All missing leaves one bin and missing.
        Raises ValueError for no rows.
        """
        numbers = _numbers(values)
        if bins < 1 or not len(numbers):
            raise ValueError(f"needs rows and at least one bin; got {len(numbers)} rows, {bins}")
        present = np.sort(numbers[~np.isnan(numbers)])
        if not len(present):
            return cls("numeric")
        ranks = np.arange(1, bins) * len(present)
        cuts = np.unique(present[-(-ranks // bins) - 1])
        if len(cuts) and cuts[0] == present[0]:
            cuts = np.append(_just_below(present[0]), cuts)
        return cls("numeric", edges=tuple(cuts[np.isfinite(cuts)].tolist()))

    @classmethod
    def categorical(cls, values: ArrayLike, top: int = 20) -> Self:
        """The `top` most frequent categories of the reference `values` (rows,), ties by name.

        Raises ValueError for no rows.
        """
        tally, missing = _tally(values)
        if top < 1 or not tally.total() + missing:
            raise ValueError(f"needs rows and top of at least 1; got {tally.total()} rows, {top}")
        ranked = sorted(tally, key=lambda category: (-tally[category], category))
        return cls("categorical", categories=tuple(ranked[:top]), others=tuple(ranked[top:]))

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each bin, in the order of `counts`."""
        if self.kind == "categorical":
            return (*self.categories, "(other)", "(unseen)", "(missing)")
        short = [f"{edge:.6g}" for edge in self.edges]
        distinct = short if len(set(short)) == len(short) else [repr(e) for e in self.edges]
        spans = pairwise(["-inf", *distinct, "inf"])
        return (*(f"({low}, {high}]" for low, high in spans), "(missing)")

    def counts(self, values: ArrayLike) -> IntArray:
        """Rows of `values` (rows,) per bin; no rows give zeros."""
        if self.kind == "numeric":
            return self._numeric_counts(_numbers(values))
        tally, missing = _tally(values)
        top = [tally[category] for category in self.categories]
        other = sum(tally[category] for category in self.others)
        unseen = tally.total() - sum(top) - other
        return np.array([*top, other, unseen, missing], dtype=np.int64)

    def to_dict(self) -> dict[str, Any]:
        """A form that survives JSON unchanged; `from_dict` reads it."""
        if self.kind == "numeric":
            return {"kind": self.kind, "edges": list(self.edges)}
        return {"kind": self.kind, "categories": list(self.categories), "others": list(self.others)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Raises ValueError for keys or values `to_dict` does not write."""
        kind = content.get("kind")
        expected = {"kind", "edges"} if kind == "numeric" else {"kind", "categories", "others"}
        if set(content) != expected:
            raise ValueError(f"bins of kind {kind!r} have keys {set(content)}, not {expected}")
        return cls(
            kind=content["kind"],
            edges=tuple(float(edge) for edge in content.get("edges", ())),
            categories=tuple(content.get("categories", ())),
            others=tuple(content.get("others", ())),
        )

    def _numeric_counts(self, numbers: FloatArray) -> IntArray:
        present = numbers[~np.isnan(numbers)]
        positions = np.searchsorted(np.array(self.edges), present, side="left")
        filled = np.bincount(positions, minlength=len(self.edges) + 1)
        return np.append(filled, len(numbers) - len(present))


def _numbers(values: ArrayLike) -> FloatArray:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1:
        raise ValueError(f"values must be one-dimensional; got shape {numbers.shape}")
    return numbers


def _just_below(value: float) -> float:
    # the neighbour of 0 is denormal, and a library built with fast-math reads denormals as 0
    return -1e-300 if value == 0 else math.nextafter(value, -math.inf)


def _tally(values: ArrayLike) -> tuple[Counter[str], int]:
    """Rows per category name, and missing rows."""
    # a list of text and NaN would become an array of text with a category named nan
    column = values if isinstance(values, np.ndarray) else np.asarray(values, dtype=object)
    if column.ndim != 1:
        raise ValueError(f"values must be one-dimensional; got shape {column.shape}")
    tally: Counter[str] = Counter()
    missing = 0
    for category, rows in Counter(column.tolist()).items():
        if _is_missing(category):
            missing += rows
        else:
            tally[_category_name(category)] += rows
    return tally, missing


def _is_missing(category: object) -> bool:
    equal = category == category  # noqa: PLR0124 - NaN is not equal to itself, NA is neither
    return category is None or not isinstance(equal, bool | np.bool_) or not equal


def _category_name(category: object) -> str:
    # whole numbers become floats once a column has gaps: 3.0 is still category 3
    if isinstance(category, float) and category.is_integer():
        return str(int(category))
    return str(category)
