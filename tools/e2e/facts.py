"""What a store says of a month, as JSON: `python -m tools.e2e.facts [MONTH]` with its keys."""

import json
import sys
from datetime import date

from creditrisk.calendar_month import parse_month
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import decisions
from creditrisk.records.month import read_month_run
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_audit_store, open_store


def facts(month: date | None) -> dict[str, object]:
    """Champion, requests that wait, faults of the trail; of a month its run and its decisions."""
    store = open_store()
    run = read_month_run(store, month) if month else None
    taken = list(decisions(store, month)) if month else []
    return {
        "champion": current_champion(store) or "",
        "waiting": [request.id for request in read_requests(store)],
        "run": run.status if run else "",
        "scheduled": run.scheduled_at if run else "",
        "decisions": [one.decision for one in taken],
        "action": taken[-1].action if taken else "",
        "faults": verify(Trail(open_audit_store(store))),
    }


if __name__ == "__main__":
    print(json.dumps(facts(parse_month(sys.argv[1]) if sys.argv[1:] else None)))
