"""A table's profile, read off the Parquet files that were written.

Plain arrays instead of a Spark job: a month's column is sorted whole, so figures are exact and
do not depend on how Spark spread the rows. It takes 8 bytes a row, one column at a time.
"""

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from creditrisk.contracts import LOAN_MONTHS, Contract
from creditrisk.contracts.check import null_count
from creditrisk.lake import DataFile
from creditrisk.metrics.apart import apart
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.policy import Quality
from creditrisk.portfolio import Portfolio
from creditrisk.records.table_profile import (
    ColumnChange,
    ColumnProfile,
    Layer,
    Numbers,
    TableProfile,
    Values,
)
from creditrisk.storage import Store

_MOST = 50  # values spelled out of a column
_QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.99)
Kind = Literal["number", "category", "other"]
_AT_ONCE = 64 * 1024 * 1024  # bytes; a file up to here is one read from the store


def numeric(
    name: str, values: pa.ChunkedArray, limits: Quality, old: ColumnProfile | None
) -> ColumnProfile:
    """A column of numbers; what is not finite counts as missing."""
    known = values.drop_null().to_numpy().astype(np.float64)
    known = np.sort(known[np.isfinite(known)])  # sums do not depend on the order of rows, then
    numbers = _numbers(known, limits.fence_reach) if len(known) else None
    change = _moved(known, numbers, limits.fence_reach, old) if old else None
    lying = apart(*np.unique(known, return_counts=True))
    return ColumnProfile(name, len(values), len(values) - len(known), numbers, None, change, lying)


def categorical(
    name: str,
    values: pa.ChunkedArray,
    declared: frozenset[str],
    limits: Quality,
    old: ColumnProfile | None,
) -> ColumnProfile:
    """A column of categories: those declared or held by `min_shown` rows are spelled out.

    Where none are declared, what the month before did not spell out is unseen.
    """
    known = values.drop_null()
    found = {item["values"]: item["counts"] for item in pc.value_counts(known).to_pylist()}
    ranked = sorted(found, key=lambda value: (-found[value], value))
    named = [v for v in ranked if v in declared or found[v] >= limits.min_shown][:_MOST]
    shown = {value: found[value] for value in named}
    others = len(known) - sum(shown.values())
    before = old.values.shown if old and old.values and not declared else shown
    unseen = tuple(value for value in named if value not in before)
    rows = sum(shown[value] for value in unseen)
    change = replace(_then(old), unseen=unseen, unseen_rows=rows) if old else None
    described = Values(len(found), shown, others)
    return ColumnProfile(name, len(values), values.null_count, None, described, change)


def _numbers(known: FloatArray, reach: float) -> Numbers:
    # halved and doubled again, so that no difference of two values overflows
    p1, p25, median, p75, p99 = (float(q) for q in 2 * np.quantile(known / 2, _QUANTILES))
    mean, sd = _moments(known)
    low, high = float(known[0]), float(known[-1])
    zeros = int(np.count_nonzero(known == 0))
    found = Numbers(
        len(known), zeros, low, p1, p25, median, p75, p99, high, mean=mean, sd=sd, beyond=0
    )
    fences = found.fences(reach)
    return Numbers(**{**vars(found), "beyond": _beyond(known, fences)}) if fences else found


def _moments(known: FloatArray) -> tuple[float, float]:
    """Mean and standard deviation; scaled first, so that no square overflows."""
    peak = float(np.abs(known).max()) or 1.0
    scaled = known / peak
    sd = float(scaled.std(ddof=1)) * peak if len(known) > 1 else 0.0
    return float(scaled.mean()) * peak, sd


def _beyond(known: FloatArray, fences: tuple[float, float]) -> int:
    low, high = np.searchsorted(known, fences[0]), np.searchsorted(known, fences[1], "right")
    return int(low + len(known) - high)


def _moved(
    known: FloatArray, now: Numbers | None, reach: float, old: ColumnProfile
) -> ColumnChange:
    then = old.numbers
    if now is None or then is None:
        return _then(old)
    # pooled, so that a month with a long tail is no shift; a constant is measured by its own size
    pooled = math.hypot(now.sd, then.sd) / math.sqrt(2)
    shift = (now.mean - then.mean) / (pooled or abs(then.mean) or 1.0)
    fences = then.fences(reach)
    if fences is None:
        return replace(_then(old), shift=shift)
    outliers = _beyond(known, fences)
    rise = outliers / now.count - then.beyond / then.count
    return replace(_then(old), shift=shift, outliers=outliers, outlier_rise=rise)


def _then(old: ColumnProfile) -> ColumnChange:
    return ColumnChange(old.rows, old.missing, old.numbers)


@dataclass(frozen=True)
class Subject:
    """A description of a column: how full it is, its figures, or its categories."""

    kind: Kind = "other"
    declared: frozenset[str] = frozenset()


def profile(
    store: Store,
    portfolio: Portfolio,
    contract: Contract,
    files: Sequence[DataFile],
    limits: Quality,
    before: TableProfile | None,
) -> TableProfile:
    """One month of a table, beside its profile of the month before."""
    columns = []
    with ExitStack() as opened:
        parts = [_open(store, file, opened) for file in files]
        rows = sum(part.metadata.num_rows for part in parts)
        for name, subject in subjects(portfolio, contract).items():
            old = before.column(name) if before else None
            if subject.kind == "number":
                columns.append(numeric(name, _values(parts, contract, name), limits, old))
            elif subject.kind == "category":
                values = _values(parts, contract, name)
                columns.append(categorical(name, values, subject.declared, limits, old))
            else:
                columns.append(
                    ColumnProfile(name, rows, sum(null_count(part, name) for part in parts))
                )
    return TableProfile(cast(Layer, contract.layer), contract.name, rows, tuple(columns))


def subjects(portfolio: Portfolio, contract: Contract) -> dict[str, Subject]:
    """The columns to describe. Of keys, dates, text and PII only: how full they are."""
    if contract.layer == "bronze":  # as delivered, all text
        return dict.fromkeys(portfolio.sources[contract.name].columns, Subject())
    found = {
        column.name: Subject("number" if column.type in ("long", "double") else "other")
        for column in contract.columns
    }
    if contract == LOAN_MONTHS:
        return found | {"bucket": Subject("category")}
    for source in portfolio.sources.values():
        for name, spec in source.values().items():
            if spec.type == "category" and name in found:
                known = (*spec.categories, "unknown") if spec.categories else ()
                found[name] = Subject("category", frozenset(known))
    return found


def _open(store: Store, file: DataFile, opened: ExitStack) -> pq.ParquetFile:
    if file.size <= _AT_ONCE:
        return pq.ParquetFile(pa.BufferReader(store.read(file.key)))
    return pq.ParquetFile(opened.enter_context(store.open(file.key)))


def _values(parts: Sequence[pq.ParquetFile], contract: Contract, name: str) -> pa.ChunkedArray:
    chunks = [chunk for part in parts for chunk in part.read([name]).column(0).chunks]
    return pa.chunked_array(chunks, type=contract.arrow.field(name).type)
