"""Every table of ours: columns, types, key, grain. Derived from the portfolio, once."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from creditrisk.portfolio import Events, Portfolio, SourceSpec, list_flags

ColumnType = Literal["string", "long", "double", "boolean", "date"]
PARTITION = "snapshot_date"

_ARROW: dict[ColumnType, pa.DataType] = {
    "string": pa.string(),
    "long": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}
_SPARK: dict[ColumnType, str] = {
    "string": "STRING",
    "long": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
}
_SILVER: dict[str, ColumnType] = {
    "number": "double",
    "integer": "long",
    "category": "string",
    "text": "string",
    "date": "date",
    "duration": "long",
    "list": "string",
}
_ROLE_TYPES: dict[str, ColumnType] = {
    "customer": "string",
    "application": "string",
    "loan": "string",
    "snapshot": "date",
    "start": "date",
    "month_on_book": "long",
    "due": "double",
    "paid": "double",
    "overdue": "double",
    "balance": "double",
    "default_date": "date",
    "closed_date": "date",
}


@dataclass(frozen=True)
class Column:
    """A column of a table of ours."""

    name: str
    type: ColumnType
    text: str = ""


@dataclass(frozen=True)
class Contract:
    """A table: `layer/name`, one partition per month, unique by key within a month."""

    layer: str
    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """How the lake calls it."""
        return f"{self.layer}/{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def arrow(self) -> pa.Schema:
        return pa.schema([(column.name, _ARROW[column.type]) for column in self.columns])

    @property
    def ddl(self) -> str:
        """The schema as Spark reads it."""
        return ", ".join(f"`{column.name}` {_SPARK[column.type]}" for column in self.columns)

    @property
    def schema_sha(self) -> str:
        """sha256 over names and types in order."""
        return hashlib.sha256(self.ddl.encode()).hexdigest()


def bronze(source_name: str, source: SourceSpec) -> Contract:
    """As delivered, all strings, plus where each row came from."""
    delivered = tuple(Column(name, "string", spec.text) for name, spec in source.columns.items())
    origin = (
        Column("source_file", "string", "name of the delivered file"),
        Column("source_sha256", "string", "sha256 of the delivered file"),
        Column("source_row", "long", "row number in that file, the header not counted"),
        Column("unreadable", "string", "the row as delivered, where it does not fit the header"),
    )
    return Contract(
        "bronze",
        source_name,
        "one row per delivered row",
        ("source_file", "source_row"),
        (*delivered, *origin),
    )


def silver(source_name: str, source: SourceSpec) -> Contract:
    """Typed and cleaned; one row per business key and snapshot."""
    columns = []
    for name, spec in source.columns.items():
        type_ = _ROLE_TYPES[spec.role] if spec.role else _SILVER[spec.type]
        if spec.pii:
            type_ = "string"  # a keyed hash
        columns.append(Column(source.name_of(name), type_, spec.text))
    names = {column.name for column in columns}
    if source.role == "applications" and "application_id" not in names:
        columns.insert(0, Column("application_id", "string", "customer and month of application"))
    key = {
        "applications": ("application_id",),
        "events": ("customer_id", PARTITION),
        "performance": ("loan_id", PARTITION),
        "outcomes": ("loan_id",),
    }[source.role]
    grain = {
        "applications": "one row per application",
        "events": "one row per customer and month",
        "performance": "one row per loan and month",
        "outcomes": "one row per loan",
    }[source.role]
    return Contract("silver", source_name, grain, key, tuple(columns))


QUARANTINE = Contract(
    "silver",
    "quarantine",
    "one row per delivered row set aside",
    ("source", "source_file", "source_row"),
    (
        Column("source", "string", "which source table"),
        Column("reason", "string", "rule that set the row aside"),
        Column("source_file", "string"),
        Column("source_row", "long"),
        Column(PARTITION, "date", "month of the delivery"),
    ),
)


def history(events: Events) -> Contract:
    """Event history, extended month by month."""
    return Contract(
        "gold",
        f"{events.name}_history",
        "one row per customer and month: everything up to and including that month",
        ("customer_id",),
        (
            Column("customer_id", "string"),
            Column(PARTITION, "date"),
            Column(events.count, "long", "rows so far"),
            *(Column(name, "double", "sum so far") for name in events.sums),
        ),
    )


def features(portfolio: Portfolio) -> Contract:
    """What was known at the application date."""
    types: dict[str, ColumnType] = {}
    for _, source in portfolio.by_role("applications"):
        for name, spec in source.values().items():
            types[name] = _SILVER[spec.type]
            types |= dict.fromkeys((f"{name}_count", *list_flags(name, spec)), "long")
    columns = [
        Column("application_id", "string"),
        Column("customer_id", "string"),
        Column(PARTITION, "date", "month of application: the cohort"),
        *(
            Column(f"{name}_available", "boolean", "false: the source was down this month")
            for name in portfolio.optional_sources
        ),
        *(Column(f.name, types.get(f.name, "double"), f.text) for f in portfolio.features),
    ]
    for events in portfolio.events:
        columns.append(Column(events.count, "long", "events known at application"))
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
        Column("customer_id", "string"),
        Column("cohort", "date", "month the loan started"),
        Column("mob", "long", "months on book the outcome looks at"),
        Column("bad", "long", "1 bad, 0 good, null when the months observed do not tell"),
        Column("months_observed", "long"),
        Column(PARTITION, "date", "month the outcome matured"),
    ),
)

LOAN_MONTHS = Contract(
    "gold",
    "loan_months",
    "one row per loan and month-on-book",
    ("loan_id", "month_on_book"),
    (
        Column("loan_id", "string"),
        Column("application_id", "string"),
        Column("customer_id", "string"),
        Column("cohort", "date", "month the loan started"),
        Column("month_on_book", "long"),
        Column("missed", "long", "full instalments past due; 1 is 30+ days"),
        Column("bucket", "string", "current, 1-29, 30-59, 60-89, 90+"),
        Column("overdue", "double"),
        Column("balance", "double"),
        Column(PARTITION, "date"),
    ),
)

SCORES = Contract(
    "scores",
    "applications",
    "one row per application, month and model version",
    ("application_id", "model_version"),
    (
        Column("application_id", "string"),
        Column("customer_id", "string"),
        Column(PARTITION, "date"),
        Column("model_version", "string"),
        Column("pd", "double", "calibrated probability of default; null when held back"),
        Column("grade", "long", "1 is best; null when held back"),
        Column("reason_1", "string", "what raised the PD most, in plain words"),
        Column("reason_2", "string"),
        Column("reason_3", "string"),
        Column("reason_4", "string"),
        Column("source_masked", "string", "optional sources that were down, comma separated"),
        Column("held_back", "boolean", "no PD: the model did not pass with these sources down"),
        Column("rescored", "boolean", "a second score of the month, after a promotion"),
    ),
)

FINDINGS = Contract(
    "monitoring",
    "findings",
    "one row per metric, cohort, segment and model version",
    ("metric", "cohort", "segment", "model_version"),
    (
        Column("metric", "string"),
        Column("axis", "string", "discrimination, stability, calibration, portfolio or quality"),
        Column("cohort", "string", "first and last cohort measured, as 2024-01..2024-03"),
        Column("segment", "string", "all, or column=value"),
        Column("model_version", "string"),
        Column("value", "double"),
        Column("lower", "double", "95 % interval"),
        Column("upper", "double"),
        Column("p_value", "double"),
        Column("rows", "long"),
        Column("bads", "long"),
        Column("state", "string", "green, amber, red, critical, insufficient or none"),
        Column("text", "string"),
        Column("label_as_of", "date", "newest outcome used; null where none is"),
        Column(PARTITION, "date", "as_of"),
    ),
)


def all_contracts(portfolio: Portfolio) -> tuple[Contract, ...]:
    """Every table, in the order data flows."""
    sources = portfolio.sources.items()
    return (
        *(bronze(name, source) for name, source in sources),
        *(silver(name, source) for name, source in sources),
        QUARANTINE,
        *(history(events) for events in portfolio.events),
        features(portfolio),
        LOAN_MONTHS,
        LABELS,
        SCORES,
        FINDINGS,
    )
