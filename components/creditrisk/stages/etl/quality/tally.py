"""What cleaning counted, judged. The counts come from `silver.Checked.tallies`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from creditrisk import contracts
from creditrisk.deliveries.landing import Delivery
from creditrisk.deliveries.plain_text import ENDS_OPEN
from creditrisk.number_text import percent
from creditrisk.policy import Quality
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.file_column import file_column
from creditrisk.records.quality import Check
from creditrisk.stages.etl.cleaning import GIVEN, OUTCOME_DATES
from creditrisk.stages.etl.quality.severity import severity
from creditrisk.stages.etl.quality.weight import SET_ASIDE, weight
from creditrisk.stages.etl.quarantine import DOES_NOT_FIT, UNHARMED
from creditrisk.stages.etl.silver import ROWS


@dataclass(frozen=True)
class Tally:
    """How often a rule struck in a source's month; column '' is the row as a whole."""

    source: str
    column: str
    rule: str
    count: int
    samples: tuple[str, ...] = ()


def delivered(tallies: Sequence[Tally], source: str) -> int:
    """Rows delivered, by the tallies of a month."""
    return sum(t.count for t in tallies if t.source == source and t.rule == ROWS)


def kept(tallies: Sequence[Tally], source: str) -> int:
    """Rows that made it to silver."""
    gone = (t.count for t in tallies if t.source == source and not t.column and t.rule != ROWS)
    return delivered(tallies, source) - sum(gone)


def judged(
    month: date,
    tallies: Sequence[Tally],
    before: Mapping[str, int],
    limits: Quality,
    deliveries: Mapping[str, Delivery],
) -> list[Check]:
    """The month's findings. `before`: rows kept a month ago, of each source that had any."""
    found: list[Check] = []
    ended = any(not file.cut for one in deliveries.values() for file in one.files)
    for source, delivery in deliveries.items():
        mine = [tally for tally in tallies if tally.source == source]
        rows, spec = delivered(mine, source), delivery.spec
        found += _extra_columns(delivery, month, rows, limits)
        found += _blank_rows(delivery, month, rows)
        found += _cut_file(delivery, month, rows) if ended else []
        found += [_check(tally, of, spec, limits) for tally, of in _struck(mine, rows)]
        found += _set_aside(source, mine, rows, spec, limits)
        if contracts.silver(source, spec).steady and before.get(source):
            found += _fewer_or_more(source, spec, kept(mine, source), before[source], limits)
    return found


def _extra_columns(delivery: Delivery, month: date, rows: int, limits: Quality) -> list[Check]:
    file, needed = (
        delivery.file(month),
        tuple(file_column(delivery.spec, name) for name in delivery.spec.columns),
    )
    return [
        Check(
            layer="bronze",
            table=delivery.source,
            rule="extra column",
            column=name,
            count=rows,
            rows=rows,
            share=1.0,
            severity=severity(limits.rules, "extra column", delivery.spec),
            text=f"{delivery.source}: column {name} is delivered, but not described: ignored",
        )
        for name in (file.undescribed(needed) if file else ())
    ]


def _blank_rows(delivery: Delivery, month: date, rows: int) -> list[Check]:
    """Rows without content; those of a file of all months are counted with its newest."""
    file = delivery.file(month)
    if file is None or not file.blank or (delivery.whole and month != delivery.newest):
        return []
    share = file.blank / (rows + file.blank)
    where = f"in {file.key}, left out"
    text = f"{delivery.source}: {file.blank:,} rows blank, or the header again, {where}"
    return [
        Check("bronze", delivery.source, "blank row", "", file.blank, rows, share, "info", text)
    ]


def _cut_file(delivery: Delivery, month: date, rows: int) -> list[Check]:
    """A file without a line end at its end, where another one has it: of all months, the newest."""
    file = delivery.file(month)
    if file is None or not file.cut or (delivery.whole and month != delivery.newest):
        return []
    text = f"{delivery.source}: {file.key} {ENDS_OPEN}: its last row may be cut"
    share = 1 / max(rows, 1)
    return [Check("bronze", delivery.source, "no line end", "", 1, rows, share, "warn", text)]


def _check(tally: Tally, of: int, spec: SourceSpec, limits: Quality) -> Check:
    """`of`: what the rule could strike."""
    found = weight(tally.rule, tally.column, tally.count, of, spec, limits)
    what = f"{tally.column} {tally.rule}".strip()
    named = "values" if _is_outcome_date(tally.column) else "rows"
    text = f"{tally.source}: {what} in {tally.count:,} of {of:,} {named}"
    if found.severity != "info":
        text += f" ({found.share:.1%}, limit {percent(found.limit)})"
    return Check(
        layer="bronze" if tally.rule == DOES_NOT_FIT else "silver",
        table=tally.source,
        rule=tally.rule,
        column=tally.column,
        count=tally.count,
        rows=of,
        share=found.share,
        severity=found.severity,
        text=text,
        samples=tally.samples,
    )


def _struck(tallies: Sequence[Tally], rows: int) -> Iterator[tuple[Tally, int]]:
    """Each rule that struck, and what it could strike: rows, or the values of an outcome's date."""
    values: Counter[str] = Counter()
    for tally in tallies:
        values[tally.column] += tally.count
    for tally in tallies:
        if tally.rule not in (ROWS, GIVEN):
            yield tally, values[tally.column] if _is_outcome_date(tally.column) else rows


def _is_outcome_date(column: str) -> bool:
    return column in OUTCOME_DATES


def _set_aside(
    source: str, tallies: Sequence[Tally], rows: int, spec: SourceSpec, limits: Quality
) -> list[Check]:
    count = sum(t.count for t in tallies if not t.column and t.rule not in (ROWS, *UNHARMED))
    if not count:
        return []
    found = weight(SET_ASIDE, "", count, rows, spec, limits)
    limit = percent(found.limit)
    text = f"{source}: {count:,} of {rows:,} rows set aside ({found.share:.1%}, limit {limit})"
    return [Check("silver", source, SET_ASIDE, "", count, rows, found.share, found.severity, text)]


def _fewer_or_more(
    source: str, spec: SourceSpec, rows: int, before: int, limits: Quality
) -> list[Check]:
    ratio = rows / before
    if limits.rows_low <= ratio <= limits.rows_high:
        return []
    rule = "too few rows" if ratio < 1 else "too many rows"
    text = (
        f"{source}: {rows:,} rows after {before:,} a month ago"
        f" (allowed: {limits.rows_low:g} to {limits.rows_high:g} times as many)"
    )
    found = severity(limits.rules, rule, spec)
    return [Check("silver", source, rule, "", rows, before, ratio, found, text)]
