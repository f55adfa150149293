"""The report to read: one self-contained HTML file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from creditrisk.number_text import figure
from creditrisk.policy import Quality
from creditrisk.records.quality import Anomalies, DeliveredFile, QualityReport, page_key
from creditrisk.records.table_profile import ColumnChange, ColumnProfile, Numbers
from creditrisk.reports.render import render as rendered
from creditrisk.storage import Store

_LISTED = 10  # of the oddest and of the least complete columns
_WIDTH = 120.0  # of a distribution, in pixels
_NOTHING = DeliveredFile(file="not delivered", sha256="")


@dataclass(frozen=True)
class OddColumn:
    """What moved most in a column, as a share of what the policy allows."""

    column: ColumnProfile
    table: str
    share: float
    text: str

    @property
    def place(self) -> Mapping[str, Any] | None:
        return place(self.column)


def write_page(
    store: Store, report: QualityReport, limits: Quality, anomalies: Anomalies | None = None
) -> None:
    """Write `months/<as_of>/quality.html`."""
    store.write(page_key(report.as_of), render(report, limits, anomalies).encode())


def stored_page(store: Store, month: date) -> str:
    """The month's page as it was written; empty where there is none."""
    try:
        return store.read(page_key(month)).decode()
    except KeyError:
        return ""


def render(report: QualityReport, limits: Quality, anomalies: Anomalies | None = None) -> str:
    """The page; the same report gives the same page."""
    checks = sorted(report.checks, key=lambda check: -check.share)
    return rendered(
        "quality.html",
        near={"Report of the month": "report.html", "Evidence": "compliance.html"},
        report=report,
        month=f"{report.as_of:%B %Y}",
        blocking=[check for check in checks if check.severity == "block"],
        warnings=[check for check in checks if check.severity == "warn"],
        notes=[check for check in checks if check.severity == "info"],
        sources=_sources(report),
        oddest=_oddest(report, limits),
        incomplete=_incomplete(report),
        anomalies=anomalies,
        place=place,
        top=_top,
    )


def place(column: ColumnProfile) -> dict[str, Any] | None:
    """Where a column's quartiles lie on its strip, now and a month ago, in pixels."""
    now, then = column.numbers, column.change.numbers if column.change else None
    if now is None:
        return None
    low = min(now.p1, then.p25 if then else now.p1)
    high = max(now.p99, then.p75 if then else now.p99)
    if not low < high:
        return None

    def x(value: float) -> float:
        return round((value - low) / (high - low) * (_WIDTH - 2), 1)

    def box(of: Numbers) -> tuple[float, float, float]:
        return x(of.p25), x(of.median), max(x(of.p75) - x(of.p25), 1.0)

    return {
        "low": x(now.p1),
        "reach": max(x(now.p99) - x(now.p1), 1.0),
        "now": box(now),
        "then": box(then) if then else None,
    }


def _sources(report: QualityReport) -> list[dict[str, Any]]:
    found = []
    for bronze in (p for p in report.profiles if p.layer == "bronze"):
        silver = report.profile("silver", bronze.table)
        kept = silver.rows if silver else 0
        file = report.inputs.get(bronze.table, _NOTHING)
        found.append(
            {
                "name": bronze.table,
                "delivered": bronze.rows,
                "kept": kept,
                "lost": bronze.rows - kept,
                "file": file.file,
                "sha256": file.sha256,
            }
        )
    return found


def _oddest(report: QualityReport, limits: Quality) -> list[OddColumn]:
    found: list[OddColumn] = []
    for profile in report.profiles:
        for column in profile.columns:
            if not column.judged or column.change is None:
                continue
            share, text = max(_moves(column, column.change, limits))
            if share > 0:
                found.append(OddColumn(column, f"{profile.layer}/{profile.table}", share, text))
    return sorted(found, key=lambda odd: (-odd.share, odd.column.name))[:_LISTED]


def _moves(
    column: ColumnProfile, change: ColumnChange, limits: Quality
) -> Iterator[tuple[float, str]]:
    rise = column.missing_share - change.missing_share
    yield (
        rise / limits.max_missing_rise if limits.max_missing_rise else 0.0,
        f"missing {column.missing_share:.1%}, {change.missing_share:.1%} then",
    )
    if column.numbers and change.numbers and change.shift is not None:
        text = f"mean {figure(column.numbers.mean)}, {figure(change.numbers.mean)} then"
        yield abs(change.shift) / limits.max_shift, text
    if change.outliers is not None and change.outlier_rise is not None and column.known:
        share = change.outliers / column.known
        text = f"outliers {share:.1%}, {share - change.outlier_rise:.1%} then"
        yield change.outlier_rise / limits.max_outlier_rise if limits.max_outlier_rise else 0, text
    if change.unseen_rows and limits.max_unseen_share:
        share = change.unseen_rows / column.known
        yield share / limits.max_unseen_share, f"unseen categories in {share:.1%} of rows"


def _incomplete(report: QualityReport) -> list[tuple[str, ColumnProfile]]:
    found = [
        (f"{profile.layer}/{profile.table}", column)
        for profile in report.profiles
        for column in profile.columns
        if column.judged and column.missing
    ]
    return sorted(found, key=lambda item: (-item[1].missing_share, item[1].name))[:_LISTED]


def _top(shown: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(shown.items(), key=lambda item: (-item[1], item[0]))
