"""`creditrisk run` is stopped while Spark works; `make bench-stops` does so at fifty moments."""

import signal
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest

from creditrisk.records.lease import holder, read_lease
from creditrisk.storage import open_store
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario
from tests.builders.commands import ended, marked, start
from tests.needs import need


@pytest.fixture(scope="module")
def landing(tmp_path_factory) -> Path:
    """One delivered month."""
    need("Java")
    root = tmp_path_factory.mktemp("landing")
    deliver(demo_scenario(), date(2024, 1, 1), 1, 1, root)
    return root


def java(mark: str) -> list[int]:
    """Spark's JVM of a marked command, where it is there."""
    found = []
    for pid in marked(mark):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended since
            if Path(f"/proc/{pid}/comm").read_text() == "java\n":
                found.append(pid)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_takes_its_task_and_its_jvm_with_it(number, landing, tmp_path):
    store, mark = open_store((tmp_path / "store").as_uri()), f"stopped-{tmp_path}"
    place = ["--data", str(landing), "--store", store.uri]
    run = start("run", "--as-of", "2024-01-01", *place, cwd=tmp_path, CREDITRISK_MARK=mark)
    while not java(mark):
        assert run.poll() is None, run.communicate()
        sleep(0.05)
    held = holder(store)

    began = monotonic()
    run.send_signal(number)
    code, text = ended(run)
    while marked(mark):
        assert monotonic() - began < 20, "a process goes on"
        sleep(0.02)

    assert held.startswith("local-")
    if number == signal.SIGKILL:
        assert read_lease(store).silence == 60
        return
    assert code == 128 + number
    assert f"stopped by {number.name} in etl: run {held} and all its processes are ended" in text
    assert holder(store) == ""


def test_a_backfill_that_is_stopped_does_not_wait_for_spark(landing, tmp_path):
    store, mark = open_store((tmp_path / "store").as_uri()), f"stopped-{tmp_path}"
    place = ["--data", str(landing), "--store", store.uri]
    months = ["--from", "2024-01", "--to", "2024-01"]
    run = start("backfill", *months, *place, cwd=tmp_path, CREDITRISK_MARK=mark)
    while not list(store.keys("lake/silver/")):  # Spark is at work
        assert run.poll() is None, run.communicate()
        sleep(0.05)

    run.send_signal(signal.SIGINT)
    code, text = ended(run)

    assert code == 130
    line = "creditrisk: stopped by SIGINT: run backfill-2024-01-01"
    assert [one.startswith(line) for one in text.splitlines()] == [True], text
    assert not marked(mark)
    assert not list(store.keys("lake/silver/loans/manifests/"))
    assert holder(store) == ""
