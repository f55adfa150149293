"""Cleaning a column: text as delivered to a typed value, or to null with the rule that took it.

A delivered column passes four stages, one `select` each, so that Spark computes each once:
`text` (trimmed and stripped), `parsed`, `typed` (what is not of the type gone), then `value`
and `rule`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from creditrisk.portfolio import ColumnSpec, Role, SourceSpec
from creditrisk.portfolio.column import NUMBERS
from creditrisk.portfolio.table_roles import ROLE_NAMES
from creditrisk.stages.etl.casts import bare, known_members, parsed, part_of, strange_member, typed
from creditrisk.stages.etl.pii_hash import keyed_hash
from creditrisk.stages.etl.sql_text import first_of, literal, literals, quoted

if TYPE_CHECKING:  # `portfolio check` reads as this does, and starts no Spark
    from pyspark.sql import DataFrame

EMPTY = "empty"  # delivered without a value
MISSING = "declared missing"  # delivered as a text that means missing
UNREADABLE = "unreadable"  # not of the column's type
OUT_OF_RANGE = "out of range"
UNKNOWN = "unknown category"  # becomes 'unknown'
UNKNOWN_MEMBER = "unknown member"  # of a list; becomes 'unknown'
STRIPPED = "stripped"  # good once the declared characters were taken off
MOVED = "moved"  # a date, to the first of its month
RESPELT = "respelt"  # as it is declared
BEFORE_START = "before the start"  # an outcome of a loan that was not there yet
IN_FUTURE = "after its delivery"
EARLIER = "earlier in the month"  # a loan's row, of several a month of which the last counts
GIVEN = "given"  # a date of an outcome: few loans have one, and shares are of those
LOST = (UNREADABLE, OUT_OF_RANGE, UNKNOWN, BEFORE_START, IN_FUTURE)  # there was a value, it is gone
OUTCOME_DATES: tuple[Role, ...] = ("default_date", "closed_date")  # null says: it has not happened

STRUCK = "struck#"  # of a row: the rules that changed its values


@dataclass(frozen=True)
class Cleaner:
    """One delivered column on its way to silver; every part is SQL."""

    delivered: str
    name: str
    spec: ColumnSpec
    pii_key: bytes | None
    extract: date | None = None  # when all rows were taken at once

    def stage(self, name: str) -> str:
        """What this column is called at a stage."""
        return quoted(f"{self.name}#{name}")

    @property
    def given(self) -> str:
        """What was delivered, or what it says that nothing was."""
        text = quoted(self.delivered)
        if not self.spec.empty:
            return text
        return f"coalesce(nullif({bare(text)}, ''), {literal(self.spec.empty)})"

    @property
    def text(self) -> str:
        return self.stage("text")

    @property
    def typed(self) -> str:
        return self.stage("typed")

    def trim(self) -> str:
        """The text without blanks and the declared characters; of it, the part that is read."""
        if self.spec.partial:
            return part_of(self._bare(self.given), self.spec)
        return bare(self.given, self.spec.strip, self.spec.in_plain)

    def parse(self) -> str:
        """The text as a value of the column's type; null where it is none."""
        return parsed(self.text, self.spec)

    def cast(self) -> str:
        """What was parsed, unless it means missing, or only a programmer calls it a number."""
        value = typed(self.stage("parsed"), self.text, self.spec)
        if self.spec.type not in ("text", "category", "list") and not self._declared:
            return value  # nothing is no number and no date
        return f"IF({' OR '.join(self._nothing())}, NULL, {value})"

    def value(self) -> str:
        """What silver keeps."""
        value, categories = self.typed, self.spec.categories
        if sentinel := self._sentinel():
            value = f"IF({sentinel}, NULL, {value})"
        if self.spec.range:
            value = f"IF({self._in_range()}, {value}, NULL)"
        if self.spec.type == "category" and categories:
            known = f"WHEN {value} IN {literals(categories)} THEN {value}"
            value = f"CASE {known} WHEN {value} IS NOT NULL THEN 'unknown' END"
        if self.spec.type == "list":
            value = known_members(value, categories) if categories else value
            value = f"IF({self._empty()}, '', {value})"  # nothing delivered: no members
        if self.spec.role in ("snapshot", "start"):
            value = f"trunc({value}, 'month')"
        if self.spec.role in OUTCOME_DATES:
            value = f"IF({self._before_start()} OR {self._in_future()}, NULL, {value})"
        return keyed_hash(value, self.pii_key) if self.spec.pii else value

    def decision(self) -> str:
        """The rule that decided the value; null when it is as delivered."""
        # most cells hold a value: they pass the rules of those that do not with one look
        return (
            f"IF({self.typed} IS NULL, {first_of(self._of_null())}, {first_of(self._of_value())})"
        )

    def _of_null(self) -> Iterator[tuple[str, str]]:
        expected = self.spec.role in OUTCOME_DATES
        for when, rule in zip(self._nothing(), (EMPTY, MISSING), strict=False):
            yield when, "" if expected else rule
        if self.spec.type not in ("text", "category") or self.spec.partial:
            yield "true", UNREADABLE

    def _of_value(self) -> Iterator[tuple[str, str]]:
        categories = self.spec.categories
        if sentinel := self._sentinel():
            yield sentinel, MISSING
        if self.spec.range:
            yield f"NOT {self._in_range()}", OUT_OF_RANGE
        if self.spec.type == "category" and categories:
            yield f"{self.typed} NOT IN {literals(categories)}", UNKNOWN
        if self.spec.type == "list" and categories:
            yield strange_member(self.typed, categories), UNKNOWN_MEMBER
        if self.spec.role in ("snapshot", "start"):
            yield f"{self.typed} <> trunc({self.typed}, 'month')", MOVED
        if self.spec.role in OUTCOME_DATES:
            yield self._before_start(), BEFORE_START
            yield self._in_future(), IN_FUTURE
        if self.spec.type == "category":
            yield f"{self.typed} <> {self.text}", RESPELT
        if self.spec.strip:
            yield f"{self._trimmed()} <> {self._bare(self.stage('raw'))}", STRIPPED
        if self.spec.role in OUTCOME_DATES:
            yield "true", GIVEN

    def struck(self) -> str:
        """An entry of `STRUCK`, or null."""
        rule = self.stage("rule")
        raw = "CAST(NULL AS STRING)" if self.spec.pii else self.stage("raw")  # no sample of PII
        entry = f"named_struct('column', {literal(self.name)}, 'rule', {rule}, 'sample', {raw})"
        return f"IF({rule} IS NOT NULL, {entry}, NULL)"

    def _nothing(self) -> list[str]:
        """When nothing was delivered; then, when what was delivered means that."""
        return [self._empty(), self._missing()] if self._declared else [self._empty()]

    @property
    def _declared(self) -> bool:
        """Whether a text that is delivered may mean missing."""
        return bool(self.spec.mean_missing or self.spec.strip or self.spec.partial)

    def _empty(self) -> str:
        # where characters are stripped, nothing left means they stood for missing
        nothing = self._trimmed() if self.spec.strip else self._whole()
        return f"({self._whole()} IS NULL OR {nothing} = '')"

    def _missing(self) -> str:
        texts = {self.text, self._whole()} | ({self._trimmed()} if self.spec.strip else set())
        declared = ["", *self.spec.mean_missing]
        return f"({' OR '.join(f'{text} IN {literals(declared)}' for text in sorted(texts))})"

    def _sentinel(self) -> str:
        """Whether it is a number declared missing, however that is written: -1.00, as -1 is."""
        if self.spec.type not in NUMBERS or not self.spec.missing:
            return ""
        texts = (literal(text) for text in self.spec.mean_missing)
        numbers = (typed(parsed(text, self.spec), text, self.spec) for text in texts)
        return f"coalesce({self.typed} IN ({', '.join(numbers)}), false)"

    def _whole(self) -> str:
        """The text that a part is taken of."""
        return self._bare(self.stage("raw")) if self.spec.partial else self.text

    def _bare(self, text: str) -> str:
        return bare(text, self.spec.strip)

    def _trimmed(self) -> str:
        return bare(self.stage("raw"))

    def _before_start(self) -> str:
        start = quoted(f"{ROLE_NAMES['start']}#typed")
        return f"coalesce(trunc({self.typed}, 'month') < trunc({start}, 'month'), false)"

    def _in_future(self) -> str:
        if self.extract:
            return f"coalesce({self.typed} > DATE'{self.extract}', false)"
        delivered = quoted(f"{ROLE_NAMES['snapshot']}#typed")
        return f"coalesce({self.typed} > last_day({delivered}), false)"

    def _in_range(self) -> str:
        low, high = self.spec.range or (0.0, 0.0)
        return f"({self.typed} >= {low!r}D AND {self.typed} <= {high!r}D)"


