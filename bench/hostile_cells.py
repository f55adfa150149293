"""Whether Spark and `portfolio check` read 100,000 hostile cells of each type, and read them alike.

`make bench-cells` writes build/bench/hostile_cells.json, with the first cells they differ on.
"""

import argparse
import json
from itertools import islice
from pathlib import Path
from time import monotonic

from creditrisk.stages.etl.session import spark_session
from creditrisk.stages.etl.settings import SMALL
from tests.builders.hostile_cells import COLUMNS, differences, hostile_cells

OUT = Path("build/bench/hostile_cells.json")
_AT_ONCE = 10_000  # cells of each type in a Spark job
_SHOWN = 20


def main() -> None:
    """Throw the cells, ten thousand of each type at a time; a reader that raises ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=100_000, help="of each type")
    parser.add_argument("--seed", type=int, default=2)
    arguments = parser.parse_args()
    spark, start = spark_session(rows=SMALL + 1), monotonic()  # as for a month of many rows
    differing = 0
    shown: list[str] = []
    for first in range(0, arguments.cells, _AT_ONCE):
        count = min(_AT_ONCE, arguments.cells - first)
        cells = {kind: hostile_cells(kind, count, arguments.seed + first) for kind in COLUMNS}
        found = list(differences(spark, cells))
        differing += len(found)
        shown += [repr(one) for one in islice(found, _SHOWN - len(shown))]
    readings = arguments.cells * sum(map(len, COLUMNS.values()))
    seconds = round(monotonic() - start, 1)
    result = {"cells": arguments.cells * len(COLUMNS), "readings": readings, "seconds": seconds}
    text = json.dumps(result | {"differing": differing, "first": shown}, indent=1)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text)
    print(text, flush=True)


if __name__ == "__main__":
    main()
