"""Where every loan stands every month, counted in instalments."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk.contracts import LOAN_MONTHS, PARTITION
from creditrisk.portfolio import SourceSpec

SIGHT = 3  # snapshots; a loan that was in none of the last ones starts anew
_CENT = 1e-6  # of an instalment: 99.99 / 33.33 is 2.9999999999999996 in binary


def loan_months(
    spec: SourceSpec, loans: DataFrame, before: DataFrame, numbered: bool = False
) -> DataFrame:
    """One row per loan and month-on-book, from silver `performance` rows of some months.

    `before`: this table's rows of the `SIGHT` snapshots before, for the instalment of a loan
    that is overdue and has none due any more: it is the largest one seen so far, carried from
    month to month. Overdue with no instalment ever seen leaves `missed` null: such a month
    tells nothing.
    """
    due = F.when(F.col("due") > 0, F.col("due"))
    rows = (
        _with_largest(
            loans.withColumns({"wanted": F.lit(True), "instalment": due}).unionByName(
                before.select("loan_id", PARTITION, "instalment"), allowMissingColumns=True
            ),
            SIGHT * spec.every,
        )
        .where("wanted")
        .withColumn("missed", _missed())
        .withColumn("bucket", _bucket())
    )
    if spec.column("balance") is None:
        rows = rows.withColumn("balance", F.lit(None).cast("double"))
    return with_application(spec, rows, numbered).select(*LOAN_MONTHS.names)


def _with_largest(rows: DataFrame, months: int) -> DataFrame:
    """Each row's instalment becomes the largest so far, of rows no more than `months` apart."""
    in_order = Window.partitionBy("loan_id").orderBy(PARTITION)
    anew = F.lag(PARTITION).over(in_order) < F.add_months(PARTITION, -months)
    sighted = F.sum(F.when(anew, 1).otherwise(0)).over(in_order)
    so_far = Window.partitionBy("loan_id", "sighted").orderBy(PARTITION)
    largest = F.max("instalment").over(so_far)
    return rows.withColumn("sighted", sighted).withColumn("instalment", largest)


def with_application(spec: SourceSpec, rows: DataFrame, numbered: bool) -> DataFrame:
    """Loans with the application they came from, where that is not delivered.

    Where applications are `numbered`, a loan bears its application's number; else customer and
    cohort tell.
    """
    if spec.column("application"):
        return rows
    identity = F.concat_ws("_", "customer_id", F.col("cohort").cast("string"))
    return rows.withColumn("application_id", F.col("loan_id") if numbered else identity)


def _missed() -> Column:
    instalment = F.when(F.col("due") > 0, F.col("due")).otherwise(F.col("instalment"))
    # in instalments, not days: one missed instalment in February is 28 days
    full = F.floor(F.col("overdue") / instalment + _CENT)
    return F.when(F.col("overdue") <= 0, F.lit(0)).otherwise(full).cast("bigint")


def _bucket() -> Column:
    missed = F.col("missed")
    return (
        F.when(missed >= 3, "90+")
        .when(missed == 2, "60-89")
        .when(missed == 1, "30-59")
        .when((missed == 0) & (F.col("overdue") > 0), "1-29")
        .when(missed == 0, "current")
    )
