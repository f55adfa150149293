# ruff: noqa: S608 - every name in a query comes from our own portfolio file
"""The same transformation in one process: delivered text to gold features and labels in DuckDB.

As a team without a cluster would write it: SQL over all months at once, Parquet at the end. It
cleans every column by the portfolio's description, drops rows set aside and repeated keys, adds
up events known at application and judges loans in instalments. It leaves out what a lake adds:
quarantine and counts per rule, digests, one commit per month, history carried forward.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from creditrisk import contracts
from creditrisk.policy import Outcome, load_policy
from creditrisk.portfolio import ColumnSpec, Portfolio, SourceSpec, list_flags, load_portfolio

_KEYS = {
    "applications": "customer_id, month",
    "events": "customer_id, event_date",
    "performance": "loan_id, month",
}
_SPACE = " \t\r\n"  # all there is here; of Unicode's blanks DuckDB makes five times the work
_MEMBERS = r"\s*,\s*(?:and\s+)?"


def build(landing: str, out: str, memory: str, threads: int) -> None:
    """Write `features.parquet` and `labels.parquet` of everything delivered."""
    portfolio, outcome = load_portfolio(), load_policy().outcome
    db = duckdb.connect()
    db.execute(f"SET memory_limit = '{memory}'; SET threads = {threads}")
    db.execute(f"SET temp_directory = '{out}/spill'; SET preserve_insertion_order = false")
    for name, spec in portfolio.sources.items():
        db.execute(f"CREATE TABLE {name} AS {silver(spec, landing)}")
    Path(out).mkdir(parents=True, exist_ok=True)
    for table, query in (
        ("features", features(portfolio)),
        ("labels", labels(portfolio, outcome)),
    ):
        db.execute(f"COPY ({query}) TO '{out}/{table}.parquet' (COMPRESSION snappy)")


def silver(spec: SourceSpec, landing: str) -> str:
    """Typed and cleaned rows, one per key, of every file of a source."""
    files = f"{landing}/{spec.table}/*.csv.gz"
    columns = ", ".join(
        f'{_value(name, column)} AS "{spec.name_of(name)}"' for name, column in spec.columns.items()
    )
    snapshot = spec.name_of(spec.column("snapshot") or "")
    typed = (
        f"SELECT *, CAST(date_trunc('month', {snapshot}) AS DATE) AS month FROM (SELECT {columns}"
        f" FROM read_csv('{files}', all_varchar = true, quote = '\"', escape = '\"'))"
    )
    key = _KEYS[spec.role]
    return (
        f"SELECT * FROM ({typed}) WHERE {' AND '.join(f'{k} IS NOT NULL' for k in key.split(', '))}"
        f" QUALIFY row_number() OVER (PARTITION BY {key}) = 1"
    )


def features(portfolio: Portfolio) -> str:
    """One row per application, the columns of `gold/features`."""
    sources = portfolio.by_role("applications")
    base = sources[0][0]
    values = [
        f'{value} AS "{column}"'
        for name, spec in sources
        for column, value in _features(name, spec)
    ]
    joins = " ".join(f"LEFT JOIN {n} USING (customer_id, month)" for n, _ in sources[1:])
    known = []
    for events in portfolio.events:
        names = [events.count, *events.sums]
        sums = ["count(*)", *(f'sum(coalesce(e."{c}", 0))' for c in events.columns)]
        added = ", ".join(f'{s} AS "{n}"' for s, n in zip(sums, names, strict=True))
        joins += (
            f" LEFT JOIN (SELECT b.customer_id, b.month, {added} FROM {base} b"
            f" JOIN {events.name} e ON e.customer_id = b.customer_id AND e.month <= b.month"
            f" GROUP BY ALL) h_{events.name} USING (customer_id, month)"
        )
        known += [f'coalesce(h_{events.name}."{n}", 0) AS "{n}"' for n in names]
    ratios = [
        f'"{r.ratio[0]}" / nullif("{r.ratio[1]}", 0) AS "{n}"' for n, r in portfolio.derived.items()
    ]
    who = "customer_id || '_' || month AS application_id, customer_id, month AS snapshot_date"
    rows = f"SELECT {who}, {', '.join([*values, *known])} FROM {base} {joins}"
    optional = {f"{name}_available" for name in portfolio.optional_sources}
    kept = ", ".join(f'"{n}"' for n in contracts.features(portfolio).names if n not in optional)
    return f"SELECT {kept} FROM (SELECT *, {', '.join(ratios)} FROM ({rows}))"


def labels(portfolio: Portfolio, outcome: Outcome) -> str:
    """One row per loan and horizon that has matured."""
    name, _ = portfolio.by_role("performance")[0]
    largest = "max(due) OVER (PARTITION BY loan_id ORDER BY month)"
    missed = (
        "CASE WHEN overdue <= 0 THEN 0 ELSE floor(overdue / coalesce(CASE WHEN due > 0 THEN due"
        " END, CASE WHEN largest > 0 THEN largest END) + 1e-6) END"
    )
    stands = f"SELECT *, {missed} AS missed FROM (SELECT *, {largest} AS largest FROM {name})"
    return " UNION ALL ".join(
        _label(stands, name, outcome, mob) for mob in sorted({outcome.mob, outcome.early_mob})
    )


def _label(stands: str, name: str, outcome: Outcome, mob: int) -> str:
    within = f"month_on_book BETWEEN 1 AND {mob} AND missed IS NOT NULL"
    matured = f"CAST(cohort + INTERVAL {mob + outcome.reporting_lag} MONTH AS DATE)"
    text = f"max(month_on_book) FILTER ({within}) >= {mob} OR bool_or(balance <= 0 AND {within})"
    return (
        f"SELECT loan_id, {mob} AS mob, {matured} AS snapshot_date,"
        f" CASE WHEN bool_or({within} AND missed >= {outcome.missed_instalments}) THEN 1"
        f" WHEN {text} THEN 0 END AS bad, count(*) FILTER ({within}) AS months_observed"
        f" FROM ({stands}) WHERE month <= {matured}"
        f" AND {matured} <= (SELECT max(month) FROM {name}) GROUP BY loan_id, cohort"
    )


def _features(source: str, spec: SourceSpec) -> Iterator[tuple[str, str]]:
    for name, column in spec.values().items():
        if column.type != "list":
            yield name, f'{source}."{name}"'
            continue
        members = f"list_filter(string_split({source}.\"{name}\", '|'), lambda m: m <> '')"
        yield f"{name}_count", f"len({members})"
        for flag, member in list_flags(name, column).items():
            yield flag, f"CAST(list_contains({members}, {_literal(member)}) AS BIGINT)"


def _value(name: str, spec: ColumnSpec) -> str:
    """A delivered text as silver keeps it."""
    text = f'trim("{name}", {_literal(_SPACE + spec.strip)})'
    trimmed = f'trim("{name}", {_literal(_SPACE)})'
    missing = ", ".join(map(_literal, ("", *spec.missing)))
    value = _typed(text, spec)
    if spec.range:
        value = f"CASE WHEN {value} BETWEEN {spec.range[0]} AND {spec.range[1]} THEN {value} END"
    if spec.type == "category" and spec.categories:
        known = ", ".join(map(_literal, spec.categories))
        value = f"CASE WHEN {text} IN ({known}) THEN {text} ELSE 'unknown' END"
    if spec.pii:
        value = f"sha256({_literal(os.environ.get('CREDITRISK_PII_KEY', ''))} || {value})"
    nothing = "''" if spec.type == "list" else "NULL"  # nothing delivered: no members
    is_missing = f'"{name}" IS NULL OR {text} IN ({missing}) OR {trimmed} IN ({missing})'
    return f"CASE WHEN {is_missing} THEN {nothing} ELSE {value} END"


def _typed(text: str, spec: ColumnSpec) -> str:
    match spec.type:
        case "number":
            return f"try_cast({text} AS DOUBLE)"
        case "integer":
            number = f"try_cast({text} AS DOUBLE)"
            return f"CASE WHEN {number} = floor({number}) THEN CAST({number} AS BIGINT) END"
        case "date":
            day = f"CAST(try_strptime({text}, '%Y-%m-%d') AS DATE)"
            return f"CAST(date_trunc('month', {day}) AS DATE)" if spec.role == "start" else day
        case "duration":
            years, months = (f"regexp_extract({text}, '(\\d+) {u}', 1)" for u in ("Y", "M"))
            count = f"coalesce(try_cast({years} AS BIGINT), 0) * 12"
            return f"{count} + coalesce(try_cast({months} AS BIGINT), 0)"
        case "list":
            known = ", ".join(map(_literal, spec.categories))
            members = f"regexp_split_to_array({text}, '{_MEMBERS}')"
            name = f"CASE WHEN m IN ({known}) THEN m ELSE 'unknown' END"
            named = f"list_transform({members}, lambda m: {name})"
            return f"array_to_string(list_sort(list_distinct({named})), '|')"
        case _:
            return text


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("landing")
    parser.add_argument("out")
    given = parser.parse_args()
    build(given.landing, given.out, "5GB", os.cpu_count() or 2)
