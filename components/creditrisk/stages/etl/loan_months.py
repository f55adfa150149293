"""Where every loan stands every month, counted in instalments."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk.contracts import LOAN_MONTHS, PARTITION
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.delinquency import balance, late, missed
from creditrisk.stages.etl.frames import lit

SIGHT = 3  # snapshots; a loan that was in none of the last ones starts anew


def loan_months(
    spec: SourceSpec, loans: DataFrame, before: DataFrame, numbered: bool = False
) -> DataFrame:
    """One row per loan and month-on-book, from silver `performance` rows of some months.

    `before`: this table's rows of the `SIGHT` snapshots before, for the instalment of a loan
    that is overdue and has none due any more: it is the largest one seen so far, carried from
    month to month. Overdue with no instalment ever seen leaves `missed` null: such a month
    is no evidence.
    """
    due = F.when(F.col("due") > 0, F.col("due")) if spec.column("due") else lit(None)
    rows = (
        _with_largest(
            loans.withColumns({"wanted": lit(True), "instalment": due.cast("double")}).unionByName(
                before.select("loan_id", PARTITION, "instalment"), allowMissingColumns=True
            ),
            SIGHT * spec.every,
        )
        .where("wanted")
        .withColumns({"missed": missed(spec), "late": late(spec), "balance": balance(spec)})
        .withColumn("bucket", _bucket())
    )
    if spec.column("overdue") is None:
        rows = rows.withColumn("overdue", lit(None).cast("double"))
    return with_application(spec, rows, numbered).select(*LOAN_MONTHS.names)


def begun(spec: SourceSpec, loans: DataFrame, applications: DataFrame) -> DataFrame:
    """Loans with the month of their application as their start; those of none are left out."""
    number = F.col("application_id" if spec.column("application") else "loan_id")
    first = applications.groupBy(F.col("application_id").alias("number#"))
    starts = first.agg(F.min(PARTITION).alias("cohort"))
    since = F.months_between(PARTITION, "cohort").cast("bigint")
    rows = loans.withColumn("number#", number).join(starts, "number#", "inner")
    return rows.withColumn("month_on_book", since).where("month_on_book >= 0")


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


def _bucket() -> Column:
    count = F.col("missed")
    return (
        F.when(count >= 3, "90+")
        .when(count == 2, "60-89")
        .when(count == 1, "30-59")
        .when((count == 0) & F.col("late"), "1-29")
        .when(count == 0, "current")
    )
