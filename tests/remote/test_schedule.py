"""`creditrisk schedule`: what is sent, that there are never two, and what a person is told."""

import json

import pytest

from creditrisk.errors import UserError
from tests.builders.kfp_api import BASE, CRON

CREATE, ENABLE, DISABLE, DELETE = (
    "POST /recurringruns",
    "POST /recurringruns/*:enable",
    "POST /recurringruns/*:disable",
    "DELETE /recurringruns/*",
)


@pytest.fixture
def schedule(command, deployed, package_dir):
    def run(*words):
        return command(
            "schedule", "apply", "--cron", CRON, *words, "--package-dir", package_dir
        ).output

    return run


def test_the_first_schedule_is_created_disabled_and_then_enabled(schedule, deployed):
    schedule("--no-catchup")
    assert deployed.changes() == ["POST /experiments", CREATE, ENABLE]
    [one] = deployed.active()
    [pipeline], [version] = deployed.pipelines, deployed.versions
    sent = next(r.body for r in deployed.requests if r.path == f"{BASE}/recurringruns" and r.body)
    assert sent == {
        "display_name": one["display_name"],
        "description": f"version {deployed.versions[version]['display_name']};"
        " creditrisk schedule apply made it",
        "experiment_id": next(iter(deployed.experiments)),
        "pipeline_version_reference": {"pipeline_id": pipeline, "pipeline_version_id": version},
        "runtime_config": {"parameters": {}},  # no as_of: the month is the schedule's own
        "trigger": {"cron_schedule": {"cron": CRON}},
        "max_concurrency": 1,
        "mode": "DISABLE",
        "no_catchup": True,
        "service_account": "creditrisk-run",
    }


def test_catch_up_must_be_chosen(schedule, deployed):
    with pytest.raises(UserError, match="--catchup runs each of them, --no-catchup the newest"):
        schedule()
    assert deployed.changes() == []


def test_catch_up_where_deliveries_are_and_who_runs_are_sent(schedule, deployed, monkeypatch):
    monkeypatch.setenv("CREDITRISK_SERVICE_ACCOUNT", "risk-runner")
    schedule("--catchup", "--data", "s3://landing/loans")
    [one] = deployed.active()
    assert "no_catchup" not in one
    assert one["runtime_config"]["parameters"] == {"landing": "s3://landing/loans"}
    assert one["service_account"] == "risk-runner"


def test_the_same_declaration_changes_nothing(schedule, deployed):
    schedule("--no-catchup")
    deployed.requests.clear()
    schedule("--no-catchup")
    assert deployed.changes() == []


def test_another_declaration_replaces_the_old_one_before_it_starts(schedule, deployed):
    schedule("--no-catchup")
    deployed.requests.clear()
    found = schedule("--catchup")
    assert deployed.changes() == [CREATE, DISABLE, DELETE, ENABLE]
    assert "disabled, deleted" in found
    assert len(deployed.recurring) == len(deployed.active()) == deployed.most_active == 1


def test_renew_makes_the_same_schedule_anew(schedule, deployed):
    schedule("--no-catchup")
    [old] = deployed.recurring
    schedule("--no-catchup", "--renew")
    assert old not in deployed.recurring
    assert len(deployed.active()) == deployed.most_active == 1


def test_paused_leaves_none_active_and_a_later_apply_starts_it(schedule, deployed):
    schedule("--no-catchup")
    schedule("--no-catchup", "--paused")
    assert (len(deployed.recurring), deployed.active()) == (1, [])
    schedule("--no-catchup")
    assert len(deployed.active()) == 1


@pytest.mark.parametrize("as_file", [True, False])
def test_a_schedule_made_by_hand_is_disabled_and_not_deleted(schedule, deployed, as_file):
    schedule("--no-catchup")
    [ours] = deployed.recurring.values()
    name = ours["display_name"]
    ours["display_name"] = "by hand"
    if as_file:
        del ours["pipeline_version_reference"]
        ours["pipeline_spec"] = {"pipeline_spec": {"pipelineInfo": {"name": "monthly-lifecycle"}}}
    found = schedule("--no-catchup")
    assert "by hand disabled; it is not ours to delete" in found
    assert [run["display_name"] for run in deployed.active()] == [name]
    assert len(deployed.recurring) == 2


