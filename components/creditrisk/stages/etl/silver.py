"""Silver: typed and cleaned by the portfolio's description; what does not pass is set aside.

Nothing goes missing in silence: every row set aside and every value changed is counted by
rule and column, with masked samples.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.contracts import PARTITION, Contract
from creditrisk.deliveries.delivered_month import MOST_MONTHS
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.pii_key import PII_KEY, read_pii_key
from creditrisk.portfolio.state import UNKNOWN
from creditrisk.stages.etl.cleaning import LOST, STRUCK, Cleaner, clean, cleaners
from creditrisk.stages.etl.frames import MONTH, column, lit
from creditrisk.stages.etl.sql_text import literal, literals

ROWS = "rows"  # of the delivery, as a tally
DOES_NOT_FIT = "unreadable row"  # does not split into the header's fields
OTHER_MONTH = "of another month"
CONFLICT = "conflicting duplicate"  # same key, other content: which one is right nobody can say
COPY = "equal duplicate"  # same key, same content: one is kept
_ORIGIN = ("source_file", "source_row", "unreadable", MONTH)
_REASON = "reason#"


@dataclass(frozen=True)
class Checked:
    """Delivered rows, cleaned; each knows why it was set aside, if it was."""

    source: str
    spec: SourceSpec
    columns: tuple[Cleaner, ...]
    rows: DataFrame

    def kept(self) -> DataFrame:
        """One row per business key and month: the silver contract, plus `MONTH`."""
        names = (*contracts.silver(self.source, self.spec).names, MONTH)
        return self.rows.where(F.col(_REASON).isNull()).select(*map(column, names))

    def set_aside(self) -> DataFrame:
        """One row per row set aside: the quarantine contract, plus `MONTH`."""
        aside = F.col(_REASON).isNotNull() & (F.col(_REASON) != COPY)
        return self.rows.where(aside).select(
            lit(self.source).alias("source"),
            F.col(_REASON).alias("reason"),
            "source_file",
            "source_row",
            F.col(MONTH).alias(PARTITION),
            MONTH,
        )

    def tallies(self) -> DataFrame:
        """How often each rule struck: source, month, column ('' is the row), rule, count, samples.

        Values of rows set aside are not counted: the row was.
        """
        nothing = "CAST(NULL AS STRING)"
        row = f"named_struct('column', '', 'rule', {literal(ROWS)}, 'sample', {nothing})"
        reason = f"named_struct('column', '', 'rule', `{_REASON}`, 'sample', {nothing})"
        entries = f"CASE WHEN `{_REASON}` IS NULL THEN concat(array({row}), `{STRUCK}`)"
        masked = "slice(sort_array(collect_set(substring(sample, 1, 24))), 1, 3) AS samples"
        return (
            self.rows.selectExpr(
                MONTH,
                f"explode({entries} ELSE array({row}, {reason}) END) AS entry",
            )
            .selectExpr(MONTH, "entry.column", "entry.rule", f"{_mask('entry.sample')} AS sample")
            .groupBy(MONTH, "column", "rule")
            .agg(F.count("*").alias("count"), F.expr(masked))
            .select(lit(self.source).alias("source"), MONTH, "column", "rule", "count", "samples")
        )


def check(source: str, spec: SourceSpec, bronze: DataFrame) -> Checked:
    """Clean a source's bronze rows (contract plus `MONTH`) and find the rows to set aside."""
    columns = tuple(cleaners(spec, pii_key(source, spec)))
    rows = clean(bronze, list(columns), _ORIGIN)
    names = {cleaner.name for cleaner in columns}
    if spec.role == "applications" and "application_id" not in names:
        identity = F.concat_ws("_", "customer_id", F.col(PARTITION).cast("string"))
        rows = rows.withColumn("application_id", identity)
    if spec.role == "outcomes":
        rows = rows.withColumn("in_doubt", _in_doubt(spec))
    rows = _dated(spec, rows)
    if spec.role == "events":
        rows = rows.withColumn(PARTITION, F.trunc("event_date", "month"))
    rows = rows.withColumn(_REASON, _reason(contracts.silver(source, spec)))
    return Checked(source, spec, columns, _without_duplicates(source, spec, rows))


def _in_doubt(spec: SourceSpec) -> Column:
    if spec.column("status"):
        return F.coalesce(F.col("status"), lit(UNKNOWN)) == UNKNOWN
    lost = f"x -> x.column = 'default_date' AND x.rule IN {literals(LOST)}"
    return F.expr(f"exists(`{STRUCK}`, {lost})")


def _dated(spec: SourceSpec, rows: DataFrame) -> DataFrame:
    """Rows with their month, and of a loan's month with the months on book."""
    if spec.lag:
        return rows.withColumn(PARTITION, F.add_months(PARTITION, spec.lag))
    if spec.column("snapshot"):
        if spec.role != "performance" or spec.column("month_on_book"):
            return rows
        now, start = (F.year(name) * 12 + F.month(name) for name in (PARTITION, "cohort"))
        return rows.withColumn("month_on_book", (now - start).cast("bigint"))
    on_book = lit(0)
    if spec.column("month_on_book"):
        count = F.col("month_on_book")
        on_book = F.when(F.abs(count) <= lit(MOST_MONTHS), count).cast("int")
    return rows.withColumn(PARTITION, F.add_months("cohort", on_book))


def pii_key(source: str, spec: SourceSpec) -> bytes | None:
    """The key PII is hashed with; needed where PII identifies rows."""
    key = read_pii_key()
    named = [name for name, column_ in spec.columns.items() if column_.pii and column_.role]
    if named and not key:
        raise UserError(f"sources.{source}.columns.{named[0]} is PII and a key: set {PII_KEY}")
    return key


def _reason(contract: Contract) -> Column:
    reason = F.when(F.col("unreadable").isNotNull(), DOES_NOT_FIT)
    elsewhere = F.col(PARTITION) != F.col(MONTH)
    reason = reason.when(elsewhere, OTHER_MONTH)
    for name in contract.required:
        reason = reason.when(column(name).isNull(), f"no {name}")
    if "cohort" in contract.names:  # of a loan reported before it began
        reason = reason.when(F.col("cohort") > F.col(PARTITION), "no cohort yet")
    return reason


def _without_duplicates(source: str, spec: SourceSpec, rows: DataFrame) -> DataFrame:
    contract = contracts.silver(source, spec)
    content = F.xxhash64(*map(column, contract.names))
    sound = F.col(_REASON).isNull()
    alike = Window.partitionBy(MONTH, *map(column, contract.key), sound)
    place = F.struct("source_file", "source_row")
    conflict = F.min("content#").over(alike) != F.max("content#").over(alike)
    reason = (
        F.when(~sound, F.col(_REASON))
        .when(conflict, CONFLICT)
        .when(place != F.min(place).over(alike), COPY)
    )
    return rows.withColumn("content#", content).withColumn(_REASON, reason)


def _mask(text: str) -> str:
    """Letters and digits of a text masked, its shape kept."""
    for pattern, mask in (("[A-Z]", "A"), ("[a-z]", "a"), ("[0-9]", "9"), ("[^ -~]", "x")):
        text = f"regexp_replace({text}, '{pattern}', '{mask}')"
    return text
