"""Cleaning a column: text as delivered to a typed value, or to null with the rule that took it.

A delivered column passes three stages, one `select` each, so that Spark computes each once:
`text` (trimmed and stripped), `typed` (cast), then `value` and `rule`.
"""

import math
from dataclasses import dataclass

from pyspark.sql import DataFrame

from creditrisk.etl.casts import SPACE, cast, keyed_hash, known_members, literal, literals
from creditrisk.etl.frames import quoted
from creditrisk.portfolio import ColumnSpec, SourceSpec

EMPTY = "empty"  # delivered without a value
MISSING = "declared missing"  # delivered as a text that means missing
UNREADABLE = "unreadable"  # not of the column's type
OUT_OF_RANGE = "out of range"
UNKNOWN = "unknown category"  # becomes 'unknown'
UNKNOWN_MEMBER = "unknown member"  # of a list; becomes 'unknown'
STRIPPED = "stripped"  # good once the declared characters were taken off
MOVED = "moved to the first of its month"
LOST = (UNREADABLE, OUT_OF_RANGE, UNKNOWN)  # a value was there and is not any more

STRUCK = "struck#"  # of a row: the rules that changed its values


@dataclass(frozen=True)
class Cleaner:
    """One delivered column on its way to silver; every part is SQL."""

    delivered: str
    name: str
    spec: ColumnSpec
    pii_key: bytes | None

    @property
    def raw(self) -> str:
        return quoted(f"{self.name}#raw")

    @property
    def text(self) -> str:
        return quoted(f"{self.name}#text")

    @property
    def typed(self) -> str:
        return quoted(f"{self.name}#typed")

    @property
    def rule(self) -> str:
        return quoted(f"{self.name}#rule")

    def trim(self) -> str:
        """The text without blanks and the declared characters; null when nothing is there."""
        text = _trimmed(quoted(self.delivered))
        if self.spec.strip:
            return f"btrim({text}, {literal(self.spec.strip + SPACE)})"
        return text

    def cast(self) -> str:
        """The text as its type; null where it is not of it, or means missing."""
        missing = self._missing()
        text = f"IF({missing}, NULL, {self.text})" if missing else self.text
        return cast(text, self.spec)

    def value(self) -> str:
        """What silver keeps."""
        value, categories = self.typed, self.spec.categories
        if self.spec.range:
            value = f"IF({self._in_range()}, {value}, NULL)"
        if self.spec.type == "category" and categories:
            known = f"WHEN {value} IN {literals(categories)} THEN {value}"
            value = f"CASE {known} WHEN {value} IS NOT NULL THEN 'unknown' END"
        if self.spec.type == "list":
            value = known_members(value, categories) if categories else value
            value = f"IF({self.text} IS NULL, '', {value})"  # nothing said: no members
        if self.spec.role in ("snapshot", "start"):
            value = f"trunc({value}, 'month')"
        return keyed_hash(value, self.pii_key) if self.spec.pii else value

    def decision(self) -> str:
        """The rule that decided the value; null when it is as delivered."""
        rules = [(f"{self.text} IS NULL", EMPTY)]
        if missing := self._missing():
            rules.append((missing, MISSING))
        if self.spec.type not in ("text", "category"):
            rules.append((f"{self.typed} IS NULL", UNREADABLE))
        if self.spec.range:
            rules.append((f"NOT {self._in_range()}", OUT_OF_RANGE))
        categories = self.spec.categories
        if self.spec.type == "category" and categories:
            rules.append((f"{self.typed} NOT IN {literals(categories)}", UNKNOWN))
        if self.spec.type == "list" and categories:
            rules.append(
                (f"{known_members(self.typed, categories)} <> {self.typed}", UNKNOWN_MEMBER)
            )
        if self.spec.role in ("snapshot", "start"):
            rules.append((f"{self.typed} <> trunc({self.typed}, 'month')", MOVED))
        if self.spec.strip:
            rules.append((f"{_trimmed(self.raw)} <> {self.text}", STRIPPED))
        return f"CASE {' '.join(f'WHEN {when} THEN {literal(rule)}' for when, rule in rules)} END"

    def struck(self) -> str:
        """An entry of `STRUCK`, or null."""
        entry = f"named_struct('column', {literal(self.name)}, 'rule', {self.rule}"
        return f"IF({self.rule} IS NOT NULL, {entry}, 'sample', {self.raw}), NULL)"

    def _missing(self) -> str:
        declared = [f"{self.text} = ''"] if self.spec.strip else []
        if self.spec.missing:
            texts = {_trimmed(self.raw), self.text} if self.spec.strip else {self.text}
            declared += [f"{text} IN {literals(self.spec.missing)}" for text in sorted(texts)]
        return f"({' OR '.join(declared)})" if declared else ""

    def _in_range(self) -> str:
        low, high = self.spec.range or (-math.inf, math.inf)
        limits = [f"{self.typed} >= {low!r}D"] if math.isfinite(low) else []
        limits += [f"{self.typed} <= {high!r}D"] if math.isfinite(high) else []
        return f"({' AND '.join(limits) or f'{self.typed} IS NOT NULL'})"


def cleaners(source: SourceSpec, pii_key: bytes | None) -> list[Cleaner]:
    """The columns of a source, in the portfolio's order."""
    return [
        Cleaner(name, source.name_of(name), spec, pii_key) for name, spec in source.columns.items()
    ]


def clean(rows: DataFrame, columns: list[Cleaner], keep: tuple[str, ...]) -> DataFrame:
    """Each column's value, `STRUCK`, and the `keep` columns of the rows as they are."""
    kept = [quoted(name) for name in keep]
    raw = [c.raw for c in columns]
    texts = [f"{c.trim()} AS {c.text}" for c in columns]
    delivered = [f"{quoted(c.delivered)} AS {c.raw}" for c in columns]
    typed = [part for c in columns for part in (c.text, f"{c.cast()} AS {c.typed}")]
    values = [f"{c.value()} AS {quoted(c.name)}" for c in columns]
    rules = [f"{c.decision()} AS {c.rule}" for c in columns]
    struck = f"array_compact(array({', '.join(c.struck() for c in columns)}))"
    return (
        rows.selectExpr(*kept, *delivered, *texts)
        .selectExpr(*kept, *raw, *typed)
        .selectExpr(*kept, *raw, *values, *rules)
        .selectExpr(*kept, *(quoted(c.name) for c in columns), f"{struck} AS `{STRUCK}`")
    )


def _trimmed(text: str) -> str:
    return f"nullif(btrim({text}, {literal(SPACE)}), '')"
