"""Outcomes, each in the month it matures: cohort + months on book + reporting lag."""

from datetime import date

from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql import functions as F

from creditrisk.contracts import LABELS, PARTITION
from creditrisk.etl.frames import text, union
from creditrisk.etl.loan_months import with_application
from creditrisk.policy import Outcome
from creditrisk.portfolio import SourceSpec


def horizons(outcome: Outcome) -> list[int]:
    """The months on book an outcome is asked for, longest first."""
    return sorted({outcome.mob, outcome.early_mob}, reverse=True)


def labels(loan_months: DataFrame, outcome: Outcome, start: date, end: date) -> DataFrame:
    """One row per loan and label definition that matures from `start` to `end`.

    From `gold/loan_months` reaching back `mob` + lag months before `start`. Bad: at least
    `missed_instalments` in any month on book 1..mob. Good: not bad, and observed up to mob
    or paid off before. Otherwise null: the months observed do not tell.
    """
    return union(_labels(loan_months, outcome, mob, start, end) for mob in horizons(outcome))


def _labels(rows: DataFrame, outcome: Outcome, mob: int, start: date, end: date) -> DataFrame:
    within = F.col("month_on_book").between(1, mob) & F.col("missed").isNotNull()
    closed = F.when(within, F.col("balance") <= 0)
    seen = _matured(rows, outcome, mob, start, end).agg(
        *_who(),
        F.coalesce(
            F.bool_or(within & (F.col("missed") >= outcome.missed_instalments)), F.lit(False)
        ).alias("missed"),
        F.coalesce(F.bool_or(closed), F.lit(False)).alias("closed"),
        F.coalesce(F.max(F.when(within, F.col("month_on_book"))), F.lit(0)).alias("reached"),
        F.count_if(within).alias("months_observed"),
    )
    told = (F.col("reached") >= mob) | F.col("closed")
    bad = F.when(F.col("missed"), 1).when(told, 0)
    return _label_rows(seen.withColumn("bad", bad), mob)


def outcome_labels(
    spec: SourceSpec, outcomes: DataFrame, outcome: Outcome, start: date, end: date
) -> DataFrame:
    """The same from silver `outcomes`: one row per loan with the date it defaulted, if it did.

    A loan delivered again in a later month counts with all its rows; bad when any says it
    defaulted from the month after payout to `mob` months after, and that is known by then.
    """
    return union(
        _outcome_labels(spec, outcomes, outcome, mob, start, end) for mob in horizons(outcome)
    )


def _outcome_labels(
    spec: SourceSpec, rows: DataFrame, outcome: Outcome, mob: int, start: date, end: date
) -> DataFrame:
    defaulted = F.trunc("default_date", "month")
    in_time = defaulted.between(F.col("cohort"), F.add_months("cohort", mob))
    seen = (
        _matured(with_application(spec, rows), outcome, mob, start, end)
        .agg(*_who(), F.coalesce(F.bool_or(in_time), F.lit(False)).cast("int").alias("bad"))
        .withColumn("months_observed", F.lit(mob))
    )
    return _label_rows(seen, mob)


def _matured(rows: DataFrame, outcome: Outcome, mob: int, start: date, end: date) -> GroupedData:
    """Loans whose outcome matures in these months, with the rows known by then."""
    return (
        rows.withColumn("matured", F.add_months("cohort", mob + outcome.reporting_lag))
        .where(F.col("matured").between(text(start), text(end)))
        .where(F.col(PARTITION) <= F.col("matured"))
        .groupBy("loan_id", "cohort", "matured")
    )


def _who() -> tuple[Column, ...]:
    # one of each per loan, even where the servicer changed its mind
    return tuple(F.min(name).alias(name) for name in ("application_id", "customer_id"))


def _label_rows(seen: DataFrame, mob: int) -> DataFrame:
    values: dict[str, Column] = {
        "mob": F.lit(mob).cast("bigint"),
        "bad": F.col("bad").cast("bigint"),
        "months_observed": F.col("months_observed").cast("bigint"),
        PARTITION: F.col("matured"),
    }
    return seen.withColumns(values).select(*LABELS.names)
