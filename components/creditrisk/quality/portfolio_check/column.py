"""A column of given files, each distinct text read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.table_roles import MAY_BE_EMPTY
from creditrisk.quality.portfolio_check.distinct_texts import Readings, readings
from creditrisk.stages.etl.cleaning import LOST

_MASKS = str.maketrans(
    {chr(c): "A" for c in range(ord("A"), ord("Z") + 1)}
    | {chr(c): "a" for c in range(ord("a"), ord("z") + 1)}
    | {str(digit): "9" for digit in range(10)}
)
_SAMPLES, _SHOWN = 3, 24
NEVER = -1
MASS = 0.005  # of a column's numbers on its lowest or highest one
_FAR = 3.0  # interquartile ranges to the next number: nothing else is near


@dataclass(frozen=True, eq=False)
class Column:
    """Distinct texts of a column, and which of them stands in which row."""

    name: str  # as delivered
    spec: ColumnSpec
    written: pa.StringArray
    codes: NDArray[np.int32]  # per row, place in `written`
    counts: NDArray[np.int64]  # rows of each text

    @cached_property
    def texts(self) -> list[str]:
        """What is written."""
        return list(self.written.to_pylist())

    @cached_property
    def trimmed(self) -> pa.StringArray:
        """The texts as keys are compared."""
        return pc.utf8_trim(self.written, SPACE)

    @cached_property
    def readings(self) -> Readings:
        """What each text is read as, and the rule that decided it."""
        return readings(self.written, self.spec)

    @property
    def rows(self) -> int:
        return len(self.codes)

    @property
    def needed(self) -> bool:
        """Whether a row without it is set aside."""
        return self.spec.role is not None and self.spec.role not in MAY_BE_EMPTY

    def struck(self, *rules: str) -> NDArray[np.bool_]:
        """Of each text, whether one of these rules decided it."""
        return self.readings.ruled(*rules)

    def count(self, *rules: str) -> int:
        """Rows decided by one of these rules."""
        return int(self.counts[self.struck(*rules)].sum())

    @property
    def filled(self) -> int:
        """Rows with a value, good or not."""
        return int(self.counts[self._given].sum())

    def commonest(self, *rules: str) -> Iterator[tuple[str, int]]:
        """Texts decided by these rules with their rows, the most frequent first."""
        places = np.flatnonzero(self.struck(*rules))
        for place in places[np.argsort(-self.counts[places], kind="stable")]:
            yield str(self.written[place]), int(self.counts[place])

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

    @property
    def given(self) -> NDArray[np.bool_]:
        """Of each row, whether a value was delivered, good or not."""
        return self._given[self.codes]

    @cached_property
    def _given(self) -> NDArray[np.bool_]:
        return self.readings.present | self.struck(*LOST)

    @cached_property
    def months(self) -> NDArray[np.int64]:
        """Of each text the month of its date as a count; `NEVER` where it is none."""
        found = np.full(len(self.written), NEVER, dtype=np.int64)
        for place, value in self.readings.others.items():
            if isinstance(value, date):
                found[place] = month_count(value)
        return found

    def texts_of(self, value: float) -> list[str]:
        """The texts that are read as a number, as they are compared: trimmed."""
        found = self.trimmed.filter(pa.array(self.readings.numbers == value))
        return list(dict.fromkeys(found.to_pylist()))

    @cached_property
    def amounts(self) -> NDArray[np.float64]:
        """Of each row, the number that was read; NaN where there is none."""
        return self.readings.numbers[self.codes]

    @cached_property
    def numbers(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The distinct numbers that were read, rising, and the rows of each."""
        good = ~np.isnan(self.readings.numbers) & (self.counts > 0)
        distinct, place = np.unique(self.readings.numbers[good], return_inverse=True)
        rows = np.bincount(place, self.counts[good], minlength=len(distinct))
        return distinct, rows.astype(np.int64)


def far_off(values: NDArray[np.float64], rows: NDArray[np.int64]) -> Iterator[tuple[float, int]]:
    """Numbers with nothing near them on which many rows lie: they may mean missing."""
    if len(values) < 4:
        return
    quarter, three = (
        values[int(np.searchsorted(np.cumsum(rows), rows.sum() * part))] for part in (0.25, 0.75)
    )
    far = _FAR * max(float(three - quarter), abs(float(three)) * 0.01)
    for place, gap in ((0, values[1] - values[0]), (-1, values[-1] - values[-2])):
        if rows[place] / rows.sum() > MASS and gap > far:
            yield float(values[place]), int(rows[place])


def month_count(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month


def month_at(count: int) -> date:
    """The month of such a count."""
    return date((count - 1) // 12, (count - 1) % 12 + 1, 1)
