"""The folder where a lender's files arrive: which file holds which month of which source.

Two layouts, chosen source by source: `<table>.csv[.gz]` with every month in one file, or in
several that are read as one (`LoanStats_*`); or one file a month, `<table>/<YYYY-MM-DD>.csv[.gz]`
or as the table's name says (`loans_{yyyyMM}`).
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from creditrisk.deliveries.delivered_file import RECIPE, DeliveredFile, inspect
from creditrisk.deliveries.joined_files import SEVERAL, joined_key, parts_of
from creditrisk.deliveries.links import refuse_no_files
from creditrisk.deliveries.passed_over import refuse_passed_over
from creditrisk.deliveries.span import span
from creditrisk.errors import UserError, printable
from creditrisk.portfolio import Portfolio, SourceSpec
from creditrisk.portfolio.file_name import ENDINGS, before_parts, month_of, name_pattern
from creditrisk.portfolio.source import STAR
from creditrisk.storage import Store

NO_ROWS = "no rows"
ASTRAY = "rows of no known month"
_NAMED = 3


def landing_uri(given: str) -> str:
    """The folder given, else the one the environment names; without either a `UserError`."""
    where = given or os.environ.get("CREDITRISK_LANDING", "")
    if not where:
        raise UserError(
            "no folder of deliveries: give the run a landing, or set CREDITRISK_LANDING"
        )
    return where


@dataclass(frozen=True)
class Delivery:
    """What arrived for one source."""

    source: str
    spec: SourceSpec
    whole: DeliveredFile | None  # every month in one file
    monthly: dict[date, DeliveredFile]  # or one file a month: those that were asked for
    files_of: tuple[date, ...]  # months that have a file of their own
    landing: Store  # where its files lie
    span: tuple[date, date] = (date.min, date.max)  # months of the portfolio; others are astray

    @property
    def months(self) -> frozenset[date]:
        """Months it has rows for; for a folder, months it has files for."""
        return frozenset(self.whole.months if self.whole else self.files_of)

    @property
    def newest(self) -> date:
        """The newest month it has rows for: the one a row of no known month came with."""
        start, end = self.span
        return max((month for month in self.months if start <= month <= end), default=end)

    @property
    def files(self) -> tuple[DeliveredFile, ...]:
        """The files looked at."""
        return (self.whole,) if self.whole else tuple(self.monthly.values())

    def month_of(self, month: date | None) -> date:
        """The month a row is kept with that is dated `month`: the newest, where that is astray."""
        start, end = self.span
        return month if month and start <= month <= end else self.newest

    def rows(self, month: date) -> int:
        """Rows of a month; of a month that has its own file, 1."""
        return self.whole.months.get(month, 0) if self.whole else int(month in self.files_of)

    def file(self, month: date) -> DeliveredFile | None:
        """The file that holds a month, if any does."""
        return self.whole or self.monthly.get(month)

    def content(self, month: date) -> dict[str, str]:
        """The content of a month, by the names of its files: a digest, whatever else they hold.

        In a file of every month, rows of no known month count for the newest.
        """
        if self.whole is None:
            file = self.monthly.get(month)
            return {file.key: _digest(file, file.content)} if file else {}
        found = {self.whole.key: self.whole.content.get(month, NO_ROWS)}
        start, end = self.span
        astray = [m for m in self.whole.content if m is None or not start <= m <= end]
        if astray and month == self.newest:
            found[ASTRAY] = _digest(self.whole, astray)
        return found


@dataclass(frozen=True)
class Landing:
    """The delivered files of a portfolio, found by name."""

    store: Store
    portfolio: Portfolio
    _seen: dict[str, DeliveredFile] = field(default_factory=dict)

    def deliveries(self, months: Iterable[date]) -> dict[str, Delivery]:
        """Every source's delivery, the files of `months` looked at.

        A `UserError` names a file that is missing (unless its source is optional), is
        there twice, or cannot be used.
        """
        wanted = list(months)
        found = {
            source: self._delivery(source, spec, wanted)
            for source, spec in self.portfolio.sources.items()
        }
        # figures of the economy reach further than any lender
        of_lender = {s: one for s, one in found.items() if one.spec.role != "macro"}
        known = _span(of_lender)
        return found | {s: replace(delivery, span=known) for s, delivery in of_lender.items()}

    def keys(self, source: str) -> list[str]:
        """The files of a source, oldest first; errors as above."""
        whole, monthly = self._found(source, self.portfolio.sources[source])
        return [whole] if whole else list(monthly.values())

    def _found(self, source: str, spec: SourceSpec) -> tuple[str | None, dict[date, str]]:
        monthly, whole = self._monthly(spec), self._whole(spec)
        files = [f"{spec.table}{end}" for end in ENDINGS]
        delivered = {*self._delivered(spec), *(p for f in files for p in parts_of(f, self._keys))}
        refuse_no_files(self.store, spec.table, (*delivered, *files))
        if monthly and whole:
            raise UserError(
                f"{spec.table} is delivered twice: {whole} and a folder of months; keep one"
            )
        if monthly and spec.extract:
            raise UserError(
                f"sources.{source}.extract says that {spec.table} is one file, and it is a folder"
                " of months; say in a column of role snapshot which month each row is about"
            )
        if not monthly and not whole and not spec.optional:
            named = before_parts(spec.table) != spec.table
            nothing = f"{spec.table}.csv.gz" + ("" if named else f" and no folder {spec.table}/")
            raise UserError(
                f"{self.store.uri} holds no {nothing};{self._near(spec.table)}"
                f" deliver it or name another table under sources.{source}.table"
            )
        others = {one.table for one in self.portfolio.sources.values()} - {spec.table}
        refuse_passed_over(self._keys, spec.table, delivered, others)
        return whole, monthly

    def _delivery(self, source: str, spec: SourceSpec, months: list[date]) -> Delivery:
        whole, monthly = self._found(source, spec)
        return Delivery(
            source,
            spec,
            self._inspect(whole, source, spec) if whole else None,
            {m: self._inspect(monthly[m], source, spec) for m in months if m in monthly},
            tuple(monthly),
            self.store,
        )

    def _inspect(self, key: str, source: str, spec: SourceSpec) -> DeliveredFile:
        if key not in self._seen:
            file = inspect(self.store, key, source, spec)
            self._seen[key] = replace(file, arrived=self._came(key))
        return self._seen[key]

    def _whole(self, spec: SourceSpec) -> str | None:
        found = [key for e in ENDINGS if parts_of(key := f"{spec.table}{e}", self._keys)]
        if len(found) > 1:
            raise UserError(f"{spec.table} is delivered twice: {' and '.join(found)}; keep one")
        return found[0] if found else None

    def _near(self, table: str) -> str:
        """Files that may be the table under another name: another ending, another case."""
        begins = before_parts(table).casefold()
        near = [key for key in self._keys if begins and key.casefold().startswith(begins)]
        return f" it holds {printable(', '.join(near[:_NAMED]))}, which is not read;" * bool(near)

    def _monthly(self, spec: SourceSpec) -> dict[date, str]:
        found: dict[date, str] = {}
        for part, month in self._delivered(spec).items():
            key = joined_key(spec.table, month, part) if STAR in spec.table else part
            if found.get(month, key) != key:
                several = f"; {SEVERAL}" if name_pattern(spec.table) and STAR not in key else ""
                raise UserError(
                    f"{month} is delivered twice: {found[month]} and {key}; keep one{several}"
                )
            found[month] = key
        return dict(sorted(found.items()))

    def _delivered(self, spec: SourceSpec) -> dict[str, date]:
        """The files of a source's months, each with its month."""
        months = ((key, month_of(key, spec.table)) for key in self._keys)
        return {key: month for key, month in months if month}

    def arrived(self, spec: SourceSpec) -> dict[date, str]:
        """Of a source with a file a month, when each came; changes with the file."""
        return {month: self._came(key) for month, key in self._monthly(spec).items()}

    def _came(self, key: str) -> str:
        """When a file came, or the newest of several that are read as one."""
        parts = parts_of(key, self._keys) if STAR in key else [key]
        return max(self._arrived[part] for part in parts)

    @cached_property
    def _arrived(self) -> dict[str, str]:
        return {item.key: item.changed.isoformat() for item in self.store.objects()}

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._arrived)


def _digest(file: DeliveredFile, months: Iterable[date | None]) -> str:
    from creditrisk.lake import combined_digest  # noqa: PLC0415 - the check reads no Parquet

    return RECIPE + combined_digest({f"{month}": file.content[month] for month in months})


def _span(deliveries: Mapping[str, Delivery]) -> tuple[date, date]:
    base = next(
        one
        for one in deliveries.values()
        if one.spec.role == "applications" and not one.spec.optional
    )
    rows = {month: base.rows(month) for month in base.months}
    return span(rows, base.spec, [one.months for one in deliveries.values() if one is not base])
