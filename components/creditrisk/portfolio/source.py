"""One delivered table: what its rows are, and its columns."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from creditrisk.policy import FaultError, Section
from creditrisk.portfolio.column import ColumnSpec, Role
from creditrisk.portfolio.file_name import name_pattern

SourceRole = Literal["applications", "events", "performance", "outcomes"]
Encoding = Literal["utf-8", "utf-16", "windows-1252", "iso-8859-1"]
NEEDED: dict[SourceRole, tuple[Role, ...]] = {
    "applications": ("customer", "snapshot"),
    "events": ("customer", "snapshot"),
    "performance": ("loan", "customer", "snapshot", "start", "month_on_book", "due", "overdue"),
    "outcomes": ("loan", "customer", "snapshot", "start", "default_date"),
}
SOURCE_ROLE_TEXTS: dict[SourceRole, str] = {
    "applications": "one per application; several tables join on it",
    "events": "one per event, or per customer and date; before and after the application",
    "performance": "one per loan and snapshot: what is due and overdue",
    "outcomes": "one per loan whenever its standing changes, with the date of default",
}
ROLE_NAMES: dict[str, str] = {
    "customer": "customer_id",
    "application": "application_id",
    "event": "event_id",
    "loan": "loan_id",
    "snapshot": "snapshot_date",
    "start": "cohort",
}

# a lender's column that bears a name of ours would be taken for it, or written beside it
BRONZE_NAMES = frozenset(
    ("source_file", "source_sha256", "source_row", "unreadable", "committed_month")
)
OUR_NAMES = frozenset(
    (*ROLE_NAMES.values(), "event_date", "committed_month", "mob", "bad", "months_observed")
)


def _unsaid(value: object) -> bool:
    """Whether a later key says nothing: a frozen portfolio without it keeps its sha256."""
    return not value


class SourceSpec(Section):
    """One delivered table."""

    table: str = Field(
        description="name of its file, `<table>.csv[.gz]`, or of a folder of files, one a month,"
        " each named `YYYY-MM-DD`; other names of months are written `loans_{yyyyMM}`"
    )
    role: SourceRole = Field(description="what its rows are; see below")
    optional: bool = Field(False, description="may be down: then scored without, where validated")
    every: Annotated[int, Field(ge=1, le=12)] = Field(
        1,
        description="months from one snapshot to the next (performance), or from one month with"
        " applications to the next",
    )
    pauses: bool = Field(
        False,
        description="a month may pass without an application (a season, a pause, a run-off): it is"
        " run and decided; applications only",
        exclude_if=_unsaid,
    )
    delimiter: str = Field(",", min_length=1, max_length=1, description="between columns")
    encoding: Encoding = Field("utf-8", description="of the file")
    columns: dict[str, ColumnSpec] = Field(
        description="delivered columns by their names in the file; others are ignored"
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
        seen: set[str] = set()
        for column in self.columns:
            if (name := self.name_of(column)) in seen:
                raise FaultError(f"two columns are called {name}", "columns", column)
            seen.add(name)
        self._refuse_our_names()
        if self.every > 1 and self.role not in ("performance", "applications"):
            raise FaultError(
                f"every: {self.every} is for performance and applications; {self.role} come in"
                " every month",
                "every",
            )
        if self.pauses and self.role != "applications":
            raise FaultError(f"pauses is for applications; {self.role} go on without any", "pauses")
        return self

    def _refuse_our_names(self) -> None:
        for column, spec in self.columns.items():
            if column in BRONZE_NAMES:
                raise FaultError(
                    "bronze has a column of that name of its own; leave it out, or have it"
                    " delivered under another name",
                    "columns",
                    column,
                )
            if spec.role is None and self.name_of(column) in OUR_NAMES:
                raise FaultError(
                    f"{self.name_of(column)} is a name of ours; give it another (name: ...), or"
                    " the role it has",
                    "columns",
                    column,
                )

    def name_of(self, column: str) -> str:
        """What a delivered column is called from silver on."""
        spec = self.columns[column]
        if spec.role == "snapshot" and self.role == "events":
            return "event_date"  # to the day; its month is the snapshot
        if spec.role:
            return ROLE_NAMES.get(spec.role, spec.role)
        return spec.name or re.sub(r"\W+", "_", column.strip().lower())

    def column(self, role: Role) -> str | None:
        """The delivered column with a role."""
        return next((name for name, spec in self.columns.items() if spec.role == role), None)

    def values(self) -> dict[str, ColumnSpec]:
        """Columns without a role that may become features, by their silver name."""
        return {
            self.name_of(column): spec
            for column, spec in self.columns.items()
            if spec.role is None and not spec.pii and not spec.excluded
        }
