"""What a month on a cluster must have left in the store: `python -m tools.check_month MONTH`.

A run that "succeeded" may have done nothing: this looks at what is there.
"""

import sys
from collections import Counter
from collections.abc import Iterator

from creditrisk.calendar_month import parse_month
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import newest_decision
from creditrisk.records.month import read_month_run
from creditrisk.records.run import run_records
from creditrisk.records.trail_check import verify
from creditrisk.storage import Store, open_audit_store, open_store

TASKS = ("resolve_period", "etl", "score", "monitor", "decide")
TABLES = ("gold/features", "gold/loan_months", "gold/labels")


def missing(store: Store, month: str) -> Iterator[str]:
    """What is not as it must be, a line each."""
    as_of, present = parse_month(month), set(store.keys(layout.month(month)))
    wanted = (layout.month(month, name) for name in ("run.json", "report.html", "quality.json"))
    yield from (f"{key} is missing" for key in wanted if key not in present)
    run = read_month_run(store, as_of)
    if run is None:
        return
    if run.status != "ok":
        yield f"the run ended {run.status}"
    ran = Counter(record.task for record in run_records(store, run.run_id))
    yield from (f"{task} left {ran[task]} records" for task in TASKS if ran[task] != 1)
    lake = Lake(store)
    for table in TABLES:
        if as_of not in lake.months(table):
            yield f"{table} has no {month}"
    if newest_decision(store, as_of) is None:
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