def test_schedules_of_other_pipelines_are_nobodys_business(schedule, deployed):
    schedule("--no-catchup")
    [ours] = deployed.recurring.values()
    reference = {"pipeline_id": "other", "pipeline_version_id": "other"}
    other = ours | {"recurring_run_id": "id-x-1", "display_name": "nightly"}
    deployed.recurring["id-x-1"] = other | {"pipeline_version_reference": reference}
    schedule("--catchup")
    assert deployed.recurring["id-x-1"]["status"] == "ENABLED"


def test_a_version_that_is_not_uploaded_is_not_scheduled(command, package_dir):
    words = ("schedule", "apply", "--cron", CRON, "--catchup", "--package-dir", package_dir)
    with pytest.raises(UserError, match=r"has no pipeline .*; run creditrisk deploy"):
        command(*words)


def test_list_shows_state_and_what_is_wrong(schedule, command, deployed):
    schedule("--no-catchup", "--data", "s3://landing")
    [one] = deployed.recurring.values()
    found = command("schedule", "list").output
    assert all(text in found for text in (one["display_name"], "active", CRON, "the newest"))
    one["trigger"] = {"cron_schedule": {"cron": "0 6 3 * *"}}
    assert "its cron '0 6 3 * *' has not six fields" in command("schedule", "list").output
    [message] = json.loads(command("schedule", "list", "--json").stdout)
    assert (message["cron"], message["active"], message["catch_up"]) == ("0 6 3 * *", True, False)
    assert message["parameters"] == {"landing": "s3://landing"}


def test_pause_and_resume_say_what_becomes_of_missed_months(schedule, command, deployed):
    schedule("--catchup")
    assert "paused" in command("schedule", "pause").output
    assert deployed.active() == []
    assert "no schedule is active" in command("schedule", "pause").output
    assert "each missed month runs now, in order" in command("schedule", "resume").output
    assert len(deployed.active()) == 1
    schedule("--no-catchup")
    assert "of missed months the newest runs now" in command("schedule", "resume").output


def test_remove_leaves_none_of_ours_and_what_is_not_ours_as_it_was(schedule, command, deployed):
    schedule("--no-catchup")
    [ours] = deployed.recurring.values()
    deployed.recurring["id-x-1"] = ours | {"recurring_run_id": "id-x-1", "display_name": "by hand"}
    assert "disabled, deleted" in command("schedule", "remove").output
    assert [run["display_name"] for run in deployed.active()] == ["by hand"]
    assert "there is no schedule of ours" in command("schedule", "remove").output
    assert len(deployed.recurring) == 1


def test_resume_refuses_where_there_are_none_or_two_or_a_wrong_one(schedule, command, deployed):
    with pytest.raises(UserError, match="has no schedules of creditrisk-monthly-lifecycle"):
        command("schedule", "resume")
    schedule("--no-catchup", "--paused")
    [one] = deployed.recurring.values()
    one["runtime_config"]["parameters"]["as_of"] = "2024-09-01"
    with pytest.raises(UserError, match="it runs 2024-09-01 every time"):
        command("schedule", "resume")
    deployed.recurring["id-x-1"] = one | {"recurring_run_id": "id-x-1"}
    with pytest.raises(UserError, match=r"has 2 schedules .* that schedule apply made"):
        command("schedule", "resume")
    assert deployed.active() == []


def test_resume_works_beside_a_paused_one_of_somebody_else_and_says_so(schedule, command, deployed):
    schedule("--no-catchup", "--paused")
    [ours] = deployed.recurring.values()
    other = ours | {"recurring_run_id": "id-x-1", "display_name": "by hand"}
    deployed.recurring["id-x-1"] = other
    assert "by hand is not ours and stays paused" in command("schedule", "resume").output
    assert [run["display_name"] for run in deployed.active()] == [ours["display_name"]]


def test_resume_names_what_would_run_the_same_months(schedule, command, deployed):
    schedule("--no-catchup", "--paused")
    [ours] = deployed.recurring.values()
    by_hand = {"recurring_run_id": "id-x-1", "display_name": "by hand", "status": "ENABLED"}
    deployed.recurring["id-x-1"] = ours | by_hand
    with pytest.raises(UserError, match="by hand runs the same months and is active"):
        command("schedule", "resume")
    assert [run["display_name"] for run in deployed.active()] == ["by hand"]
