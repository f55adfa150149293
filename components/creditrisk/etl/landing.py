"""The folder where a lender's files arrive: which file holds which month of which source.

Two layouts, chosen source by source: `<table>.csv[.gz]` with every month in one file,
or `<table>/<YYYY-MM-DD>.csv[.gz]`, one file a month.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from creditrisk.errors import UserError
from creditrisk.etl.delivered_file import DeliveredFile, inspect
from creditrisk.month import parse_month
from creditrisk.portfolio import Portfolio, SourceSpec
from creditrisk.storage import Store

_ENDINGS = (".csv", ".csv.gz")


@dataclass(frozen=True)
class Delivery:
    """What arrived for one source."""

    source: str
    spec: SourceSpec
    whole: DeliveredFile | None  # every month in one file
    monthly: dict[date, DeliveredFile]  # or one file a month: those that were asked for
    files_of: tuple[date, ...]  # months that have a file of their own

    @property
    def months(self) -> frozenset[date]:
        """Months it has rows for; for a folder, months it has files for."""
        return frozenset(self.whole.months if self.whole else self.files_of)

    @property
    def files(self) -> tuple[DeliveredFile, ...]:
        """The files looked at."""
        return (self.whole,) if self.whole else tuple(self.monthly.values())

    def file(self, month: date) -> DeliveredFile | None:
        """The file that holds a month, if any does."""
        return self.whole or self.monthly.get(month)


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
        return {
            source: self._delivery(source, spec, wanted)
            for source, spec in self.portfolio.sources.items()
        }

    def _delivery(self, source: str, spec: SourceSpec, months: list[date]) -> Delivery:
        monthly, whole = self._monthly(spec), self._whole(spec)
        if monthly and whole:
            raise UserError(
                f"{spec.table} is delivered twice: {whole} and a folder of months; keep one"
            )
        if not monthly and not whole and not spec.optional:
            raise UserError(
                f"{self.store.uri} holds no {spec.table}.csv.gz and no folder {spec.table}/;"
                f" deliver it or name another table under sources.{source}.table"
            )
        return Delivery(
            source,
            spec,
            self._inspect(whole, source, spec) if whole else None,
            {m: self._inspect(monthly[m], source, spec) for m in months if m in monthly},
            tuple(monthly),
        )

    def _inspect(self, key: str, source: str, spec: SourceSpec) -> DeliveredFile:
        if key not in self._seen:
            self._seen[key] = inspect(self.store, key, source, spec)
        return self._seen[key]

    def _whole(self, spec: SourceSpec) -> str | None:
        found = [key for end in _ENDINGS if (key := f"{spec.table}{end}") in self._keys]
        if len(found) > 1:
            raise UserError(f"{spec.table} is delivered twice: {' and '.join(found)}; keep one")
        return found[0] if found else None

    def _monthly(self, spec: SourceSpec) -> dict[date, str]:
        found: dict[date, str] = {}
        for key in self._keys:
            folder, _, name = key.rpartition("/")
            if folder != spec.table or not name.endswith(_ENDINGS):
                continue
            month = parse_month(name.split(".csv")[0], f"{key}:")
            if month in found:
                raise UserError(f"{month} is delivered twice: {found[month]} and {key}; keep one")
            found[month] = key
        return dict(sorted(found.items()))

    @cached_property
    def _keys(self) -> list[str]:
        return list(self.store.keys())
