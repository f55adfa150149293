"""A pipeline called in this process: which tasks run, on what, and in which order."""

from collections import namedtuple
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from kfp import dsl
from kfp.dsl import Dataset, Input, Metrics, Output

from creditrisk.errors import UserError
from creditrisk.records.lease import LostLeaseError
from creditrisk.records.run import recorded
from creditrisk.stages.runtime import component
from creditrisk.storage import open_store
from pipelines.local import in_process
from pipelines.local.in_process import replay, run

CALLED: list[str] = []
NamedPair = namedtuple("NamedPair", ("name", "number"))


@component("ml")
def toy_begin(text: str) -> NamedTuple("Pair", [("name", str), ("number", int)]):
    CALLED.append(f"begin {text}")
    return NamedPair(text, 7)


@component("ml")
def toy_write(name: str, number: int, table: Output[Dataset], counts: Output[Metrics]) -> str:
    CALLED.append(f"write {name} {number}")
    Path(table.path).write_text(name)
    counts.log_metric("rows", 1.0)
    return name


@component("ml")
def toy_read(table: Input[Dataset]) -> str:
    CALLED.append(f"read {Path(table.path).read_text()}")
    return "done"


@component("ml")
def toy_fail(text: str) -> str:
    raise SystemExit(text)


@component("ml")
def toy_end() -> None:
    CALLED.append("end")


@dsl.pipeline
def toy(text: str):
    with dsl.ExitHandler(toy_end()):
        begun = toy_begin(text=text)
        written = toy_write(name=begun.outputs["name"], number=begun.outputs["number"])
        what = written.outputs["Output"]
        with dsl.If(what == "left"):
            again = toy_write(name="left", number=1)
            with dsl.If(again.outputs["Output"] != "right"):
                toy_read(table=again.outputs["table"])
        with dsl.Elif(what == "right"):
            toy_read(table=written.outputs["table"])
        with dsl.Else():
            toy_fail(text="neither")


@pytest.fixture(autouse=True)
def nothing_called():
    CALLED.clear()


def test_values_and_artifacts_go_where_the_wires_lead_and_the_exit_task_is_left_to_the_caller():
    run(toy, {"text": "right"}, ())
    assert CALLED == ["begin right", "write right 7", "read right"]


def test_a_branch_in_a_branch_reads_what_was_made_in_it():
    run(toy, {"text": "left"}, ())
    assert CALLED == ["begin left", "write left 7", "write left 1", "read left"]


def test_what_a_task_raises_ends_the_pipeline():
    with pytest.raises(SystemExit, match="neither"):
        run(toy, {"text": "middle"}, ())
    assert CALLED == ["begin middle", "write middle 7"]


def test_a_task_that_is_not_wanted_is_not_called():
    run(toy, {"text": "left"}, ("toy-read",))
    assert CALLED == ["begin left", "write left 7", "write left 1"]


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """Runs of a quarter whose months all end in an error, in order; the error is to be named."""
    store, runs = open_store(str(tmp_path)), []
    monkeypatch.setenv("CREDITRISK_STORE", store.uri)
    monkeypatch.setattr(in_process, "backfill", SimpleNamespace(python_func=lambda *_: None))
    monkeypatch.setattr(in_process, "close", runs.append)
    monkeypatch.setattr(in_process, "report", lambda _: None)

    def after(error):
        def failing(*_):
            with recorded(store, "score", "2024-01-01", "run"):
                raise error

        monkeypatch.setattr(in_process, "run", failing)
        replay(store, "data", "config", date(2024, 1, 1), date(2024, 3, 1), lambda *_: None)

    runs_after = namedtuple("RunsAfter", ("replay", "runs"))
    return runs_after(after, runs)


def test_bad_input_ends_its_month_and_not_the_range(closed):
    closed.replay(UserError("no delivery"))
    assert len(closed.runs) == 3


def test_a_lost_lease_ends_the_range(closed):
    with pytest.raises(SystemExit, match="2"):
        closed.replay(LostLeaseError("taken"))
    assert len(closed.runs) == 1
