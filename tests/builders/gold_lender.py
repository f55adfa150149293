"""A lender written by hand: what the stages before the decision leave in a store."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa

from creditrisk.calendar_month import add_months
from creditrisk.contracts import FINDINGS, LABELS, SCORES, features
from creditrisk.period import Period
from creditrisk.records.quality import save_report
from creditrisk.records.validation import validation_key
from creditrisk.stages.decision.decide import decide
from tests.builders.documents import made_champion
from tests.builders.evidence import card, gate, quality_report, validation
from tests.builders.small_lender import small_period, small_policy

NOW = date(2025, 1, 1)
CHAMPION = "2024-02-initial-aaaaaaaa"
AT = "2025-01-02T00:00:00+00:00"
AXES = ("discrimination", "stability", "calibration")
LETTERS = {"g": "green", "a": "amber", "r": "red", "c": "critical", "i": "insufficient"}


class Lender:
    """A store, month by month."""

    def __init__(self, root: Path, policy: str = "") -> None:
        self.root, self.policy = root, small_policy(policy)
        self.store = self.period(NOW).store

    def period(self, month: date, run: str = "run") -> Period:
        return small_period(self.root, month, self.policy, run)

    def put(self, key: str, content: object) -> None:
        self.store.write(key, json.dumps(content).encode())

    def set_champion(self, version: str = CHAMPION, since: date = date(2024, 2, 1)) -> None:
        made_champion(self.store, version, since)

    def judged(self, version: str, verdict: str, width: int = 1, opened: bool = True) -> None:
        windows, gates = [["2024-01-01"] * width] * 3, (gate("champion"),) if opened else ()
        found = validation(version, verdict=verdict, cohorts=windows, gates=gates)
        self.store.write(validation_key(version), found.encode())

    def refitted(self, version: str, parent: str) -> None:
        made = card(kind="refit", parent=parent).encode()
        self.store.write(f"registry/versions/{version}/card.json", made)

    def quality(self, month: date = NOW, failure: str = "", outages: tuple = ()) -> None:
        save_report(self.store, quality_report(month, failure, outages))

    def measured(self, states: str, month: date = NOW, version: str = CHAMPION, **values) -> None:
        """Axes as `rgg` and metrics with their values; gold and quality beside them."""
        newest = add_months(month, -3)
        spans = (f"{newest:%Y-%m}..{newest:%Y-%m}", f"{month:%Y-%m}", f"{newest:%Y-%m}")
        rows = (
            [
                self.row(month, version, f"axis:{axis}", axis, span, LETTERS[state], f"{axis} text")
                for axis, span, state in zip(AXES, spans, states, strict=True)
            ]
            if version
            else []
        )
        for metric, value in values.items():
            rows.append(self.row(month, version, metric, "portfolio", "", "none", "", value))
        self.write(FINDINGS, month, rows)
        self.write(features(self.period(month).portfolio), month, [])
        self.write(LABELS, month, _enough_bads(month) if version else [])
        self.quality(month)

    def row(self, month, version, metric, axis, cohort, state, text, value=0.5) -> dict:
        place = {"metric": metric, "axis": axis, "cohort": cohort, "segment": "all"}
        return place | {
            "model_version": version, "value": value, "state": state, "text": text,
            "snapshot_date": month,
        }  # fmt: skip

    def write(self, contract, month: date, rows: list[dict]) -> None:
        some = {"string": "x", "boolean": False}
        columns = (c for c in contract.columns if c.name in contract.required)
        required = {c.name: some.get(c.type) for c in columns}
        blank = dict.fromkeys(contract.names) | required
        table = pa.Table.from_pylist([blank | row for row in rows], schema=contract.arrow)
        self.period(month).lake.write(contract, month, table, inputs={"test": "1"}, code="t")

    def scored(self, version: str, month: date = NOW) -> None:
        row = {"application_id": "A", "model_version": version, "snapshot_date": month}
        self.write(SCORES, month, [row])

    def matured(self, cohorts: int, bad: int | None = 1, loans: int = 30) -> None:
        """Loans of each cohort at the policy's mob, and early outcomes that must not count."""
        month = NOW
        for n in range(cohorts + 2):
            cohort = add_months(month, -3 - n)
            known = {"cohort": cohort, "mob": 3, "bad": bad if n < cohorts else None}
            early = {"cohort": add_months(cohort, 2), "mob": 1, "bad": 0}
            rows = [
                {
                    "loan_id": f"{cohort}{r['mob']}{i}",
                    "customer_id": f"{cohort}-{i}",
                    "snapshot_date": add_months(month, -n),
                    **r,
                }
                for r in (known, early)
                for i in range(loans)
            ]
            self.write(LABELS, add_months(month, -n), rows)

    def decide(self, month: date = NOW, version: str = CHAMPION, supersede: str = "", run="run"):
        return decide(self.period(month, run), version, supersede, AT)

    def trail(self) -> list:
        return list(self.period(NOW).trail.records())


def _enough_bads(month: date) -> list[dict]:
    """Outcomes known in a month by which a challenger can be trained and judged."""
    return [
        {"loan_id": f"{cohort}-{i}", "customer_id": f"{cohort}-{i}", "cohort": cohort, "mob": 3,
         "bad": 1, "snapshot_date": month}
        for cohort in (add_months(month, -3 - n) for n in range(9))
        for i in range(30)
    ]  # fmt: skip


def with_champion(root: Path) -> Lender:
    """One with a champion."""
    made = Lender(root)
    made.set_champion()
    return made
