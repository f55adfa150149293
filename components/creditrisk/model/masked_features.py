"""What of a model goes dark when an optional source is down."""

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.model.matrix import columns_of
from creditrisk.portfolio import Portfolio


def masked_features(portfolio: Portfolio, state: str) -> set[str]:
    """Model features that are empty in a mask state (see `mask_states`), evidence included."""
    sources = [] if state == ALL_SOURCES_UP else state.split(",")
    columns = {column for source in sources for column in columns_of(portfolio, source)}
    return columns | {e.evidence for e in portfolio.events if e.count in columns}
