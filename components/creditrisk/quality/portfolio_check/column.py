"""A column of given files, each distinct text read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.source import MAY_BE_EMPTY
from creditrisk.quality.portfolio_check.readings import Reading, readings
from creditrisk.stages.etl.cleaning import LOST

_MASKS = str.maketrans(
    {chr(c): "A" for c in range(ord("A"), ord("Z") + 1)}
    | {chr(c): "a" for c in range(ord("a"), ord("z") + 1)}
    | {str(digit): "9" for digit in range(10)}
)
_SAMPLES, _SHOWN = 3, 24


@dataclass(frozen=True, eq=False)
class Column:
    """Distinct texts of a column, and which of them stands in which row."""

    name: str  # as delivered
    spec: ColumnSpec
    texts: list[str]
    codes: NDArray[np.int32]  # per row, place in `texts`

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each text."""
        return np.bincount(self.codes, minlength=len(self.texts))

    @cached_property
    def readings(self) -> list[Reading]:
        """What each text is read as, and the rule that decided it."""
        return readings(self.texts, self.spec)

    @property
    def rows(self) -> int:
        return len(self.codes)

    @property
    def needed(self) -> bool:
        """Whether a row without it is set aside."""
        return self.spec.role is not None and self.spec.role not in MAY_BE_EMPTY

    def struck(self, *rules: str) -> NDArray[np.bool_]:
        """Of each text, whether one of these rules decided it."""
        kinds, codes = self._ruled
        return np.isin(codes, [code for rule, code in kinds.items() if rule in rules])

    @cached_property
    def _ruled(self) -> tuple[dict[str, int], NDArray[np.int64]]:
        """A number for each rule, and of each text that of its rule."""
        kinds: dict[str, int] = {}
        codes = [kinds.setdefault(rule, len(kinds)) for _, rule in self.readings]
        return kinds, np.array(codes, dtype=np.int64)

    def count(self, *rules: str) -> int:
        """Rows decided by one of these rules."""
        return int(self.counts[self.struck(*rules)].sum())

    @property
    def filled(self) -> int:
        """Rows with a value, good or not."""
        return int(self.given.sum())

    def commonest(self, *rules: str) -> Iterator[tuple[str, int]]:
        """Texts decided by these rules with their rows, the most frequent first."""
        places = np.flatnonzero(self.struck(*rules))
        for place in places[np.argsort(-self.counts[places], kind="stable")]:
            yield self.texts[place], int(self.counts[place])

    def samples(self, *rules: str) -> str:
        """A few texts with their rows; of personal data and identifiers only the shape."""
        found: dict[str, int] = {}
        for text, count in self.commonest(*rules):
            shape = self.shown(text)
            found[shape] = found.get(shape, 0) + count
            if len(found) > _SAMPLES:
                break
        return ", ".join(f"'{text}' x {count:,}" for text, count in list(found.items())[:_SAMPLES])

    def shown(self, text: str) -> str:
        """A text as it may be printed."""
        text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        if self.spec.pii or self.spec.role in ("customer", "application", "loan"):
            return text.translate(_MASKS)
        return text

    @cached_property
    def given(self) -> NDArray[np.bool_]:
        """Of each row, whether a value was delivered, good or not."""
        there = [value is not None or rule in LOST for value, rule in self.readings]
        return np.array(there, dtype=bool)[self.codes]

    def texts_of(self, value: float) -> list[str]:
        """The texts that are read as a number, as they are compared: trimmed."""
        read = zip(self.texts, self.readings, strict=True)
        return list(dict.fromkeys(text.strip(SPACE) for text, (found, _) in read if found == value))

    @cached_property
    def amounts(self) -> NDArray[np.float64]:
        """Of each row, the number that was read; NaN where there is none."""
        read = [v if isinstance(v, int | float) else np.nan for v, _ in self.readings]
        return np.array(read, dtype=np.float64)[self.codes]

    def numbers(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The distinct numbers that were read, rising, and the rows of each."""
        good = [
            (float(value), count)
            for (value, _), count in zip(self.readings, self.counts.tolist(), strict=True)
            if isinstance(value, int | float) and count
        ]
        values = np.array([value for value, _ in good], dtype=np.float64)
        distinct, place = np.unique(values, return_inverse=True)
        rows = np.bincount(place, [count for _, count in good], minlength=len(distinct))
        return distinct, rows.astype(np.int64)
