"""`make bench-stops`: runs of a month stopped at fifty moments, by Ctrl-C, SIGTERM and SIGKILL.

Each is `creditrisk run` of the month that trains the first model, as small as one can be, stopped
at a seeded moment of its undisturbed length. Looked at after each: what it said, how long it took
to end, which of its processes live on (by their environment, and by the process groups there were),
what lies in its folder for temporary files, who holds the store. After one to twelve of them a run
comes through; then every digest, the decision and the model's files must be those of the
undisturbed run, and no temporary file may be left, in the store or beside it: those of runs that
were killed are made two hours old before it. After a SIGKILL the next run waits for the lease of
the dead one, or, four times of five, a person breaks it.

The lender and its undisturbed month are kept for as long as the code is the same, so that fifty
stops can be had in parts: each seed leaves its own `build/bench/stops-<seed>.json`.
"""

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import numpy as np

from creditrisk.calendar_month import add_months
from creditrisk.cli.app import console, opened
from creditrisk.period import Period, thaw
from creditrisk.records import layout
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.lease import holder
from creditrisk.stages.etl.month import build_range
from creditrisk.storage import open_store
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario
from tests.builders.commands import digests, ended, group_of, grouped, marked, start

START, MONTHS = date(2024, 1, 1), 14
NEWEST = add_months(START, MONTHS - 1)
POLICY = """
outcome: {mob: 3, early_mob: 2}
development: {tuning_trials: 1, tuning_seconds: 3600, max_trees: 60, selection: false}
monitoring: {reports: false}
"""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
GONE = 2.0  # seconds in which a run and all its processes must have ended


@dataclass
class Tally:
    """What was seen; `late`, `orphans`, `files`, `held`, `silent`, `unequal` are faults.

    `left`: temporary files and folders of runs that were killed; the next run removes them.
    """

    stops: int = 0
    signals: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    left: int = 0
    held: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    waited: int = 0
    stores: int = 0
    unequal: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Lender:
    """A folder with landing, policy and a store that has all tables and has run no month."""

    root: Path

    @property
    def store(self) -> str:
        return (self.root / "store").as_uri()

    def words(self) -> list[str]:
        place = ["--data", "landing", "--policy", "policy.yaml", "--store", self.store]
        return ["run", "--as-of", f"{NEWEST}", *place]

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    def leftovers(self) -> list[Path]:
        """Temporary files and folders, of the system and in the store."""
        return [*self.temporary.iterdir(), *(self.root / "store").rglob(".tmp*")]

    def copy(self, name: str) -> "Lender":
        shutil.copytree(self.root, self.root.with_name(name))
        return Lender(self.root.with_name(name))

    def left(self) -> dict[str, object]:
        """All that must not depend on how often a run was stopped."""
        store = open_store(self.store)
        champion = current_champion(store) or ""
        decided = json.loads(store.read(list(store.keys(layout.decisions(NEWEST)))[-1]))
        return {
            "tables": digests(self.store),
            "decision": (decided["decision"], decided["action"], decided["reasons"]),
            "champion": champion,
            "files": store.read(layout.version(champion, layout.SUMS)) if champion else b"",
        }


def new_lender(root: Path) -> Lender:
    """Fourteen months in the lake."""
    shutil.rmtree(root.parent, ignore_errors=True)
    deliver(demo_scenario(), START, MONTHS, 1, root / "landing")
    (root / "policy.yaml").write_text(POLICY, "utf-8")
    store, config = opened((root / "store").as_uri(), root / "policy.yaml", None)
    end = add_months(START, MONTHS - 1)
    build_range(
        Period(end, *thaw(store, config), store, "bench"), f"{root / 'landing'}", START, end
    )
    return Lender(root)


