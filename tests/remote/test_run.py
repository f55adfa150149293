"""A run by hand: what is submitted, what is told meanwhile, how it ends."""

import json

import pytest

from creditrisk.errors import UserError
from pipelines.remote import submit
from pipelines.remote.deploy import deploy
from tests.builders.http_faults import lose, refuse
from tests.builders.kfp_api import BASE

RUN = ("run", "--remote", "--as-of", "2024-09")


@pytest.fixture
def deployed(server, api, compiled):
    list(deploy(api, compiled))
    server.requests.clear()
    return server


@pytest.fixture
def told(monkeypatch):
    """The tasks whose end is told, in order."""
    log = []
    monkeypatch.setattr("creditrisk.cli.remote.task_line", log.append)
    return log


def detail(name, state, seconds=60, **more):
    times = {"start_time": "2026-01-03T06:00:00Z", "end_time": f"2026-01-03T06:{seconds // 60}:00Z"}
    return {"display_name": name, "state": state} | times | more


def details(*tasks):
    return {"run_details": {"task_details": list(tasks)}}


def sent(server):
    return next(r.body for r in server.requests if r.changes and r.path == f"{BASE}/runs")


def test_a_run_is_submitted_with_month_reason_and_deliveries(command, deployed):
    command(*RUN, "--data", "s3://landing", "--supersede", "late file", "--no-wait")
    body = sent(deployed)
    versions = [v for v in deployed.versions.values() if "monthly" in _name(deployed, v)]
    assert body["runtime_config"]["parameters"] == {
        "as_of": "2024-09-01",
        "landing": "s3://landing",
        "supersede": "late file",
    }
    assert body["pipeline_version_reference"] == {
        "pipeline_id": versions[0]["pipeline_id"],
        "pipeline_version_id": versions[0]["pipeline_version_id"],
    }
    assert body["service_account"] == "creditrisk-run"
    assert body["display_name"].startswith("2024-09 creditrisk-monthly-lifecycle ")
    assert "pipeline_spec" not in body  # a version, not a copy: caching stays as compiled


def test_without_waiting_the_page_of_the_run_is_printed(command, deployed):
    text = command(*RUN, "--no-wait").stdout
    [run] = deployed.runs
    assert text == f"{deployed.url}/#/runs/details/{run}\n"


def test_a_run_is_watched_task_by_task_until_it_ends(command, deployed, told):
    first = detail("resolve-period", "SUCCEEDED")
    deployed.progress += [
        {"state": "PENDING"},
        {"state": "RUNNING"} | details(first, detail("etl", "RUNNING"), detail("root", "RUNNING")),
        {"state": "RUNNING"} | details(first, detail("etl-driver", "SUCCEEDED")),
        {"state": "SUCCEEDED"} | details(first, detail("etl", "SUCCEEDED", 180)),
    ]
    done = command(*RUN)
    assert done.exit_code == 0
    assert done.stdout.startswith("succeeded: http")
    assert [(t.title, t.state, t.seconds) for t in told] == [
        ("Resolve the period", "SUCCEEDED", 60.0),
        ("Bronze, silver, gold", "SUCCEEDED", 180.0),
    ]


def test_a_run_s_last_task_is_told_though_the_run_s_end_is_reported_first(command, deployed, told):
    first, last = detail("resolve-period", "SUCCEEDED"), detail("close-month", "SUCCEEDED")
    deployed.progress += [
        {"state": "SUCCEEDED"} | details(first),
        {"state": "SUCCEEDED"} | details(first, detail("close-month", "RUNNING")),
        {"state": "SUCCEEDED"} | details(first, last),
    ]
    assert command(*RUN).exit_code == 0
    assert [task.title for task in told] == ["Resolve the period", "Close the month"]


def test_a_run_of_which_kubeflow_tells_nothing_is_worth_one_line(command, deployed, monkeypatch):
    lines = []
    monkeypatch.setattr(
        "creditrisk.cli.remote.progress.print", lambda line, **_: lines.append(line)
    )
    monkeypatch.setattr(submit, "SILENCE", 0.0)
    deployed.progress += [{"state": "PENDING"}] * 3 + [{"state": "SUCCEEDED"}]
    assert command(*RUN).exit_code == 0
    _, said = lines  # the first names the run
    assert said.startswith("Kubeflow has reported nothing of the run for 0 s")
    assert said.endswith("kubectl -n kubeflow get workflows,pods")


def test_a_last_task_that_is_never_reported_is_not_waited_for_without_end(command, deployed, told):
    deployed.progress += [{"state": "SUCCEEDED"} | details(detail("resolve-period", "SUCCEEDED"))]
    assert command(*RUN).exit_code == 0
    assert [task.title for task in told] == ["Resolve the period"]


