"""Every table of a portfolio against the files in a folder: what fits, and what to change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

import numpy as np

from creditrisk.deliveries.header import check_header, described
from creditrisk.deliveries.landing import Landing
from creditrisk.deliveries.plain_text import ENDS_OPEN
from creditrisk.deliveries.span import span
from creditrisk.errors import UserError, printable
from creditrisk.policy import Quality
from creditrisk.portfolio import Portfolio, Role, SourceSpec
from creditrisk.portfolio.file_column import file_column, reads
from creditrisk.quality.portfolio_check.ambiguous_days import day_remarks
from creditrisk.quality.portfolio_check.blocking import aside_level
from creditrisk.quality.portfolio_check.codes import amount_remarks, code_remarks
from creditrisk.quality.portfolio_check.fit import column_remarks
from creditrisk.quality.portfolio_check.from_a_month import month_changes
from creditrisk.quality.portfolio_check.keys import (
    aside_remarks,
    key_remarks,
    name_remarks,
    shared_keys,
)
from creditrisk.quality.portfolio_check.loan_rows import loan_row_remarks
from creditrisk.quality.portfolio_check.loan_standing import standing_remarks
from creditrisk.quality.portfolio_check.months import month_remarks
from creditrisk.quality.portfolio_check.relations import date_remarks, relation_remarks
from creditrisk.quality.portfolio_check.remark import Level, Remark, share
from creditrisk.quality.portfolio_check.sequences import sequence_remarks
from creditrisk.quality.portfolio_check.table import Table, header_of, read_table
from creditrisk.quality.portfolio_check.units import unit_remarks
from creditrisk.stages.etl.quality.weight import SET_ASIDE, weight
from creditrisk.storage import Store


@dataclass(frozen=True)
class Survey:
    """The tables that could be read, and everything that does not fit."""

    tables: list[Table]
    remarks: list[Remark]

    @property
    def usable(self) -> bool:
        """Whether the ETL would take these files."""
        return all(remark.level != "unusable" for remark in self.remarks)

    def of(self, source: str, column: str = "") -> list[Remark]:
        """What was found about a column or, without one, about a table."""
        return [f for f in self.remarks if (f.source, f.column) == (source, column)]


def survey(folder: Store, portfolio: Portfolio, limits: Quality) -> Survey:
    """Read what is delivered and compare; `limits` say what would block a month."""
    landing = Landing(folder, portfolio)
    tables: list[Table] = []
    remarks: list[Remark] = []
    for source, spec in portfolio.sources.items():
        table, found = _table(landing, source, spec)
        remarks += found
        if table:
            tables.append(table)
    tables = _with_span(tables)
    required = [table for table in tables if not table.spec.optional]
    for table in tables:
        others = (other.months for other in required if other is not table)
        remarks += _of_table(table, frozenset[date]().union(*others), limits)
    remarks += _cut_files(tables)
    complete = [t for t in tables if _roles(t.spec) == _roles(portfolio.sources[t.source])]
    remarks += relation_remarks(complete, limits)
    return Survey(tables, remarks)


def _with_span(tables: list[Table]) -> list[Table]:
    """The tables, each with the months of the portfolio; figures of the economy reach further."""
    ours = [table for table in tables if table.spec.role != "macro"]
    applied = (t for t in ours if t.spec.role == "applications" and not t.spec.optional)
    if (base := next(applied, None)) is None:
        return tables
    others = [table.delivered.keys() for table in ours if table is not base]
    found = span(base.delivered, base.spec, others)
    return [replace(table, span=found) if table in ours else table for table in tables]


def _cut_files(tables: Sequence[Table]) -> Iterator[Remark]:
    """Files whose last row may be cut: they lack the line end that other files have."""
    ended = any(len(table.cut) < len(table.files) for table in tables)
    for table in tables if ended else ():
        if table.cut:
            more = f" (and {len(table.cut) - 1} more)" if table.cut[1:] else ""
            what = f"{printable(table.cut[-1])}{more} {ENDS_OPEN}: is its last row whole?"
            yield Remark(table.source, "", "look", what, "", "have it delivered again, if not")


def _roles(spec: SourceSpec) -> set[Role | None]:
    return {column.role for column in spec.columns.values()}


def _of_table(table: Table, elsewhere: frozenset[date], limits: Quality) -> list[Remark]:
    shared = shared_keys(table)
    found = [
        *_of_rows(table, limits),
        *month_remarks(table, elsewhere),
        *_of_columns(table, limits),
        *date_remarks(table, limits),
        *day_remarks(table),
        *standing_remarks(table),
        *sequence_remarks(table),
        *loan_row_remarks(table),
        *key_remarks(table, shared, limits),
        *name_remarks(table),
        *amount_remarks(table),
    ]
    if all(remark.level != "unusable" for remark in found):
        found += aside_remarks(table, shared, limits)
    return found


def _of_rows(table: Table, limits: Quality) -> Iterator[Remark]:
    """Those that are none."""
    if count := sum(table.misfits.values()):
        level = aside_level(table, np.zeros(table.rows, dtype=bool), limits, misfits=True)
        what = f"{share(count, table.rows + count)} rows do not split into the header's columns:"
        change = "have texts that hold delimiters or line ends put in quotes"
        yield Remark(table.source, "", level, f"{what} {table.first_misfit}", "", change)
    yield from _misdated(table, limits)
    if table.blank:
        what = f"{table.blank:,} rows are blank, or the header again: they are left out"
        yield Remark(table.source, "", "look", what)


def _of_columns(table: Table, limits: Quality) -> Iterator[Remark]:
    for column in table.columns.values():
        yield from column_remarks(table, column, limits)
        yield from unit_remarks(table, column)
        yield from code_remarks(table, column)
        yield from month_changes(table, column)


def _misdated(table: Table, limits: Quality) -> Iterator[Remark]:
    """Rows that are set aside, as they are of another month than their file."""
    if not (count := sum(other for other, _ in table.misdated)):
        return
    found = (
        weight(SET_ASIDE, "", other, rows, table.spec, limits) for other, rows in table.misdated
    )
    level: Level = "unusable" if any(one.blocks for one in found) else "look"
    what = f"{share(count, table.rows)} rows are of another month than their file: a file a month"
    yield Remark(table.source, "", level, f"{what} holds the rows of that month alone")


def _table(landing: Landing, source: str, spec: SourceSpec) -> tuple[Table | None, list[Remark]]:
    """A source's table, as far as its files can be read, and why not further."""
    try:
        keys = landing.keys(source)
    except UserError as error:
        return None, [Remark(source, "", "unusable", str(error), "table")]
    if not keys:
        what = f"{spec.table} is not delivered: an outage from the start"
        return None, [Remark(source, "", "look", what, "table")]
    try:
        header = header_of(landing.store, source, spec, keys[-1])
        missing = [n for n in dict.fromkeys(described(header, spec)) if n not in header]
        if missing and (len(header) == 1 or len(missing) == len(spec.columns)):
            check_header(header, spec, keys[-1], source)  # says what is wrong with the file
        where = f" in {keys[-1]}" if keys[1:] else ""
        found = [_missing(source, spec, header, name, where) for name in missing]
        if any(file_column(spec, name) in missing for name in spec.month_columns):
            return None, found
        there = {n: c for n, c in spec.columns.items() if file_column(spec, n) not in missing}
        known = spec.model_copy(update={"columns": there})
        return read_table(landing.store, source, known, keys), found
    except UserError as error:
        text = " ".join(f"{error}".split())
        keys_ = (name for name in ("delimiter", "encoding") if f"{source}.{name}" in text)
        return None, [Remark(source, "", "unusable", text, next(keys_, "table"))]


def _missing(
    source: str, spec: SourceSpec, header: tuple[str, ...], name: str, where: str
) -> Remark:
    known = {*described(header, spec)}
    strange = {column.strip().lower(): column for column in header if column not in known}
    near = get_close_matches(name.strip().lower(), strange, 1)
    of = name if name in spec.starred else reads(spec, name)
    kept = "" if spec.columns[of].role else f"name: {spec.name_of(of)}, "
    change = f'"{strange[near[0]]}": {{{kept}...}}' if near else "take the column out"
    others = f"; not described: {', '.join(strange.values())}" if strange else ""
    return Remark(source, name, "unusable", f"no such column{where}{others}", "", change)