def cleaners(source: SourceSpec, pii_key: bytes | None) -> list[Cleaner]:
    """The columns of a source, in the portfolio's order."""
    return [
        Cleaner(name, source.name_of(name), _described(source, spec), pii_key, source.extract)
        for name, spec in source.columns.items()
    ]


def _described(source: SourceSpec, spec: ColumnSpec) -> ColumnSpec:
    # an event keeps its day; `silver.check` adds the month, or takes the month's last day
    dated = source.role == "events" or source.several
    to_the_day = dated and spec.role == "snapshot"
    return spec.model_copy(update={"role": None}) if to_the_day else spec


def clean(rows: "DataFrame", columns: list[Cleaner], keep: tuple[str, ...]) -> "DataFrame":
    """Each column's value, `STRUCK`, and the `keep` columns of the rows as they are."""
    kept = [quoted(name) for name in keep]
    raw, text, rules = ([c.stage(name) for c in columns] for name in ("raw", "text", "rule"))
    named = [quoted(c.name) for c in columns]
    # rows without a fault are many: they pass with one look
    faults = f"array_compact(array({', '.join(c.struck() for c in columns)}))"
    struck = f"IF(coalesce({', '.join(rules)}) IS NULL, array(), {faults})"
    return (
        rows.selectExpr(
            *kept,
            *(f"{c.given} AS {c.stage('raw')}" for c in columns),
            *(f"{c.trim()} AS {c.text}" for c in columns),
        )
        .selectExpr(*kept, *raw, *text, *(f"{c.parse()} AS {c.stage('parsed')}" for c in columns))
        .selectExpr(*kept, *raw, *text, *(f"{c.cast()} AS {c.typed}" for c in columns))
        .selectExpr(
            *kept,
            *raw,
            *(f"{c.value()} AS {quoted(c.name)}" for c in columns),
            *(f"{c.decision()} AS {c.stage('rule')}" for c in columns),
        )
        .selectExpr(*kept, *named, f"{struck} AS `{STRUCK}`")
    )
