"""Where every loan stands every month, counted in instalments."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from creditrisk.contracts import LOAN_MONTHS, PARTITION
from creditrisk.portfolio import SourceSpec

_CENT = 1e-6  # of an instalment: 99.99 / 33.33 is 2.9999999999999996 in binary


def loan_months(spec: SourceSpec, loans: DataFrame, before: DataFrame) -> DataFrame:
    """One row per loan and month-on-book, from silver `performance` rows of some months.

    `before`: silver rows of all earlier months, for the instalment of a loan that is overdue
    and has none due any more: it is the largest one seen so far. Overdue with no instalment
    ever seen leaves `missed` null: such a month tells nothing.
    """
    in_doubt = loans.where((F.col("due") <= 0) & (F.col("overdue") > 0)).select("loan_id")
    earlier = before.select("loan_id", PARTITION, "due").join(in_doubt, "loan_id", "left_semi")
    so_far = Window.partitionBy("loan_id").orderBy(PARTITION)
    rows = (
        loans.withColumn("wanted", F.lit(True))
        .unionByName(earlier, allowMissingColumns=True)
        .withColumn("largest", F.max("due").over(so_far))
        .where("wanted")
        .withColumn("missed", _missed())
        .withColumn("bucket", _bucket())
    )
    if spec.column("balance") is None:
        rows = rows.withColumn("balance", F.lit(None).cast("double"))
    return with_application(spec, rows).select(*LOAN_MONTHS.names)


def with_application(spec: SourceSpec, rows: DataFrame) -> DataFrame:
    """Loans with the application they came from: delivered, else customer and cohort."""
    if spec.column("application"):
        return rows
    identity = F.concat_ws("_", "customer_id", F.col("cohort").cast("string"))
    return rows.withColumn("application_id", identity)


def _missed() -> Column:
    instalment = F.when(F.col("due") > 0, F.col("due")).otherwise(
        F.when(F.col("largest") > 0, F.col("largest"))
    )
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
