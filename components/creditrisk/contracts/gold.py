"""Gold: event histories, features at application, loan months, labels."""

from dataclasses import replace

from creditrisk.contracts.contract import PARTITION, Column, Contract, counts
from creditrisk.contracts.delivered import silver
from creditrisk.portfolio import Events, Portfolio, list_flags

BUCKETS = ("current", "1-29", "30-59", "60-89", "90+")


def history(events: Events) -> Contract:
    """Event history, extended month by month."""
    return Contract(
        "gold",
        f"{events.name}_history",
        "one row per customer and month: everything up to and including that month",
        ("customer_id",),
        (
            Column("customer_id", "string"),
            Column(PARTITION, "date", required=True),
            Column(events.count, "long", "rows so far", required=True, low=0),
            *(Column(name, "double", "sum so far", required=True) for name in events.sums),
        ),
    )


def features(portfolio: Portfolio) -> Contract:
    """What was known at the application date."""
    described: dict[str, Column] = {}
    for source_name, source in portfolio.featured:
        cleaned = {column.name: column for column in silver(source_name, source).columns}
        for name, spec in source.values().items():
            described[name] = cleaned[name]
            flags = list_flags(name, spec)
            described |= {flag: Column(flag, "long", low=0, high=1) for flag in flags}
            described |= {c.name: c for c in counts([f"{name}_count"])}
    columns = [
        Column("application_id", "string"),
        Column("customer_id", "string", required=True),
        Column(PARTITION, "date", "month of application: the cohort", required=True),
        *(
            Column(f"{name}_available", "boolean", "false: the source was down this month")
            for name in portfolio.optional_sources
        ),
        *(
            replace(described.get(f.name, Column(f.name, "double")), text=f.text)
            for f in portfolio.features
        ),
    ]
    for events in portfolio.events:
        columns += counts([events.count], "events known at application")
        columns += [Column(name, "double", "sum over them") for name in events.sums]
    return Contract(
        "gold", "features", "one row per application", ("application_id",), tuple(columns)
    )


LABELS = Contract(
    "gold",
    "labels",
    "one row per loan and label definition, in the month it matured",
    ("loan_id", "mob"),
    (
        Column("loan_id", "string"),
        Column("application_id", "string"),
        Column("customer_id", "string", required=True),
        Column("cohort", "date", "month the loan started", required=True),
        Column("mob", "long", "months on book the outcome looks at", low=1),
        Column(
            "bad",
            "long",
            "1 bad, 0 good, null when the months observed do not suffice",
            low=0,
            high=1,
        ),
        Column("months_observed", "long", low=0),
        Column(PARTITION, "date", "month the outcome matured", required=True),
    ),
)

CHAMPION_LABELS = replace(
    LABELS,
    name="champion_labels",
    grain="one row per loan and definition of bad of the champion, while the policy has another",
)

LOAN_MONTHS = Contract(
    "gold",
    "loan_months",
    "one row per loan and month-on-book",
    ("loan_id", "month_on_book"),
    (
        Column("loan_id", "string"),
        Column("application_id", "string"),
        Column("customer_id", "string", required=True),
        Column("cohort", "date", "month the loan started", required=True),
        Column("month_on_book", "long"),
        Column("missed", "long", "full instalments past due; 1 is 30+ days", low=0),
        Column("bucket", "string", "days past due", categories=BUCKETS),
        Column("overdue", "double"),
        Column("balance", "double"),
        Column(PARTITION, "date", required=True),
        Column("instalment", "double", "the largest due so far; null: none was"),
    ),
)
