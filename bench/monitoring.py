"""A month's monitoring statistics at a million applications, beside Evidently's drift report.

Each side is a process of its own on the same simulated rows. Ours compares with bins and counts
frozen on the reference; Evidently holds both months, since it bins them together. Making the rows
and freezing the bins is not timed.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

OUT = Path("build/bench/monitoring.json")
LIMIT = 3600.0  # seconds until a side is given up
Timings = dict[str, dict[str, float]]


def month(rows: int, features: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Four fifths numbers, skewed, 3 % missing; the rest categories of five values."""
    random = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    for number in range(features):
        if number % 5 == 4:
            codes = random.integers(0, 5, rows)
            columns[f"c{number}"] = np.array(list("vwxyz"), dtype=object)[codes]
        else:
            values = np.exp(random.normal(shift, 1, rows))
            values[random.random(rows) < 0.03] = np.nan
            columns[f"n{number}"] = values
    return pd.DataFrame(columns)


def ours(rows: int, features: int) -> Timings:
    """PSI and CSI, all that is counted with them, the domain classifier, the outcome axes."""
    from creditrisk.model.random_sample import sampled
    from creditrisk.policy import load_policy
    from creditrisk.records.development import FeatureReference
    from creditrisk.stages.monitoring.calibration import calibration_axis
    from creditrisk.stages.monitoring.discrimination import at_cutoff, discrimination_axis
    from creditrisk.stages.monitoring.domain_classifier import domain_auc
    from creditrisk.stages.monitoring.stability import Scores, drift, stability_axis
    from creditrisk.stages.training.profile import counted

    policy, took = load_policy(), Timings()
    limits, random = policy.monitoring, np.random.default_rng(3)
    before = month(rows, features, seed=1)
    references = {
        str(name): FeatureReference(**vars(counted(values))) for name, values in before.items()
    }
    pds = random.beta(2, 18, rows)
    score = counted(random.beta(2, 18, rows))
    few = sampled(_numbered(before), limits.domain_rows, 1).drop(columns="application_id")
    del before  # a version keeps bins and counts, not rows
    now = month(rows, features, seed=2, shift=0.05)
    bad = (random.random(rows) < pds).astype(np.int64)
    with timed(took, "psi and csi"):
        for name, reference in references.items():
            drift(reference, now[name], limits)
        drift(score, pds, limits)
    with timed(took, "the stability axis, every share and bin"):
        columns = {str(name): values for name, values in now.items()}
        groups = [Scores("plain", pds, score)]
        stability_axis(groups, columns, references, limits, "significant")
    with timed(took, "domain classifier"):
        current = sampled(_numbered(now), limits.domain_rows, 1).drop(columns="application_id")
        domain_auc(current, few, policy)
    with timed(took, "outcomes: auc, gini, ks, o/e, jeffreys, precision, recall"):
        discrimination_axis(bad, pds, None, limits, "significant")
        calibration_axis(bad, pds, limits, "significant")
        at_cutoff(bad, pds, policy.scoring.cutoff)
    return took


def evidently(rows: int, features: int) -> Timings:
    """`DataDriftPreset` with PSI for every column."""
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    took = Timings()
    before, now = month(rows, features, seed=1), month(rows, features, seed=2, shift=0.05)
    names = [*map(str, now)]
    found = DataDefinition(
        numerical_columns=[name for name in names if name.startswith("n")],
        categorical_columns=[name for name in names if name.startswith("c")],
    )
    with timed(took, "DataDriftPreset(psi)"):
        both = (Dataset.from_pandas(frame, data_definition=found) for frame in (now, before))
        Report([DataDriftPreset(num_method="psi", cat_method="psi")]).run(*both).dict()
    return took


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(application_id=np.arange(len(frame)))


@contextmanager
def timed(took: Timings, what: str) -> Iterator[None]:
    """Wall and CPU seconds of what happens inside."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    took[what] = {
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
    }


SIDES: dict[str, Callable[[int, int], Timings]] = {"ours": ours, "evidently": evidently}


def side(name: str, rows: int, features: int) -> dict[str, Any]:
    """One side in this process, with the memory it took at most."""
    took = SIDES[name](rows, features)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak_mb": round(peak), "took": took}


def apart(name: str, rows: int, features: int) -> dict[str, Any] | None:
    """One side in a process of its own; None when it was given up."""
    command = [sys.executable, "-m", "bench.monitoring", "--side", name]
    command += ["--rows", f"{rows}", "--features", f"{features}"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=LIMIT, check=True)
    except subprocess.TimeoutExpired:
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Both sides, or one of them for the process that asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--features", type=int, default=60)
    parser.add_argument("--side", choices=[*SIDES, ""], default="")
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(side(asked.side, asked.rows, asked.features)))
        return
    print(f"{asked.rows:,} applications, {asked.features} features")
    sides: dict[str, Any] = {}
    for name in SIDES:
        sides[name] = found = apart(name, asked.rows, asked.features)
        if found is None:
            print(f"{name}: given up after {LIMIT:.0f} s")
            continue
        print(f"{name}: at most {found['peak_mb']:,} MB")
        for what, took in found["took"].items():
            print(f"  {what:<60} {took['seconds']:8.2f} s {took['cpu_seconds']:8.2f} s CPU")
        OUT.parent.mkdir(parents=True, exist_ok=True)
        body = {"rows": asked.rows, "features": asked.features, "sides": sides}
        OUT.write_text(json.dumps(body, indent=1))


if __name__ == "__main__":
    main()
