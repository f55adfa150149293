"""`make bench-crash`: an ETL killed again and again, and what a reader saw meanwhile.

Real Spark processes build some months; each is killed (SIGKILL, with its JVM) at a seeded
moment: by the clock, or once so many commits are there. The next process starts where the
killed one left off, and is killed, too, until one comes through. Then every digest and row
count must be those of an undisturbed run. Slow, so not a test; the suite has a few kills.
"""

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import numpy as np

from bench.reader_beside import Reader, tables
from creditrisk.cli.app import console
from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.period import Period, freeze
from creditrisk.storage import Store, open_store
from tests.builders.deliveries import POLICY, Delivery, month
from tests.builders.small_lender import small_portfolio

MONTHS = 3
WAYS = ("backfill", "months")  # in one Spark job per table, or month after month
_LONGEST = 300  # seconds any process may take


@dataclass
class Tally:
    """What the kills hit and what came of them; `orphans`: files no commit names."""

    months: int
    kills: int = 0
    chains: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    polls: int = 0
    faults: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    orphans: int = 0


def period(store: Store, number: int) -> Period:
    """Month `number` over a store."""
    freeze(store, POLICY, small_portfolio())
    return Period(month(number), POLICY, small_portfolio(), store, "crash")


def contents(store: Store) -> dict[str, tuple[str, int]]:
    """Digest and rows of every table and month."""
    lake = Lake(store)
    commits = [commit for table in tables() for commit in lake.commits(table)]
    return {f"{c.table} {c.month}": (c.digest, c.rows) for c in commits}


def build(uri: str, landing: str, way: str, months: int) -> None:
    """What the killed process does."""
    from creditrisk.stages.etl.month import build_month, build_range

    store = open_store(uri)
    if way == "backfill":
        build_range(period(store, months - 1), landing, month(0), month(months - 1))
        return
    for number in range(months):
        build_month(period(store, number), landing)


def run(
    uri: str, landing: str, way: str, months: int, until: Callable[[float], bool] = lambda _: False
) -> bool:
    """Start the ETL; kill it when `until` (of seconds since the start) says so. Whether it was."""
    words = [sys.executable, "-m", "bench.crash", "--build", uri, landing, way, f"{months}"]
    log = Path(landing).parent / "log.txt"
    with log.open("a") as out:
        child = subprocess.Popen(words, start_new_session=True, stdout=out, stderr=out)
        began = monotonic()
        while child.poll() is None:
            seconds = monotonic() - began
            if until(seconds):
                os.killpg(child.pid, signal.SIGKILL)  # the JVM is in its group
                child.wait()
                return True
            if seconds > _LONGEST:
                os.killpg(child.pid, signal.SIGKILL)
                raise TimeoutError(f"{way} took longer than {_LONGEST} s; see {log}")
            sleep(0.002)
    if child.returncode:
        raise RuntimeError(f"{way} ended with {child.returncode}; see {log}")
    return False


def crash(
    uri: str,
    landing: str,
    expected: dict[str, tuple[str, int]],
    tally: Tally,
    rng: np.random.Generator,
    longest: float,
    kills: int,
    end: float = math.inf,
) -> None:
    """One chain: at most `kills` kills on one store, none after `end`; then one comes through."""
    store = open_store(uri)
    way = WAYS[tally.chains % len(WAYS)]
    with Reader(store) as reader:
        killed = True
        while killed and kills > 0 and monotonic() < end:
            moment = rng.uniform(0, longest)
            count = reader.commits + int(rng.integers(1, len(expected)))
            by_clock = rng.random() < 0.5

            def until(s: float, at: float = moment, n: int = count, clock: bool = by_clock) -> bool:
                return s >= at if clock else reader.commits >= n

            killed = run(uri, landing, way, tally.months, until)
            kills -= killed
            tally.kills += killed
            if killed:
                tally.phases[phase(store, len(expected))] += 1
        if killed:
            run(uri, landing, way, tally.months)
    tally.chains += 1
    tally.polls += reader.polls
    tally.faults += reader.faults
    found = contents(store)
    tally.unequal += [k for k in {*found, *expected} if found.get(k) != expected.get(k)]
    named = {f.key for k in manifest_keys(store) for f in Lake(store).manifest(k).files}
    data = [item.key for item in store.objects("lake/") if "/data/" in item.key]
    tally.orphans += len(set(data) - named)


def phase(store: Store, whole: int) -> str:
    """How far a killed process had come."""
    commits = len(contents(store))
    if commits == whole:
        return "all commits there"
    if commits:
        return "between two commits"
    data = any("/data/" in item.key for item in store.objects("lake/"))
    return "files written, no commit" if data else "before the first file"


def undisturbed(folder: Path, base: str, landing: str) -> tuple[dict[str, tuple[str, int]], float]:
    """What months that nobody kills leave, and how long they take, in seconds.

    Kept while the code is the same, so that fifty kills can be had in parts.
    """
    words = ["git", "describe", "--always", "--dirty"]
    code = subprocess.run(words, check=True, capture_output=True, text=True).stdout + base
    kept = folder.with_name(f"{folder.name}-undisturbed.json")
    found = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if found.get("code") != code:
        began = monotonic()
        run(f"{base}/undisturbed", landing, WAYS[0], MONTHS)  # a child, as the killed ones are
        left = contents(open_store(f"{base}/undisturbed"))
        found = {"code": code, "seconds": monotonic() - began, "left": left}
        kept.write_text(json.dumps(found), "utf-8")
    return {key: (digest, rows) for key, (digest, rows) in found["left"].items()}, found["seconds"]


def bench(folder: Path, base: str, kills: int, seed: int, seconds: float) -> Tally:
    """Kills in chains of one to six; none once so many seconds are over."""
    shutil.rmtree(folder, ignore_errors=True)
    landing = Delivery(MONTHS).write(folder / "landing")
    figures = folder.with_name(f"{folder.name}-{seed}.json")
    rng, tally = np.random.default_rng(seed), Tally(MONTHS)
    expected, longest = undisturbed(folder, base, landing)
    console.print(f"undisturbed: {len(expected)} commits, {longest:.1f} s", highlight=False)
    end = (began := monotonic()) + seconds
    while tally.kills < kills and monotonic() < end:
        more = min(int(rng.integers(1, 7)), kills - tally.kills)
        crash(f"{base}/{tally.chains:03d}", landing, expected, tally, rng, longest, more, end)
        seen = f"{tally.polls} looks, {len(tally.faults)} faults, {len(tally.unequal)} unequal"
        console.print(f"{tally.kills:3d} kills, {tally.chains} chains, {seen}", highlight=False)
        found = vars(tally) | {"seed": seed, "seconds": round(monotonic() - began)}
        figures.write_text(json.dumps(found, indent=1), "utf-8")
    return tally


def main() -> None:
    """Print what came of it and write `build/bench/crash-<seed>.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=math.inf, help="no kill after so many")
    parser.add_argument("--store", default="", help="where the stores lie; default build/bench")
    parser.add_argument("--build", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.build:
        uri, landing, way, months = given.build
        build(uri, landing, way, int(months))
        return
    folder = Path("build/bench/crash").absolute()
    base = given.store or f"{folder.as_uri()}/stores"
    tally = bench(folder, base, given.kills, given.seed, given.seconds)
    for name, count in tally.phases.most_common():
        console.print(f"{count:4d} killed: {name}")
    console.print(f"{tally.orphans} files left that no commit names", highlight=False)
    sys.exit(bool(tally.faults or tally.unequal))


if __name__ == "__main__":
    main()
