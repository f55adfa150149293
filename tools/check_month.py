"""What a month on a cluster must have left in the store: `python -m tools.check_month MONTH`.

A run that "succeeded" may have done nothing: this looks at what is there.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator

from creditrisk.calendar import parse_month
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.records.audit import Trail, verify
from creditrisk.records.champion import current_champion
from creditrisk.records.run import run_records
from creditrisk.storage import Store, open_audit_store, open_store

TASKS = ("resolve_period", "etl", "score", "monitor", "decide")
TABLES = ("gold/features", "gold/loan_months", "gold/labels")


def missing(store: Store, month: str) -> Iterator[str]:
    """What is not as it must be, a line each."""
    present = set(store.keys(f"months/{month}/"))
    for name in ("run.json", "report.html", "quality.json"):
        if f"months/{month}/{name}" not in present:
            yield f"months/{month}/{name} is missing"
    if f"months/{month}/run.json" not in present:
        return
    run = json.loads(store.read(f"months/{month}/run.json"))
    if run["status"] != "ok":
        yield f"the run ended {run['status']}"
    ran = Counter(record.task for record in run_records(store, run["run_id"]))
    yield from (f"{task} left {ran[task]} records" for task in TASKS if ran[task] != 1)
    lake = Lake(store)
    for table in TABLES:
        if parse_month(month) not in lake.months(table):
            yield f"{table} has no {month}"
    if not any(store.keys(f"decisions/{month}/")):
        yield f"no decision on {month}"
    if current_champion(store) is None:
        yield "no champion"
    yield from verify(Trail(open_audit_store(store)))


def main(arguments: list[str]) -> int:
    """Exit code 1 where something is missing."""
    try:
        found = list(missing(open_store(), arguments[0]))
    except UserError as error:
        found = [str(error)]
    print(*(found or [f"{arguments[0]}: all there"]), sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
