"""Tables that follow a lender's own, source by source: bronze as delivered, silver cleaned."""

from creditrisk.contracts.contract import PARTITION, Column, ColumnType, Contract
from creditrisk.portfolio import ColumnSpec, SourceSpec
from creditrisk.portfolio.column import ROLE_TEXTS, ROLE_TYPES
from creditrisk.portfolio.state import UNKNOWN
from creditrisk.portfolio.table_roles import MAY_BE_EMPTY

SILVER_TYPES: dict[str, ColumnType] = {
    "number": "double",
    "integer": "long",
    "category": "string",
    "text": "string",
    "date": "date",
    "duration": "long",
    "list": "string",
}
_IN_DOUBT = "a default was delivered with a date that cannot be: how the loan turned out is open"


def bronze(source_name: str, source: SourceSpec) -> Contract:
    """As delivered, all strings, plus where each row came from."""
    delivered = tuple(Column(name, "string", _text(spec)) for name, spec in source.columns.items())
    origin = (
        Column("source_file", "string", "name of the delivered file"),
        Column("source_sha256", "string", "sha256 of the delivered file", required=True),
        Column("source_row", "long", "row number in that file, the header not counted", low=1),
        Column("unreadable", "string", "the row as delivered, where it does not fit the header"),
    )
    return Contract(
        "bronze",
        source_name,
        "one row per delivered row and month" if source.wide else "one row per delivered row",
        ("source_file", "source_row"),
        (*delivered, *origin),
        steady=_steady(source),
    )


def silver(source_name: str, source: SourceSpec) -> Contract:
    """Typed and cleaned; one row per business key and snapshot."""
    columns = [
        _column(source.name_of(delivered), spec) for delivered, spec in source.columns.items()
    ]
    names = {column.name for column in columns}
    if source.role == "applications" and "application_id" not in names:
        columns.insert(0, Column("application_id", "string", "customer and month of application"))
    if source.role == "events":
        columns.append(Column(PARTITION, "date", "the month of the event", required=True))
    if source.role == "performance" and not source.undated_loans:
        if "month_on_book" not in names:
            columns.append(Column("month_on_book", "long", "since the start", required=True))
        if "cohort" not in names:
            columns.append(Column("cohort", "date", "month of the start", required=True))
    if PARTITION not in names and source.role != "events":
        columns.append(Column(PARTITION, "date", "the month it is known of", required=True))
    if source.role == "outcomes":
        columns.append(Column("in_doubt", "boolean", _IN_DOUBT, required=True))
    event = ("event_id",) if source.column("event") else ()
    key, grain = {
        "applications": (("application_id",), "one row per application"),
        "macro": ((PARTITION,), "one row per month it is known in"),
        "events": (
            ("customer_id", "event_date", *event),
            "one row per event" if event else "one row per customer and date",
        ),
        "performance": (("loan_id", PARTITION), "one row per loan and month"),
        "outcomes": (("loan_id",), "one row per loan"),
    }[source.role]
    return Contract("silver", source_name, grain, key, tuple(columns), steady=_steady(source))


QUARANTINE = Contract(
    "silver",
    "quarantine",
    "one row per delivered row set aside",
    ("source", "source_file", "source_row"),
    (
        Column("source", "string", "which source table"),
        Column("reason", "string", "rule that set the row aside", required=True),
        Column("source_file", "string"),
        Column("source_row", "long", low=1),
        Column(PARTITION, "date", "month of the delivery", required=True),
    ),
)


def _steady(source: SourceSpec) -> bool:
    # an optional source may be down; in a month no loan may default or close, nobody may apply,
    # or no snapshot be due
    may_lack = source.optional or source.role == "outcomes" or source.pauses
    return not may_lack and source.every == 1


def _column(name: str, spec: ColumnSpec) -> Column:
    if spec.pii:
        return Column(name, "string", _text(spec), required=_required(spec), hashed=True)
    low, high = spec.range or (None, None)
    return Column(
        name,
        SILVER_TYPES[ROLE_TYPES.get(spec.role, ("text",))[0] if spec.role else spec.type],
        _text(spec),
        required=_required(spec),
        low=low,
        high=high,
        categories=tuple(dict.fromkeys((*spec.categories, UNKNOWN))) if spec.categories else (),
        members=spec.type == "list",
        unit=spec.unit,
    )


def _text(spec: ColumnSpec) -> str:
    return spec.text or (ROLE_TEXTS[spec.role] if spec.role else "")


def _required(spec: ColumnSpec) -> bool:
    return spec.role is not None and spec.role not in MAY_BE_EMPTY