def test_a_failed_run_is_exit_code_1_and_one_line_with_its_task(command, deployed):
    error = {"error": {"code": 2, "message": "OOMKilled (exit code 137)"}}
    deployed.progress += [{"state": "FAILED"} | details(detail("train", "FAILED", **error))]
    done = command(*RUN)
    assert done.exit_code == 1
    assert done.stdout.startswith("failed: http")
    assert done.stderr == (
        "creditrisk: Train a challenger: OOMKilled (exit code 137);"
        " --store s3://bucket/prefix would say why\n"
    )


def test_a_run_that_was_stopped_is_no_success(command, deployed):
    deployed.progress += [{"state": "CANCELED"}]
    done = command(*RUN)
    assert (done.exit_code, "the run was canceled" in done.stderr) == (1, True)


def test_json_tells_state_tasks_and_page(command, deployed):
    deployed.progress += [{"state": "SUCCEEDED"} | details(detail("decide", "SUCCEEDED"))]
    body = json.loads(command(*RUN, "--json").stdout)
    [run] = deployed.runs
    assert (body["run_id"], body["state"]) == (run, "SUCCEEDED")
    assert [task["title"] for task in body["tasks"]] == ["Decide"]


def test_a_server_that_is_away_for_a_moment_is_waited_for(command, deployed):
    deployed.progress += [{"state": "RUNNING"}, {"state": "SUCCEEDED"}]
    deployed.after += [_look(refuse(503)), _look(lose)]
    assert command(*RUN).exit_code == 0


def test_a_server_that_goes_away_leaves_the_run_and_says_where_it_is(command, deployed):
    deployed.progress += [{"state": "RUNNING"}] * 9
    deployed.after += [_look(refuse(401, "token expired"))]
    with pytest.raises(UserError, match=r"401 token expired; .*; the run goes on: http"):
        command(*RUN)


@pytest.mark.parametrize("fault", [lose, refuse(503)])
def test_an_answer_that_is_lost_starts_no_second_run(command, deployed, fault):
    def start(state, request):
        if request.path != f"{BASE}/runs" or not request.changes:
            state.after.insert(0, start)
            return
        fault(state, request)

    deployed.after.append(start)
    command(*RUN, "--no-wait")
    assert len(deployed.runs) == 1


def test_a_backfill_is_given_its_range(command, deployed):
    command("backfill", "--remote", "--from", "2023-01", "--to", "2024-09", "--no-wait")
    assert sent(deployed)["runtime_config"]["parameters"] == {
        "start": "2023-01-01",
        "end": "2024-09-01",
    }


def test_an_uploaded_version_may_be_named_and_one_that_is_not_there_is_refused(
    command, deployed, compiled
):
    command(*RUN, "--no-wait", "--version", compiled[0].version)
    assert len(deployed.runs) == 1
    with pytest.raises(UserError, match="has no version nope of creditrisk-monthly-lifecycle"):
        command(*RUN, "--no-wait", "--version", "nope")


def test_a_version_that_lacks_a_parameter_is_not_run(command, deployed):
    for version in deployed.versions.values():
        declared = version["pipeline_spec"]["pipeline_spec"]["root"]["inputDefinitions"]
        declared["parameters"].pop("supersede", None)
    with pytest.raises(UserError, match="takes no supersede; run creditrisk deploy"):
        command(*RUN, "--supersede", "why")
    assert not deployed.runs


def test_nothing_deployed_says_so(command, server):
    with pytest.raises(UserError, match="no pipeline creditrisk-monthly-lifecycle; run credit"):
        command(*RUN)


@pytest.mark.parametrize("word", ["--policy", "--portfolio"])
def test_a_policy_of_this_machine_needs_the_store_of_the_pods(command, deployed, tmp_path, word):
    file = tmp_path / "mine.yaml"
    file.write_text("{}")
    with pytest.raises(UserError, match="give it as --store s3://"):
        command(*RUN, word, file)
    assert not deployed.runs


@pytest.mark.parametrize(
    "words", [("run", "--as-of", "2024-09"), ("backfill", "--from", "2024-01", "--to", "2024-02")]
)
def test_without_a_cluster_the_deliveries_must_be_named(words):
    from tests.remote.conftest import creditrisk

    with pytest.raises(UserError, match="--data is missing"):
        creditrisk(*words)


def _look(fault):
    """A fault at the next look at a run."""

    def waiting(server, request):
        if request.changes or not request.path.startswith(f"{BASE}/runs/"):
            server.after.insert(0, waiting)
            return
        fault(server, request)

    return waiting


def _name(server, version):
    return server.pipelines[version["pipeline_id"]]["display_name"]
