"""What a table may be, and which columns it then needs."""

from typing import Literal

from creditrisk.portfolio.column import Role

SourceRole = Literal["applications", "events", "macro", "performance", "outcomes"]
NEEDED: dict[SourceRole, tuple[Role, ...]] = {
    "applications": ("customer", "snapshot"),
    "events": ("customer", "snapshot"),
    "macro": ("snapshot",),
    "performance": ("loan", "customer"),
    "outcomes": ("loan", "customer", "start"),
}
_Ways = tuple[tuple[Role, ...], ...]
# besides, one of each of these at least
ONE_OF: dict[SourceRole, tuple[_Ways, ...]] = {
    "performance": (
        (("snapshot",), ("start", "month_on_book")),
        (("due", "overdue"), ("status",), ("days_late",)),
    ),
    "outcomes": ((("default_date",), ("status",)),),
}
# a row without one of the others is set aside
MAY_BE_EMPTY: tuple[Role, ...] = (
    *("paid", "balance", "days_late", "status"),
    *("default_date", "closed_date", "decision"),
)
SOURCE_ROLE_TEXTS: dict[SourceRole, str] = {
    "applications": "one per application; several tables join on it",
    "events": "one per event, or per customer and date; before and after the application",
    "macro": "one per month, of the economy: joined to applications of the month it is known in",
    "performance": "one per loan and snapshot: where it stands",
    "outcomes": "one per loan whenever its standing changes, with the date of default",
}
ROLE_NAMES: dict[str, str] = {
    "customer": "customer_id",
    "application": "application_id",
    "event": "event_id",
    "loan": "loan_id",
    "snapshot": "snapshot_date",
    "start": "cohort",
}

# a lender's column that bears a name of ours would be taken for it, or written beside it
BRONZE_NAMES = frozenset(
    ("source_file", "source_sha256", "source_row", "unreadable", "committed_month")
)
OUR_NAMES = frozenset(
    (*ROLE_NAMES.values(), "event_date", "committed_month", "mob", "bad", "months_observed")
)
