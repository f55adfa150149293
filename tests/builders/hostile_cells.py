"""Cells that nobody should deliver, and what two readers make of them: Spark's and Python's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pyspark.sql import SparkSession

from creditrisk.deliveries.text_part import LONGEST
from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check.cell import members, read
from creditrisk.stages.etl.cleaning import (
    MISSING,
    MOVED,
    STRUCK,
    UNKNOWN,
    UNREADABLE,
    Cleaner,
    clean,
)

Read = tuple[Any, str | None]  # a value as silver keeps it, and the rule that decided it
COLUMNS: dict[str, list[ColumnSpec]] = {
    "number": [
        ColumnSpec(type="number", strip="_", missing=("-1", "#"), range=(-10, 1000)),
        ColumnSpec(type="number", strip="$", thousands=",", range=(0, 1e9)),
        ColumnSpec(type="number", strip="€", thousands=".", decimal=","),
        ColumnSpec(type="number", thousands=" ", decimal=","),
        ColumnSpec(type="number", thousands="\u2019", missing=("\u22121",)),
        ColumnSpec(type="number", thousands="\u066c", decimal="\u066b"),
        ColumnSpec(type="number", negative="brackets", strip="$", thousands=","),
        ColumnSpec(type="number", negative="behind", strip="€", thousands=".", decimal=","),
        ColumnSpec(type="number", negative="CR", thousands=","),
        ColumnSpec(type="number", negative="DR", range=(-1000, 1000)),
    ],
    "integer": [
        ColumnSpec(type="integer", strip="_", range=(0, 100)),
        ColumnSpec(type="integer", thousands=","),
        ColumnSpec(type="integer", negative="brackets", empty="0"),
    ],
    "date": [
        ColumnSpec(type="date", role="start"),
        *(
            ColumnSpec(type="date", format=pattern)
            for pattern in (
                *("dd.MM.yyyy", "d/M/yyyy", "yyyyMMdd", "MMM yyyy", "dd-MMM-yy", "d.M.yy"),
                *("yyyy-MM-dd HH:mm:ss", "MM/dd/yyyy H:mm", "MMMM d, yyyy", "yyyyDDD"),
            )
        ),
    ],
    "timestamp": [
        ColumnSpec(type="date", format="iso"),
        ColumnSpec(type="date", format="iso", role="start"),
        *(
            ColumnSpec(type="date", format=pattern)
            for pattern in (
                *("yyyy-MM-dd'T'HH:mm:ss.SSSX", "M/d/yyyy h:mm:ss a", "ddMMMyyyy:HH:mm:ss.SS"),
                *("EEE MMM dd HH:mm:ss z yyyy", "dd-MMM-yy hh.mm.ss.S a", "HH:mm d.M.yy"),
            )
        ),
    ],
    "count of days": [
        ColumnSpec(type="date", format=name)
        for name in (
            *("epoch seconds", "epoch milliseconds", "microseconds since 1970-01-01 05:30"),
            *("excel 1900", "excel 1904", "sas date", "sas datetime", "days since 9999-12-31"),
        )
    ],
    "period": [
        ColumnSpec(type="date", format=name)
        for name in (
            *("yyyy'Q'Q", "'Q'Q yyyy", "yy-Q", "months since 2015-01", "quarters before 1999-10"),
            *("years since 1900-07", "Q/yyyy"),
        )
    ],
    "part": [
        ColumnSpec(part=(1, 2)),
        ColumnSpec(type="category", part=(-2, -1), categories=("01", "ab"), strip="_"),
        ColumnSpec(type="integer", part=(3, 4), missing=("99", "none")),
        ColumnSpec(type="integer", pattern=r"(\d{1,3}) months?"),
        ColumnSpec(type="date", format="MM-yyyy", pattern=r"[^-]*-(\d+-\d+)", strip="_"),
        ColumnSpec(type="list", pattern=r"\w*:(.*)", categories=("a",)),
    ],
    "duration": [
        ColumnSpec(type="duration"),
        ColumnSpec(type="duration", strip="_", missing=("0 Years",), range=(0, 600)),
    ],
    "category": [
        ColumnSpec(type="category", missing=("?",), categories=("own", "rent")),
        ColumnSpec(type="category", categories=("a", "A")),
        ColumnSpec(
            type="category",
            strip="_",
            categories=("yes", "no"),
            spellings={"yes": ("Y", "1"), "no": ("N", "0")},
        ),
    ],
    "list": [
        ColumnSpec(type="list", categories=("Auto Loan", "Home Loan")),
        ColumnSpec(type="list", strip="_", missing=("none",)),
    ],
    "text": [ColumnSpec(strip="*", missing=("n/a",))],
}
_GOOD = {
    "number": [
        "12,345.00",
        "-7.5e3",
        "1.234.567,89",
        "12 345,6",
        "1'000'000.5",
        "12,34,567",
        "-1",
        *(
            "(1,200.50)",
            "($ 12)",
            "$(7)",
            "-$1,200.50",
            "+ €7",
            "1.200,5-",
            "5- €",
            "-5-",
            "3 CR",
            "1,200.5dr",
            "+2Cr",
            "()",
        ),
        *(
            "\u22121",
            "\uff0d\uff11",
            "\u0661\u0662\u066c\u0663\u0664\u0665\u066b\u06f6",
            "1\u202f000,5",
        ),
    ],
    "integer": ["(11)", "11.0", "9007199254740993", "1,234", "1e2", "-0"],
    "date": [
        *("2024-02-29", "29.02.2024", "1/1/2024", "20240131", "Feb 2024", "28-Feb-97", "1.2.69"),
        *("2024-01-01 23:59:59", "12/31/2024 0:00", "0000-01-01", "9999-12-31", "10000-01-01"),
        *("2024\u201102\u201129", "\uff12\uff10\uff12\uff14/1/1", "\u200f\u0662\u0669.02.2024"),
        *("January 31, 2023", "may 1, 2023", "2024366", "2023366", "2023000"),
    ],
    "timestamp": [
        *("2023-01-31", "2023-01-31T23:59:59", "2023-01-31 00:00:00.00", "2023-01-31T12:00Z"),
        *("2023-01-31T00:00:00+05:30", "2023-01-31t235959,123456789-0330", "2023-01-31T24:00"),
        *("1/31/2023 12:00:00 AM", "2/29/2024 1:05:09 p.m.", "31JAN2023:08:15:00.5"),
        *("Tue Jan 31 00:00:00 CET 2023", "31-Jan-23 12.59.59.000000 PM", "23:59 1.2.69"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2023-02-30T00:00:00Z"),
    ],
    "count of days": [
        *("1672531200", "1672531200000", "1672531199.999", "-1", "-0.5", "0", "60", "59", "61"),
        *("44927", "44927.5", "44927,25", "1988150400", "23011", "-719162", "-719163", "2932896"),
        *("2932897", "999999999999999999", "-999999999999999999", "9999999999999999999", "1e9"),
        *("-62135596800", "-62135596801", "253402300799", "253402300800", "-693594", "2958465"),
    ],
    "period": [
        *("2019Q3", "Q3 2019", "19-3", "4/2019", "17", "17.0", "17.5", "-180", "0", "2019Q5"),
        *("95827", "95828", "-24168", "-24169", "31945", "8100", "-1900", "+3", "0000Q1"),
    ],
    "part": [
        *("4511", "36 months", "1 month", "NACE-01-2023", "_DE-ab_", "none", "4", "x: a, b", "x:"),
        *("aa2023-01-31", "\U0001f4a5\U0001f4a5ab", "é\u0301x", "1199", "12 months ", "__"),
    ],
    "duration": [
        *("10 Years and 9 Months", "1 Year", "9223372036854775807 Years", "3 months"),
        *("1yrs 11mon", "P1Y2M", "2 y., 3 mos.", "4Y5M", "6 mths", "P", "and", "1 Yea 2 mont"),
    ],
    "category": ["own", "RENT", "a", "A", "Yes", "1", "unknown"],
    "list": ["Home Loan, Auto Loan, and Home Loan", "Auto Loan|Boat", "and a , and , b", "unknown"],
    "text": ["Zoë O'Hara", "n/a", "**", "a\\b$1%s"],
}
_MARKS = [
    *"0123456789.,-+eExXdDfFpP$€_'|/:*? \t\n\r\0\v\f\x1c\x1f\x7f\\\"%#jJanNyYsSaAorR",
    *("(", ")", "CR", "dr"),
    *("\u0085", "\u00a0", "\u0663", "\uff11", "\u2028", "\u2029", "\u200b", "\ufeff", "\u0130"),
    *("\u2212", "\u2013", "\uff0d", "\u00ad", "\u2009", "\u202f", "\u2019", "\u200f", "\u06f5"),
    *("\u066b", "\u066c", "\uff0c", "\uff08", "\uff09"),
    *("\u212a", "\u03a3", "\u00df", "\U0001f4a5", "e\u0301", "Infinity", "NaN", " and ", " Years"),
]
_TIMES = (*(0, 1, 1, 1, 2, 3) * 10, 30, 30, LONGEST // 4)
BLOWN_UP = [  # of a length that a reader in quadratic time, or one that recurses, does not survive
    "1" + ",234" * 100_000,
    "1" + ",234" * 100_000 + "x",
    "9" * 400_000,
    "a" + " " * 400_000 + "b",
    ",".join(map(str, range(40_000))),
    "1" + " " * 400_000 + "Yearx",
    " and" * 100_000,
    "0" * (LONGEST - 1) + "5",
    "0" * LONGEST + "5",
]


def hostile_cells(kind: str, count: int, seed: int) -> list[str]:
    """Good texts of a type, spoilt in up to three places; some of their parts are repeated."""
    rng, good = np.random.default_rng([seed, list(COLUMNS).index(kind)]), _GOOD[kind]
    return [_spoilt(rng, good[rng.integers(len(good))]) for _ in range(count)]


def _spoilt(rng: np.random.Generator, text: str) -> str:
    for _ in range(rng.integers(4)):
        start = int(rng.integers(len(text) + 1))
        end = start + int(rng.integers(3))
        part = text[start:end] if rng.integers(2) else _MARKS[rng.integers(len(_MARKS))]
        text = text[:start] + part * _TIMES[rng.integers(len(_TIMES))] + text[end:]
    return text


def differences(
    spark: SparkSession, cells: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, ColumnSpec, Read, Read]]:
    """Where Spark and Python differ on the cells of a type (as many of each), in one Spark job."""
    columns = [(kind, spec) for kind in cells for spec in COLUMNS[kind]]
    rows = list(zip(*(cells[kind] for kind, _ in columns), strict=True))
    cleaners = [Cleaner(f"d{i}", f"v{i}", spec, None) for i, (_, spec) in enumerate(columns)]
    ddl = ", ".join(f"d{i} STRING" for i in range(len(columns)))
    cleaned = clean(spark.createDataFrame(rows, ddl), cleaners, ()).collect()
    for texts, row in zip(rows, cleaned, strict=True):
        rules = {entry["column"]: entry["rule"] for entry in row[STRUCK]}
        for i, (text, (_, spec)) in enumerate(zip(texts, columns, strict=True)):
            by_spark = _comparable(row[f"v{i}"]), rules.get(f"v{i}")
            by_python = as_silver(*read(text, spec), spec)
            if by_spark != by_python:
                yield text, spec, by_spark, by_python


def as_silver(value: Any, rule: str, spec: ColumnSpec) -> Read:
    """A reading of `portfolio check` in the words of silver."""
    if rule == UNKNOWN:
        value = "unknown"
    if rule == MOVED:
        value = value.replace(day=1)
    if spec.type == "list" and rule not in (MISSING, UNREADABLE):
        found = members(value or "")
        known = {m if m in (spec.categories or found) else "unknown" for m in found}
        value = "|".join(sorted(known))
    return _comparable(value), rule or None


def _comparable(value: Any) -> Any:
    return str(value) if hasattr(value, "isoformat") else value
