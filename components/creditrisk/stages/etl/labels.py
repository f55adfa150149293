"""Outcomes, each in the month it matures: cohort + months on book + reporting lag."""

from datetime import date

from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql import functions as F

from creditrisk.contracts import LABELS, PARTITION
from creditrisk.policy import Outcome
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.delinquency import by_status
from creditrisk.stages.etl.frames import lit, text, union


def horizons(outcome: Outcome, within: int | None = None) -> list[int]:
    """The months on book an outcome is asked for, longest first; or the one that is known."""
    return [within] if within else sorted({outcome.mob, outcome.early_mob}, reverse=True)


def labels(
    loan_months: DataFrame, outcome: Outcome, start: date, end: date, every: int = 1
) -> DataFrame:
    """One row per loan and label definition that matures from `start` to `end`.

    From `gold/loan_months` reaching back `mob` + lag months before `start`. Bad: at least
    `missed_instalments` in any month on book 1..mob. Good: not bad, and observed up to mob
    (where snapshots are `every` so many months apart: in the last one due by then) or paid
    off before. Otherwise null: the months observed do not tell.
    """
    return union(_labels(loan_months, outcome, mob, start, end, every) for mob in horizons(outcome))


def _labels(
    rows: DataFrame, outcome: Outcome, mob: int, start: date, end: date, every: int
) -> DataFrame:
    within = F.col("month_on_book").between(1, mob) & F.col("missed").isNotNull()
    closed = F.when(within, F.col("balance") <= 0)
    seen = _matured(rows, outcome, mob, start, end).agg(
        *_who(),
        F.coalesce(
            F.bool_or(within & (F.col("missed") >= outcome.missed_instalments)), lit(False)
        ).alias("missed"),
        F.coalesce(F.bool_or(closed), lit(False)).alias("closed"),
        F.coalesce(F.max(F.when(within, F.col("month_on_book"))), lit(0)).alias("reached"),
        F.count_if(within).alias("months_observed"),
    )
    found = (F.col("reached") > max(mob - every, 0)) | F.col("closed")
    bad = F.when(F.col("missed"), 1).when(found, 0)
    return _label_rows(seen.withColumn("bad", bad), mob)


def with_defaults(spec: SourceSpec, rows: DataFrame, outcome: Outcome) -> DataFrame:
    """Outcomes with the date of default that a status tells: that of its row, or of its window.

    Of one extract it is the date the loan came to its status; without it, that a loan went bad
    says of no month whether it had by then.
    """
    if spec.column("status") is None:
        return rows
    bad = by_status() >= outcome.missed_instalments
    if spec.extract and not spec.within:
        undated = bad & F.col("closed_date").isNull()
        rows = rows.withColumn("in_doubt", F.col("in_doubt") | F.coalesce(undated, lit(False)))
        return rows.withColumn("default_date", F.when(bad, F.col("closed_date")))
    when = F.add_months("cohort", spec.within) if spec.within else F.col(PARTITION)
    return rows.withColumn("default_date", F.when(bad, when))


def outcome_labels(
    outcomes: DataFrame, outcome: Outcome, start: date, end: date, within: int | None = None
) -> DataFrame:
    """The same from silver `outcomes` with their application: one row per loan, as it stands.

    A loan delivered again in a later month counts with all its rows. Bad: one known by then
    says it defaulted from the month of payout to `mob` months after. Good: none does, as of a loan
    that closed before. Null where a default was delivered with no date but one that cannot be.
    `within`: the one month on book the outcomes are known at.
    """
    mobs = horizons(outcome, within)
    return union(_outcome_labels(outcomes, outcome, mob, start, end) for mob in mobs)


def _outcome_labels(
    rows: DataFrame, outcome: Outcome, mob: int, start: date, end: date
) -> DataFrame:
    defaulted = F.trunc("default_date", "month")
    in_time = defaulted.between(F.col("cohort"), F.add_months("cohort", mob))
    seen = _matured(rows, outcome, mob, start, end).agg(
        *_who(),
        F.coalesce(F.bool_or(in_time), lit(False)).alias("defaulted"),
        (F.bool_or("in_doubt") & F.max("default_date").isNull()).alias("open"),
    )
    bad = F.when(F.col("defaulted"), 1).when(~F.col("open"), 0)
    observed = F.when(~F.col("open"), mob).otherwise(0)
    return _label_rows(seen.withColumns({"bad": bad, "months_observed": observed}), mob)


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
        "mob": lit(mob).cast("bigint"),
        "bad": F.col("bad").cast("bigint"),
        "months_observed": F.col("months_observed").cast("bigint"),
        PARTITION: F.col("matured"),
    }
    return seen.withColumns(values).select(*LABELS.names)
