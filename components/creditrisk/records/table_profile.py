"""What a table's month looks like: completeness, numbers and values of each column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

Layer = Literal["bronze", "silver", "gold"]


@dataclass(frozen=True)
class Numbers:
    """A numeric column without its missing values; quantiles interpolate linearly."""

    count: int
    zeros: int
    min: float
    p1: float
    p25: float
    median: float
    p75: float
    p99: float
    max: float
    mean: float
    sd: float  # of the sample, divisor count - 1
    beyond: int  # values beyond the fences of this very month

    def fences(self, reach: float) -> tuple[float, float] | None:
        """`reach` interquartile ranges beyond the quartiles; none where half the values agree.

        Tukey, Exploratory Data Analysis (1977): 1.5 is outside, 3 is far out.
        """
        spread = self.p75 - self.p25
        return (self.p25 - reach * spread, self.p75 + reach * spread) if spread > 0 else None


@dataclass(frozen=True)
class Values:
    """A column of categories; a value that few rows hold is not spelled out unless declared."""

    distinct: int
    shown: Mapping[str, int]  # value -> rows
    others: int  # rows of values not shown


class Counted:
    """Rows, and those of them that hold no value."""

    rows: int
    missing: int

    @property
    def missing_share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0

    @property
    def known(self) -> int:
        return self.rows - self.missing


@dataclass(frozen=True)
class ColumnChange(Counted):
    """A column against the month before."""

    rows: int  # then
    missing: int  # of them
    numbers: Numbers | None = None  # then
    shift: float | None = None  # of the mean, in standard deviations of both months (Cohen's d)
    outliers: int | None = None  # values beyond the fences of then
    outlier_rise: float | None = None  # their share, less the share beyond them then
    unseen: tuple[str, ...] = ()  # values not spelled out then
    unseen_rows: int = 0


@dataclass(frozen=True)
class Apart:
    """How many amounts lie apart, how many `times` the others they are, and one of them."""

    count: int
    times: float
    example: float

    @property
    def text(self) -> str:
        times = f"{self.times:,.0f}" if self.times > 1 else f"{self.times:.1g}"
        return f"are about {times} times all others ({self.example:g})"


@dataclass(frozen=True)
class ColumnProfile(Counted):
    """One column of a month; `rows` include the missing."""

    name: str
    rows: int
    missing: int
    numbers: Numbers | None = None
    values: Values | None = None
    change: ColumnChange | None = None
    # that lie apart from all others of the month; stored where any do
    apart: Annotated[Apart | None, Field(exclude_if=lambda found: found is None)] = None
    judged: bool = False  # by the policy; what moves by construction is described and no more


@dataclass(frozen=True)
class TableProfile:
    """One table of a month."""

    layer: Layer
    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)