def stop(lender: Lender, number: signal.Signals, moment: float, tally: Tally) -> bool:
    """Start the month and stop it after so many seconds; whether it had not ended before."""
    mark = f"{lender.root.name}-{tally.stops}"
    dead = holder(open_store(lender.store))  # a run that was killed, and that nobody broke
    lender.temporary.mkdir(exist_ok=True)
    before, place = lender.leftovers(), f"{lender.temporary}"
    process = start(*lender.words(), cwd=lender.root, CREDITRISK_MARK=mark, TMPDIR=place)
    sleep(moment)
    if process.poll() is not None:
        ended(process)
        return False
    groups = {process.pid, *map(group_of, marked(mark))}
    began = monotonic()
    process.send_signal(number)
    code, text = ended(process)
    while (alive := {*marked(mark), *grouped(groups)}) and monotonic() - began < 10:
        sleep(0.02)
    took = monotonic() - began
    tally.stops += 1
    tally.signals[number.name] += 1
    what = f"{tally.stops}: {number.name} after {moment:.2f} s"
    tally.slowest[number.name] = max(tally.slowest.get(number.name, 0), round(took, 2))
    tally.late += [f"{what}: {took:.2f} s"] if took > GONE else []
    tally.orphans += [f"{what}: {pid}" for pid in alive]
    found = [f"{path.name}" for path in lender.leftovers() if path not in before]
    tally.left += len(found) if number == signal.SIGKILL else 0
    tally.files += [f"{what}: {name}" for name in found if number != signal.SIGKILL]
    lines = [line for line in text.splitlines() if line.startswith("creditrisk: stopped by")]
    tally.tasks[lines[0].partition(" in ")[2].partition(":")[0] if lines else "?"] += 1
    if number != signal.SIGKILL:
        run = holder(open_store(lender.store))
        tally.held += [f"{what}: {run}"] if run and run != dead else []
        in_words = code == 128 + number and (lines or "local-" not in text)
        tally.silent += [] if in_words else [f"{what}: {code}: {text[-300:]}"]
    return True


def finish(lender: Lender, expected: dict[str, object], tally: Tally) -> None:
    """Let the month come through, and compare what it left."""
    lender.temporary.mkdir(exist_ok=True)
    for path in lender.leftovers():
        long_ago = path.stat().st_mtime - 7200
        os.utime(path, (long_ago, long_ago))
    code, text = ended(start(*lender.words(), cwd=lender.root, TMPDIR=f"{lender.temporary}"))
    found = lender.left() if code == 0 else {"error": text[-500:]}
    tally.unequal += [f"{lender.root.name}: {k}" for k in expected if found.get(k) != expected[k]]
    tally.files += [f"{path}" for path in lender.leftovers()]
    tally.stores += 1


def free(lender: Lender, number: signal.Signals, tally: Tally) -> None:
    """What a person does after a SIGKILL; one time in five nothing."""
    if number != signal.SIGKILL or not holder(open_store(lender.store)):
        return
    if tally.signals[number.name] % 5 == 1:
        tally.waited += 1
        return
    ended(
        start(
            "lease", "break", "--reason", "it was killed", "--store", lender.store, cwd=lender.root
        )
    )


def undisturbed(folder: Path) -> tuple[Lender, Lender, float]:
    """A lender; the same after its month; and how long that took, in seconds."""
    new, after, kept = Lender(folder / "new"), Lender(folder / "undisturbed"), folder / "kept.json"
    words = ["git", "describe", "--always", "--dirty"]
    code = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    if found.get("code") != code:
        new_lender(folder / "new")
        found = {"code": code}
        kept.write_text(json.dumps(found), "utf-8")
    if "seconds" not in found:
        shutil.rmtree(after.root, ignore_errors=True)
        new.copy("undisturbed")
        began = monotonic()
        status, text = ended(start(*after.words(), cwd=after.root))
        found["seconds"] = monotonic() - began
        if status:
            raise RuntimeError(text)
        kept.write_text(json.dumps(found), "utf-8")
    return new, after, found["seconds"]


def bench(folder: Path, stops: int, seed: int, seconds: float) -> Tally:
    """Stops in chains of one to twelve; none once so many seconds are over."""
    tally, rng = Tally(), np.random.default_rng(seed)
    figures = folder.with_name(f"{folder.name}-{seed}.json")
    lender, after, length = undisturbed(folder)
    expected, end = after.left(), monotonic() + seconds
    console.print(f"undisturbed: {length:.1f} s, champion {expected['champion']}")
    while tally.stops < stops and monotonic() < end:
        one = lender.copy(f"{seed}-{tally.stores:02d}")
        for _ in range(min(int(rng.integers(1, 13)), stops - tally.stops)):
            if monotonic() > end:
                break
            number = SIGNALS[tally.stops % len(SIGNALS)]
            if stop(one, number, rng.uniform(0, length), tally):
                free(one, number, tally)
        finish(one, expected, tally)
        shutil.rmtree(one.root)
        console.print(f"{tally}")
        figures.write_text(json.dumps(vars(tally), indent=1), "utf-8")
    return tally


def main() -> None:
    """Print what came of it and write `build/bench/stops-<seed>.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=math.inf, help="no stop after so many")
    given = parser.parse_args()
    tally = bench(Path("build/bench/stops").absolute(), given.stops, given.seed, given.seconds)
    faults = [*tally.late, *tally.orphans, *tally.files, *tally.held, *tally.silent, *tally.unequal]
    console.print(f"{tally.stops} stops of {tally.stores} months; faults: {faults or 'none'}")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
