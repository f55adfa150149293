"""Where a loan stands, from codes, days or amounts: how many full instalments it has missed."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from creditrisk.deliveries.delivered_month import MOST_MONTHS
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.state import ENDED, MISSED
from creditrisk.stages.etl.frames import lit

_CENT = 1e-6  # of an instalment: 99.99 / 33.33 is 2.9999999999999996 in binary
_DAYS = 30  # of an instalment


def missed(spec: SourceSpec) -> Column:
    """Full instalments past due, the most that any column says; null where none tells."""
    found = []
    if spec.column("overdue"):
        found.append(_by_amount())
    if spec.column("days_late"):
        days = F.col("days_late")
        found.append(F.when(days < 0, 0).otherwise(F.floor(days / _DAYS)))
    if spec.column("status"):
        found.append(by_status())
    return (F.greatest(*found) if len(found) > 1 else found[0]).cast("bigint")


def late(spec: SourceSpec) -> Column:
    """Whether anything is past due, however little."""
    found = lit(False)
    if spec.column("overdue"):
        found |= F.col("overdue") > 0
    if spec.column("days_late"):
        found |= F.col("days_late") > 0
    if spec.column("status"):
        found |= F.col("status") == "1-29"
    return F.coalesce(found, lit(False))


def balance(spec: SourceSpec) -> Column:
    """What is outstanding; nothing where the loan has ended."""
    found = F.col("balance") if spec.column("balance") else lit(None).cast("double")
    if spec.column("status") is None:
        return found
    return F.when(F.col("status").isin(*ENDED), 0.0).otherwise(found)


def by_status() -> Column:
    """Full instalments missed, by the state alone."""
    found = lit(None).cast("bigint")
    for count in sorted(set(MISSED.values())):
        states = [state for state, of_state in MISSED.items() if of_state == count]
        found = F.when(F.col("status").isin(*states), count).otherwise(found)
    return found


def _by_amount() -> Column:
    instalment = F.when(F.col("due") > 0, F.col("due")).otherwise(F.col("instalment"))
    # in instalments, not days: one missed instalment in February is 28 days
    missed, most = F.col("overdue") / instalment, lit(float(MOST_MONTHS))
    # not least(), which takes the other where one is null: no instalment is known
    full = F.floor(F.when(missed > most, most).otherwise(missed) + _CENT)
    return F.when(F.col("overdue") <= 0, lit(0)).otherwise(full)
