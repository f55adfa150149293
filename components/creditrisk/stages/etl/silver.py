"""Silver: typed and cleaned by the portfolio's description; what does not pass is set aside.

Nothing goes missing in silence: every row set aside and every value changed is counted by
rule and column, with masked samples.
"""

from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase, digits

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from creditrisk import contracts
from creditrisk.contracts import PARTITION
from creditrisk.deliveries.delivered_month import MOST_MONTHS
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.state import UNKNOWN
from creditrisk.stages.etl.cleaning import LOST, STRUCK, Cleaner, clean, cleaners
from creditrisk.stages.etl.frames import MONTH, column, in_one_task, lit
from creditrisk.stages.etl.pii_hash import needed_key
from creditrisk.stages.etl.quarantine import (
    REASON,
    one_a_month,
    quarantined,
    with_reason,
    without_repeats,
)
from creditrisk.stages.etl.sql_text import literal, literals

ROWS = "rows"  # of the delivery, as a tally
_ORIGIN = ("source_file", "source_row", "unreadable", MONTH)


@dataclass(frozen=True)
class Checked:
    """Delivered rows, cleaned; each knows why it was set aside, if it was."""

    source: str
    spec: SourceSpec
    columns: tuple[Cleaner, ...]
    rows: DataFrame
    held: DataFrame  # persisted: what the rows are read from, three times

    def kept(self) -> DataFrame:
        """One row per business key and month: the silver contract, plus `MONTH`."""
        names = (*contracts.silver(self.source, self.spec).names, MONTH)
        return self.rows.where(F.col(REASON).isNull()).select(*map(column, names))

    def set_aside(self) -> DataFrame:
        """One row per row set aside: the quarantine contract, plus `MONTH`."""
        return quarantined(self.source, self.rows)

    def tallies(self) -> DataFrame:
        """How often each rule struck: source, month, column ('' is the row), rule, count, samples.

        Values of rows set aside are not counted: the row was.
        """
        nothing = "CAST(NULL AS STRING)"
        row = f"named_struct('column', '', 'rule', {literal(ROWS)}, 'sample', {nothing})"
        reason = f"named_struct('column', '', 'rule', `{REASON}`, 'sample', {nothing})"
        entries = f"CASE WHEN `{REASON}` IS NULL THEN concat(array({row}), `{STRUCK}`)"
        sample = f"substring({_mask('entry.sample')}, 1, 24) AS sample"
        few = "slice(sort_array(collect_set(sample)), 1, 3) AS samples"
        return (
            self.rows.selectExpr(
                MONTH, f"explode({entries} ELSE array({row}, {reason}) END) AS entry"
            )
            .selectExpr(MONTH, "entry.column", "entry.rule", sample)
            # counted by sample first: many rows have few of them, and sets are slow to add to
            .groupBy(MONTH, "column", "rule", "sample")
            .agg(F.count("*").alias("count"))
            .groupBy(MONTH, "column", "rule")
            .agg(F.sum("count").alias("count"), F.expr(few))
            .select(lit(self.source).alias("source"), MONTH, "column", "rule", "count", "samples")
        )


def check(source: str, spec: SourceSpec, bronze: DataFrame) -> Checked:
    """Clean a source's bronze rows (contract plus `MONTH`) and find the rows to set aside."""
    columns = tuple(cleaners(spec, needed_key(source, spec)))
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
    silver = contracts.silver(source, spec)
    held = with_reason(silver, rows)
    if in_one_task(bronze.sparkSession):
        held = one_a_month(spec, without_repeats(silver, held)).persist()
        return Checked(source, spec, columns, held, held)
    held = held.persist()  # measured: 4 s against 6 s a table
    rows = one_a_month(spec, without_repeats(silver, held))
    return Checked(source, spec, columns, rows, held)


def _in_doubt(spec: SourceSpec) -> Column:
    if spec.column("status"):
        return F.coalesce(F.col("status"), lit(UNKNOWN)) == UNKNOWN
    lost = f"x -> x.column = 'default_date' AND x.rule IN {literals(LOST)}"
    return F.expr(f"exists(`{STRUCK}`, {lost})")


def _dated(spec: SourceSpec, rows: DataFrame) -> DataFrame:
    """Rows with their month, and of a loan's month with the months on book."""
    if spec.lag:
        return rows.withColumn(PARTITION, F.add_months(PARTITION, spec.lag))
    count = F.when(F.abs("month_on_book") <= lit(MOST_MONTHS), F.col("month_on_book")).cast("int")
    if spec.column("snapshot"):
        if spec.role != "performance" or spec.undated_loans:
            return rows
        if not spec.column("start"):
            return rows.withColumn("cohort", F.add_months(F.trunc(PARTITION, "month"), -count))
        if spec.column("month_on_book"):
            return rows
        now, start = (F.year(name) * 12 + F.month(name) for name in (PARTITION, "cohort"))
        return rows.withColumn("month_on_book", (now - start).cast("bigint"))
    on_book = count if spec.column("month_on_book") else lit(0)
    return rows.withColumn(PARTITION, F.add_months("cohort", on_book))


def _mask(text: str) -> str:
    """Letters and digits of a text masked, its shape kept."""
    plain = ascii_uppercase + ascii_lowercase + digits
    masks = "A" * len(ascii_uppercase) + "a" * len(ascii_lowercase) + "9" * len(digits)
    return f"regexp_replace(translate({text}, '{plain}', '{masks}'), '[^ -~]', 'x')"
