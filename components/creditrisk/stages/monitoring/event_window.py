"""Event history cut to the length the reference profile was taken with.

Counts and sums of events grow with every month of history, whoever applies. Compared as they
are, they would drift for ever.
"""

from collections.abc import Mapping

import pandas as pd

from creditrisk.contracts import history
from creditrisk.lake import Commit
from creditrisk.period import Period


def last_months(
    period: Period, frame: pd.DataFrame, lengths: Mapping[str, int]
) -> tuple[pd.DataFrame, list[Commit]]:
    """Rows of gold features with the events of the last `lengths[source]` months only.

    A length counts committed months of history, as the profile does. What a customer's history
    held before them is taken off count and sums; a history that is not longer stays as it is.
    Returns the histories read, too.
    """
    out, read = frame.copy(), []
    for events in period.portfolio.events:
        contract, length = history(events), lengths.get(events.name, 0)
        months = period.lake.months(contract.table, upto=period.as_of)
        for month in months[:-length][-1:] if length else []:
            read.append(period.lake.need(contract.table, month))
            past = period.lake.read_commits(contract, read[-1:]).to_pandas()
            past = past.set_index("customer_id").reindex(out["customer_id"], fill_value=0)
            for name in (events.count, *events.sums):
                out[name] = out[name] - past[name].to_numpy()
    return out, read
