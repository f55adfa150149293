"""Evidently's task, as kfp calls it."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from creditrisk.period import freeze
from creditrisk.stages.artifacts import write_pointer
from creditrisk.stages.monitoring.component import evidently
from tests.builders.small_lender import START, small_period, small_policy
from tests.builders.versions import at_month

AS_OF = date(2024, 3, 1)


def run(period, champion):
    """The task as kfp calls it; what it wrote, by name."""
    config = freeze(period.store, period.policy, period.portfolio)
    out = {
        name: SimpleNamespace(path=f"{period.store.uri.removeprefix('file://')}/{name}.html")
        for name in ("drift_report", "summary_report", "classification_report")
    }
    gold = SimpleNamespace(path=f"{period.store.uri.removeprefix('file://')}/gold", metadata={})
    commit = period.lake.commit("gold/features", period.as_of)
    write_pointer(gold, {"features": commit} if commit else {})
    evidently.python_func(f"{period.as_of}", config, "run", champion, gold=gold, **out)
    return out


def test_the_task_hands_the_pages_to_the_pipeline(drawn_month, monkeypatch):
    period = at_month(drawn_month[0], date(2024, 2, 1))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    for artifact in run(period, "").values():
        assert "<h1" in Path(artifact.path).read_text("utf-8")
    record = json.loads(period.store.read("runs/run/evidently.json"))
    assert record["status"] == "ok"


def test_the_task_does_nothing_where_the_policy_wants_no_pages(tmp_path, monkeypatch):
    period = small_period(tmp_path, START, small_policy("monitoring: {reports: false}"))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    run(period, "")
    assert list(period.store.keys("months/")) == []
    assert list(period.store.keys("runs/")) == []
