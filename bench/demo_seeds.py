"""`make bench-demo`: how often the demo's story comes true, over ten seeds. Slow, so not a test.

The whole range goes into the lake in one backfill and every month is run in this process;
what a month sees is the same, because no stage looks past its `as_of`.
"""

import argparse
import json
import shutil
from pathlib import Path

from creditrisk.calendar_month import add_months
from creditrisk.cli.app import console, opened, progress
from creditrisk.cli.demo import BACKFILLED, LAST, START, demo_policy
from creditrisk.period import Period, thaw
from creditrisk.reports.month_summary import MonthSummary, months
from creditrisk.stages.etl.month import build_range
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario
from pipelines.local.in_process import replay

WINDOW = range(20, 23)  # months in which the retrained challenger should be promoted


def story(seed: int, folder: Path) -> list[MonthSummary]:
    """One seed's months, run."""
    shutil.rmtree(folder, ignore_errors=True)
    landing = folder / "landing"
    deliver(demo_scenario(), START, LAST, seed, landing)
    store, config = opened((folder / "store").absolute().as_uri(), demo_policy(), None)
    end = add_months(START, LAST - 1)
    period = Period(end, *thaw(store, config), store, "bench")
    build_range(period, str(landing), START, end)
    first = add_months(START, BACKFILLED)
    replay(store, str(landing), config, first, end, lambda month, _: progress.print(f"  {month}"))
    return months(store)


def outcome(summaries: list[MonthSummary]) -> dict[str, object]:
    """What came of it: the months that acted, and whether the retrained model was promoted."""
    numbered = {BACKFILLED + 1 + n: one for n, one in enumerate(summaries)}
    acted = {n: one for n, one in numbered.items() if one.challenge}
    tried = {n: one.challenge for n, one in numbered.items() if one.challenge}
    return {
        "promoted": any(n in WINDOW and t.outcome == "promoted" for n, t in acted.items()),
        "acted": {n: f"{one.decision} {one.outcome}" for n, one in acted.items()},
        "failed": {n: [gate.gate for gate in challenge.failed] for n, challenge in tried.items()},
        "decisions": [one.decision for one in summaries],
    }


def main() -> None:
    """Print one line per seed and write `build/bench/demo.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(1, parser.parse_args().seeds + 1)
    found = {}
    for seed in seeds:
        found[seed] = outcome(story(seed, Path("build/bench/demo")))
        console.print(f"seed {seed}: {found[seed]}", soft_wrap=True, highlight=False)
    promoted = sum(bool(result["promoted"]) for result in found.values())
    console.print(f"{promoted} of {len(found)} promote in months {WINDOW[0]} to {WINDOW[-1]}")
    out = Path("build/bench/demo.json")
    out.write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main()
