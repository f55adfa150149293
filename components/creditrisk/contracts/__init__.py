"""Every table of ours: columns, types, key, grain, values. Derived from the portfolio, once."""

from creditrisk.contracts.contract import PARTITION, Column, ColumnType, Contract
from creditrisk.contracts.delivered import QUARANTINE, bronze, silver
from creditrisk.contracts.gold import CHAMPION_LABELS, LABELS, LOAN_MONTHS, features, history
from creditrisk.contracts.published import (
    ALL_SOURCES_UP,
    FINDINGS,
    RANDOM_SAMPLE,
    SCORES,
    FindingAxis,
    FindingState,
)
from creditrisk.portfolio import Portfolio

__all__ = [
    "ALL_SOURCES_UP",
    "CHAMPION_LABELS",
    "FINDINGS",
    "LABELS",
    "LOAN_MONTHS",
    "PARTITION",
    "QUARANTINE",
    "RANDOM_SAMPLE",
    "SCORES",
    "UNDESCRIBED",
    "Column",
    "ColumnType",
    "Contract",
    "FindingAxis",
    "FindingState",
    "all_contracts",
    "bronze",
    "features",
    "history",
    "silver",
]

UNDESCRIBED = (  # tables that are the same for every lender
    QUARANTINE,
    LOAN_MONTHS,
    LABELS,
    CHAMPION_LABELS,
    SCORES,
    RANDOM_SAMPLE,
    FINDINGS,
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
        CHAMPION_LABELS,
        SCORES,
        RANDOM_SAMPLE,
        FINDINGS,
    )
