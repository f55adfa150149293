"""What a lineage server is told of a month's run, and what happens where it does not listen."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from creditrisk.governance.open_lineage import send_events
from creditrisk.period import Period
from creditrisk.records.month import read_month_run
from creditrisk.records.run import recorded
from creditrisk.stages.closing.close import close
from creditrisk.stages.decision.resolve import resolve
from tests.builders.documents import record
from tests.builders.old_store import NEWEST, unpacked
from tests.builders.small_lender import small_period, small_policy, small_portfolio

TASKS = ["resolve_period", "etl", "score", "monitor", "decide"]


@contextmanager
def listening(status=200):
    """A lineage server on loopback: its address and the events it was sent."""
    events = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            events.append(
                (self.path, json.loads(self.rfile.read(int(self.headers["content-length"]))))
            )
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", events
    finally:
        server.shutdown()


@pytest.fixture(scope="module")
def populated(tmp_path_factory):
    """The newest month of a store that a release ran."""
    store = unpacked(tmp_path_factory.mktemp("stored"))
    return Period(NEWEST, small_policy(), small_portfolio(), store, "run")


@pytest.fixture(scope="module")
def sent(populated):
    """The events of that month."""
    with pytest.MonkeyPatch.context() as patch, listening() as (url, events):
        patch.setenv("OPENLINEAGE_URL", url)
        run = read_month_run(populated.store, NEWEST)
        assert send_events(populated, run) == ""
        assert {path for path, _ in events} == {"/api/v1/lineage"}
        return [event for _, event in events]


def asked_once(monkeypatch):
    """The client's own retries take nine seconds."""
    from openlineage.client.transport import http

    monkeypatch.setitem(http.DEFAULT_RETRY_CONFIG, "total", 0)


def of(events, task):
    return [e for e in events if e["job"]["name"] == f"monthly_lifecycle.{task}"]


def names(datasets):
    return {dataset["name"].rpartition("/store/")[2] for dataset in datasets}


def test_the_run_and_each_task_start_and_complete(sent, populated):
    tasks = [task.task for task in read_month_run(populated.store, NEWEST).tasks]
    kinds = [(e["job"]["name"], e["eventType"]) for e in sent]
    within = [(f"monthly_lifecycle.{t}", kind) for t in tasks for kind in ("START", "COMPLETE")]
    assert kinds == [("monthly_lifecycle", "START"), *within, ("monthly_lifecycle", "COMPLETE")]
    assert {e["job"]["namespace"] for e in sent} == {"small-lender"}


def test_a_task_is_a_run_below_the_month_s(sent):
    whole = sent[0]["run"]["runId"]
    for event in of(sent, "score"):
        assert event["run"]["facets"]["parent"]["run"]["runId"] == whole
        assert event["run"]["facets"]["parent"]["job"]["name"] == "monthly_lifecycle"
    assert len({e["run"]["runId"] for e in of(sent, "score")}) == 1


def test_the_times_are_those_of_the_records(sent, populated):
    record = next(t for t in read_month_run(populated.store, NEWEST).tasks if t.task == "etl")
    start, end = of(sent, "etl")
    assert start["eventTime"] == record.started
    assert end["eventTime"] > start["eventTime"]


def test_what_was_read_and_written_is_what_the_manifests_say(sent):
    etl, score, monitor, decide = (of(sent, task)[1] for task in TASKS[1:])
    assert {"application_form/2023-12-01.csv.gz"} <= names(etl["inputs"])
    assert {"lake/bronze/form", "lake/silver/form", "lake/gold/features"} <= names(etl["outputs"])
    assert names(score["outputs"]) == {"lake/scores/applications"}
    assert "lake/gold/features" in names(score["inputs"])
    assert any(
        name.startswith("registry/versions/2023-09-initial") for name in names(score["inputs"])
    )
    assert names(monitor["outputs"]) == {"lake/monitoring/findings"}
    assert "lake/monitoring/findings" in names(decide["inputs"])
    assert names(decide["outputs"]) == {"decisions/2023-12-01"}


def test_a_table_that_was_written_has_its_version_and_its_size(sent, populated):
    [scores] = of(sent, "score")[1]["outputs"]
    commit = populated.lake.need("scores/applications", NEWEST)
    assert scores["namespace"] == "file"
    assert scores["facets"]["version"]["datasetVersion"] == f"2023-12-01 v{commit.version}"
    counted = scores["outputFacets"]["outputStatistics"]
    assert (counted["rowCount"], counted["fileCount"]) == (commit.rows, len(commit.files))


def test_sent_again_they_are_the_same_runs(sent, populated, monkeypatch):
    with listening() as (url, events):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        send_events(populated, read_month_run(populated.store, NEWEST))
    assert [e["run"]["runId"] for _, e in events] == [e["run"]["runId"] for e in sent]


def test_a_task_that_failed_is_told_with_its_error(populated, monkeypatch):
    run = read_month_run(populated.store, NEWEST)
    failed = record("etl", "blocked", "form: income empty in 58 of 1000 rows")
    with listening() as (url, events):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        send_events(populated, run.replace(tasks=(failed,), status="blocked"))
    ends = [e for _, e in events if e["eventType"] == "FAIL"]
    assert [e["job"]["name"] for e in ends] == ["monthly_lifecycle.etl", "monthly_lifecycle"]
    assert ends[0]["run"]["facets"]["errorMessage"]["message"].startswith("form: income empty")


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_refuses_is_one_line_and_asked_no_more(populated, monkeypatch, status):
    with listening(status) as (url, events):
        monkeypatch.setenv("OPENLINEAGE_URL", url)
        asked_once(monkeypatch)
        sent = send_events(populated, read_month_run(populated.store, NEWEST))
    assert f"{status}" in sent and "\n" not in sent
    assert len({e["run"]["runId"] for _, e in events}) == 1


def test_a_month_ends_well_where_nobody_listens(tmp_path, monkeypatch, capfd):
    period = small_period(tmp_path, NEWEST)
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:9")
    asked_once(monkeypatch)
    resolve("2023-12", "", period.config, "run", lease=False)
    with recorded(period.store, "etl", "2023-12-01", "run"):
        pass
    close("run")
    assert read_month_run(period.store, period.as_of).status == "ok"
    lines = [line for line in capfd.readouterr().err.splitlines() if "OpenLineage" in line]
    assert len(lines) == 1
    assert lines[0].startswith("close_month: OpenLineage events were not sent (ConnectionError")


def test_without_an_address_nothing_is_imported(populated):
    code = (
        "import sys\nfrom creditrisk.governance.open_lineage import send_events\n"
        "assert send_events(None, None) == ''\n"
        "assert not [name for name in sys.modules if name.startswith('openlineage')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
