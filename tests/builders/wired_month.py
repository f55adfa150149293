"""A month of the small lender that the ETL built twice, and tasks run on either by its wires."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
from kfp.dsl import Dataset
from kfp.dsl.python_component import PythonComponent

from creditrisk.contracts import LABELS, QUARANTINE, Contract, features
from creditrisk.lake import Commit
from creditrisk.period import Period
from creditrisk.records.quality import save_report
from creditrisk.stages.artifacts import write_pointer
from creditrisk.stages.scoring.component import score
from pipelines.local.in_process import call
from tests.builders.documents import recorded_champion
from tests.builders.evidence import quality_report
from tests.builders.small_lender import fill, rewrite, small_period, small_policy
from tests.builders.trained_version import install

AS_OF = date(2024, 1, 1)
ROWS = {"first": 400, "second": 300}  # applications of the month, as it was built
ASIDE = {"first": 3, "second": 5}  # delivered rows set aside
POLICY = small_policy("development: {refit_after_pass: true}")


@dataclass(frozen=True)
class Lender:
    """A lender whose month was built twice; `built`: the pointers to either."""

    root: Path
    version: str
    built: Mapping[str, Mapping[str, Dataset]]

    @property
    def period(self) -> Period:
        return small_period(self.root, AS_OF, POLICY)

    def run(self, component: PythonComponent, **inputs: Any) -> dict[str, Any]:
        """A task of the month, as kfp calls it."""
        run = {"month": f"{AS_OF}", "config": self.period.config, "run_id": "run"}
        return call(component, run | inputs, self.root / uuid4().hex)

    def scored(self, wire: str = "first") -> Dataset:
        """The pointer to the month's scores."""
        gold = self.built[wire]["gold"]
        return self.run(score, version=self.version, rescored=False, gold=gold)["scores"]

    def json(self, key: str) -> Any:
        return json.loads(self.period.store.read(key))

    def newest(self, contract: Contract) -> Commit:
        return self.period.lake.need(contract.table, AS_OF)


def month_built_twice(root: Path) -> Lender:
    """A champion, a quality report, and gold and silver committed once and then once more."""
    period = small_period(root, AS_OF, POLICY)
    fill(period)
    version = install(period)
    recorded_champion(period, version, date(2023, 12, 1))
    save_report(period.store, quality_report(AS_OF, policy=POLICY.sha, checks=()))
    table = features(period.portfolio)
    built: dict[str, dict[str, Dataset]] = {}
    lender = Lender(root, version, built)
    for name in ROWS:
        rewrite(period, table, [AS_OF], lambda rows, name=name: rows[: ROWS[name]])
        rewrite(period, LABELS, [AS_OF], lambda rows, name=name: rows[: ROWS[name]])
        rewrite(period, QUARANTINE, [AS_OF], lambda _, name=name: set_aside(ASIDE[name]))
        gold = lender.newest(table), lender.newest(LABELS)
        built[name] = {
            "gold": pointer(root / f"{name}-gold", *gold),
            "silver": pointer(root / f"{name}-silver", lender.newest(QUARANTINE)),
        }
    return lender


def set_aside(count: int) -> pd.DataFrame:
    """Rows of the quarantine."""
    row = {"source": "form", "reason": "no customer", "snapshot_date": AS_OF, "source_file": "f"}
    return pd.DataFrame([row | {"source_row": n + 1} for n in range(count)])


def pointer(path: Path, *commits: Commit) -> Dataset:
    """An artifact that names some commits."""
    out = Dataset(uri=str(path))
    write_pointer(out, {commit.table: commit for commit in commits})
    return out
