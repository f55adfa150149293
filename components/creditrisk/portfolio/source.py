"""One delivered table: what its rows are, and its columns."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from creditrisk.calendar_month import add_months, first
from creditrisk.policy import FaultError, Section
from creditrisk.policy.key import LONGEST
from creditrisk.portfolio.column import ColumnSpec, Role, is_empty
from creditrisk.portfolio.encoding import Encoding
from creditrisk.portfolio.file_name import name_pattern
from creditrisk.portfolio.table_roles import (
    BRONZE_NAMES,
    NEEDED,
    ONE_OF,
    OUR_NAMES,
    ROLE_NAMES,
    SourceRole,
)

STAR = "*"  # what differs from month to month, in columns' names; else in those of files
_IN_NAME = "the month in a file's name is described by role: snapshot, type: date alone"
_OF_FILE = ColumnSpec.model_validate({"role": "snapshot", "type": "date"})


class SourceSpec(Section):
    """One delivered table."""

    table: str = Field(
        description="name of its file, `<table>.csv[.gz]`, or of a folder of files, one a month,"
        " each named `YYYY-MM-DD`; other names of months are written `loans_{yyyyMM}`,"
        " several files of a month `clicks_{yyyyMM}*`, several of all months `LoanStats_*`"
    )
    role: SourceRole = Field(description="what its rows are; see below")
    optional: bool = Field(False, description="may be down: then scored without, where validated")
    every: Annotated[int, Field(ge=1, le=12)] = Field(
        1,
        description="months from one snapshot to the next (performance), from one month with"
        " applications to the next, or from one figure to the next (macro)",
    )
    lag: Annotated[int, Field(ge=1, le=24)] | None = Field(
        None,
        description="months until a figure is published; macro only, and needed there",
        exclude_if=is_empty,
    )
    pauses: bool = Field(
        False,
        description="a month may pass without an application (a season, a pause, a run-off): it is"
        " run and decided; applications only",
        exclude_if=is_empty,
    )
    extract: date | None = Field(
        None,
        description="date of the one extract that the table is, of all loans as they stood then;"
        " outcomes only, in place of a snapshot",
        exclude_if=is_empty,
    )
    within: Annotated[int, Field(ge=1, le=LONGEST)] | None = Field(
        None,
        description="months from the start that the status of an extract looks at; it is the"
        " policy's `outcome.mob`",
        exclude_if=is_empty,
    )
    several: Literal["last", "added"] | None = Field(
        None,
        description="of a loan's several rows of a month (a week's, a day's): `last`, the last one"
        " counts; `added`, that one, with `due` and `paid` of all; performance only",
        exclude_if=is_empty,
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="between columns")
    encoding: Encoding = Field(
        "utf-8",
        description="of the file, by any name Python has for it: `utf-8`, `utf-16`, `cp1252`,"
        " `latin-1`, `cp1250`, `cp437`, `gb18030`, `shift_jis`, ...",
    )
    columns: dict[str, ColumnSpec] = Field(
        description="delivered columns by their names in the file (or with `column`); others are"
        " ignored"
    )

    @field_validator("table")
    @classmethod
    def _months_in_names(cls, table: str) -> str:
        name_pattern(table)
        return table

    @model_validator(mode="after")
    def _named(self) -> "SourceSpec":
        roles = [spec.role for spec in self.columns.values() if spec.role]
        for role in NEEDED[self.role]:
            if role not in roles:
                raise ValueError(f"a table of {self.role} needs a column with role: {role}")
        for ways in ONE_OF.get(self.role, ()):
            if not any({*way} <= {*roles} for way in ways):
                texts = ", or ".join(" and ".join(way) for way in ways)
                raise ValueError(f"a table of {self.role} needs a column with role: {texts}")
        self._check_extract()
        if STAR in self.columns:
            self._check_wide()
        seen: set[str] = set()
        for column in self.columns:
            if (name := self.name_of(column)) in seen:
                raise FaultError(f"two columns are called {name}", "columns", column)
            seen.add(name)
        self._refuse_our_names()
        if self.every > 1 and self.role not in ("performance", "applications", "macro"):
            raise FaultError(
                f"every: {self.every} is for performance, applications and macro; {self.role} come"
                " in every month",
                "every",
            )
        self._check_lag()
        if self.pauses and self.role != "applications":
            raise FaultError(f"pauses is for applications; {self.role} go on without any", "pauses")
        if self.several and not (self.role == "performance" and self.column("snapshot")):
            raise FaultError("several is for the snapshots of performance", "several")
        if self.several == "added" and not (self.column("due") or self.column("paid")):
            raise FaultError("added are due and paid, and no column has either role", "several")
        return self

    def _check_extract(self) -> None:
        dated, status = self.column("snapshot"), self.column("status")
        if self.extract and self.role != "outcomes":
            raise FaultError(f"extract is for outcomes, this is a table of {self.role}", "extract")
        if self.extract and dated:
            raise FaultError(f"extract says when: leave {dated} out, or the extract", "extract")
        if self.role == "outcomes" and not (self.extract or dated):
            raise ValueError(
                "a table of outcomes needs a column with role: snapshot, or the date of the one"
                " extract it is (extract: 2021-04-30)"
            )
        if self.within and not (self.extract and status):
            raise FaultError("within is for the status of one extract of outcomes", "within")
        closed = self.column("closed_date")
        if self.within and closed:
            raise FaultError(f"{closed} says when a loan went bad: leave within out", "within")
        if self.extract and status and not (self.within or closed):
            raise ValueError(
                "the status of one extract has no date: name the column that says when a loan came"
                " to it (role: closed_date), or say how many months from the start it looks at"
                " (within: 12)"
            )

    def _check_lag(self) -> None:
        if self.lag and self.role != "macro":
            raise FaultError(f"lag is for macro, this is a table of {self.role}", "lag")
        if self.role != "macro":
            return
        if not self.lag:
            raise ValueError("say after how many months a figure is published (lag: 1)")
        if self.optional:
            raise FaultError("a table of macro is joined by month: it has no outage", "optional")

    def _check_wide(self) -> None:
        place = ("columns", STAR)
        if self.in_file_names:
            return
        if self.role not in ("performance", "events"):
            raise FaultError(
                f"a column per month is for performance and events, not {self.role}; {_IN_NAME}",
                *place,
            )
        if self.columns[STAR].role not in ("snapshot", "month_on_book"):
            raise FaultError(
                "says which month a column is of: role snapshot or month_on_book", *place
            )
        if not self.starred:
            raise FaultError(
                f'no other column has a * in its name, as in "status_*"; {_IN_NAME}', *place
            )

    def _refuse_our_names(self) -> None:
        for column, spec in self.columns.items():
            if column in BRONZE_NAMES:
                raise FaultError(
                    "bronze has a column of that name of its own; leave it out, or have it"
                    " delivered under another name",
                    *("columns", column),
                )
            if spec.role is None and self.name_of(column) in OUR_NAMES:
                raise FaultError(
                    f"{self.name_of(column)} is a name of ours; give it another (name: ...), or"
                    " the role it has",
                    *("columns", column),
                )

    def name_of(self, column: str) -> str:
        """What a delivered column is called from silver on."""
        spec = self.columns[column]
        if spec.role == "snapshot" and self.role == "events":
            return "event_date"  # to the day; its month is the snapshot
        if spec.role:
            return ROLE_NAMES.get(spec.role, spec.role)
        name = column.replace(STAR, " ") if self.wide else column
        return spec.name or re.sub(r"\W+", "_", name.strip().lower())

    def column(self, role: Role) -> str | None:
        """The delivered column with a role."""
        return next((name for name, spec in self.columns.items() if spec.role == role), None)

    @property
    def wide(self) -> bool:
        """Whether it has columns of its own for each month."""
        return self.monthly and not self.in_file_names

    @property
    def in_file_names(self) -> bool:
        """Whether its rows are of the month that the name of their file says."""
        alone = all(STAR not in name or name == STAR for name in self.columns)
        return self.monthly and alone and self.columns[STAR] == _OF_FILE

    @property
    def monthly(self) -> bool:
        """Whether `*` stands for what differs from month to month, of columns or of files."""
        return STAR in self.columns and self.columns[STAR].role is not None

    @property
    def starred(self) -> tuple[str, ...]:
        """The names that stand for a column of each month."""
        return tuple(n for n in self.columns if STAR in n and n != STAR) if self.wide else ()

    @property
    def undated_loans(self) -> bool:
        """Whether its rows do not say when a loan began: in the month of its application."""
        given = self.column("start") or self.column("month_on_book")
        return self.role == "performance" and not given

    @property
    def month_columns(self) -> tuple[str, ...]:
        """The columns that say which month a row is of; a start and a month on book add up."""
        if snapshot := self.column("snapshot"):
            return (snapshot,)
        parts = (self.column("start"), None if self.extract else self.column("month_on_book"))
        return tuple(part for part in parts if part)

    @property
    def known_until(self) -> date | None:
        """Of one extract, the last month that it covers wholly."""
        return add_months(first(self.extract + timedelta(days=1)), -1) if self.extract else None

    def values(self) -> dict[str, ColumnSpec]:
        """Columns without a role that may become features, by their silver name."""
        return {
            self.name_of(column): spec
            for column, spec in self.columns.items()
            if spec.role is None and not spec.pii and not spec.excluded
        }
