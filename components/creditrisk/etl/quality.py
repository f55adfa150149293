"""The month's quality report: what cleaning found, how it is judged, where it is kept.

Pure judgement on counts; the counts come from `silver.Checked.tallies`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from creditrisk.errors import GateError
from creditrisk.etl.cleaning import LOST
from creditrisk.etl.landing import Delivery
from creditrisk.etl.silver import COPY, DOES_NOT_FIT, ROWS
from creditrisk.policy import Quality
from creditrisk.portfolio import SourceSpec
from creditrisk.storage import Store

Severity = Literal["info", "warn", "block"]


@dataclass(frozen=True)
class Tally:
    """How often a rule struck in a source's month; column '' is the row as a whole."""

    source: str
    column: str
    rule: str
    count: int
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    layer: str
    table: str
    rule: str
    column: str
    count: int
    rows: int
    share: float
    severity: Severity
    text: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What is known about the quality of a month's delivery."""

    as_of: str
    checks: tuple[Check, ...]
    outages: tuple[str, ...]
    inputs: Mapping[str, Mapping[str, str]]  # table -> file, sha256

    @property
    def blocked(self) -> bool:
        return any(check.severity == "block" for check in self.checks)

    def body(self) -> dict[str, Any]:
        """The report as it is stored."""
        found = {"as_of": self.as_of, "blocked": self.blocked, **asdict(self)}
        return dict(json.loads(json.dumps(found)))  # lists for tuples, as a reader finds them

    def gate(self) -> None:
        """`GateError` with the first reason when the month is blocked."""
        reasons = [check for check in self.checks if check.severity == "block"]
        if reasons:
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            raise GateError(
                f"{self.as_of} is blocked: {reasons[0].text}{more};"
                f" see {report_key(self.as_of)}, have it delivered again"
            )


def report_key(as_of: str) -> str:
    """Where a month's report lies in the store."""
    return f"months/{as_of}/quality.json"


def save(store: Store, report: Report) -> None:
    """Write or replace the month's report."""
    text = json.dumps(report.body(), indent=1, sort_keys=True, ensure_ascii=False)
    store.write(report_key(report.as_of), text.encode())


def load(store: Store, month: date) -> Report | None:
    """The month's report, if there is one."""
    try:
        body = json.loads(store.read(report_key(month.isoformat())))
    except KeyError:
        return None
    checks = tuple(Check(**{**c, "samples": tuple(c["samples"])}) for c in body["checks"])
    return Report(body["as_of"], checks, tuple(body["outages"]), body["inputs"])


def markdown(body: Mapping[str, Any]) -> str:
    """A stored report as a page: what blocks and warns first, then what was cleaned."""
    rank = {"block": 0, "warn": 1, "info": 2}
    checks = sorted(body["checks"], key=lambda c: (rank[c["severity"]], -c["share"]))
    state = "blocked" if body["blocked"] else "passed"
    lines = [f"# Data quality of {body['as_of']}: {state}", ""]
    lines += [f"- source is down: {source}" for source in body["outages"]]
    lines += ["", "| | finding | share | for example |", "|---|---|---|---|"]
    for check in checks:
        samples = ", ".join(f"`{sample}`" for sample in check["samples"])
        lines.append(
            f"| {check['severity']} | {check['text']} | {check['share']:.2%} | {samples} |"
        )
    return "\n".join(lines)


def with_outages(report: Report, outages: Sequence[str]) -> Report:
    """The report once it is known which optional sources were down."""
    return replace(report, outages=tuple(outages))


def report(
    month: date,
    tallies: Sequence[Tally],
    before: Mapping[str, int],
    limits: Quality,
    deliveries: Mapping[str, Delivery],
) -> Report:
    """Judge a month. `before`: rows kept a month ago, of each source that had any."""
    found: list[Check] = []
    inputs: dict[str, dict[str, str]] = {}
    for source, delivery in deliveries.items():
        mine = [tally for tally in tallies if tally.source == source]
        rows, spec = delivered(mine, source), delivery.spec
        found += _extra_columns(delivery, month, rows)
        found += [_check(tally, rows, spec, limits) for tally in mine if tally.rule != ROWS]
        found += _set_aside(source, mine, rows, spec, limits)
        if spec.role == "applications" and not spec.optional and before.get(source):
            found += _fewer_or_more(source, kept(mine, source), before[source], limits)
        if file := delivery.file(month):
            inputs[source] = {"file": file.key, "sha256": file.sha256}
    return Report(month.isoformat(), tuple(found), (), inputs)


def delivered(tallies: Sequence[Tally], source: str) -> int:
    """Rows delivered, by the tallies of a month."""
    return sum(t.count for t in tallies if t.source == source and t.rule == ROWS)


def kept(tallies: Sequence[Tally], source: str) -> int:
    """Rows that made it to silver."""
    gone = (t.count for t in tallies if t.source == source and not t.column and t.rule != ROWS)
    return delivered(tallies, source) - sum(gone)


def _extra_columns(delivery: Delivery, month: date, rows: int) -> list[Check]:
    file, needed = delivery.file(month), tuple(delivery.spec.columns)
    return [
        Check(
            layer="bronze",
            table=delivery.source,
            rule="extra column",
            column=name,
            count=rows,
            rows=rows,
            share=1.0,
            severity="info",
            text=f"{delivery.source}: column {name} is delivered, but not described: ignored",
        )
        for name in (file.undescribed(needed) if file else ())
    ]


def _check(tally: Tally, rows: int, spec: SourceSpec, limits: Quality) -> Check:
    share = tally.count / rows if rows else 0.0
    severity: Severity = "info"
    if tally.column and share > limits.max_nulled_share:
        severity = "warn"
        if tally.rule in LOST and not spec.optional and _is_used(spec, tally.column):
            severity = "block"
    what = f"{tally.column} {tally.rule}".strip()
    text = f"{tally.source}: {what} in {tally.count} of {rows} rows"
    if severity != "info":
        text += f" ({share:.0%}, limit {limits.max_nulled_share:.0%})"
    return Check(
        layer="bronze" if tally.rule == DOES_NOT_FIT else "silver",
        table=tally.source,
        rule=tally.rule,
        column=tally.column,
        count=tally.count,
        rows=rows,
        share=share,
        severity=severity,
        text=text,
        samples=tally.samples,
    )


def _is_used(spec: SourceSpec, name: str) -> bool:
    columns = {spec.name_of(delivered): c for delivered, c in spec.columns.items()}
    return not columns[name].excluded and not columns[name].pii


def _set_aside(
    source: str, tallies: Sequence[Tally], rows: int, spec: SourceSpec, limits: Quality
) -> list[Check]:
    count = sum(t.count for t in tallies if not t.column and t.rule not in (ROWS, COPY))
    share, limit = count / rows if rows else 0.0, limits.max_quarantined_share
    if not count:
        return []
    severity: Severity = "info"
    if share > limit:
        severity = "warn" if spec.optional else "block"
    text = f"{source}: {count} of {rows} rows set aside ({share:.1%}, limit {limit:.1%})"
    return [Check("silver", source, "set aside", "", count, rows, share, severity, text)]


def _fewer_or_more(source: str, rows: int, before: int, limits: Quality) -> list[Check]:
    ratio = rows / before
    if limits.rows_low <= ratio <= limits.rows_high:
        return []
    rule = "too few rows" if ratio < 1 else "too many rows"
    text = (
        f"{source}: {rows} applications after {before} a month ago"
        f" (allowed: {limits.rows_low:g} to {limits.rows_high:g} times as many)"
    )
    return [Check("silver", source, rule, "", rows, before, ratio, "block", text)]
