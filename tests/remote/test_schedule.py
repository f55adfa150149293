"""The recurring run: what is sent, that there are never two, and what a crash leaves."""

import json
from dataclasses import replace

import pytest

from creditrisk.errors import UserError
from pipelines.installation import named
from pipelines.remote.api import Api
from pipelines.remote.packages import MONTHLY
from pipelines.remote.recurring import schedules
from pipelines.remote.schedule import Declared, apply
from pipelines.remote.upload import deploy, find_version
from tests.builders.http_faults import lose, only, refuse
from tests.builders.kfp_api import BASE

CRON = "0 0 6 3 * *"
CREATE, ENABLE, DISABLE, DELETE = (
    "POST /recurringruns",
    "POST /recurringruns/*:enable",
    "POST /recurringruns/*:disable",
    "DELETE /recurringruns/*",
)


class Killed(BaseException):
    """What no code of ours catches, as nothing runs after a kill."""


@pytest.fixture
def deployed(server, api, compiled):
    """The server, with the monthly pipeline uploaded."""
    list(deploy(api, compiled[:1]))
    server.requests.clear()
    return server


@pytest.fixture
def declared(deployed, api):
    return Declared(find_version(api, named(MONTHLY)), CRON, False, {}, "creditrisk-run")


@pytest.fixture
def schedule(command, deployed, package_dir):
    def run(*words):
        return command(
            "schedule", "apply", "--cron", CRON, *words, "--package-dir", package_dir
        ).output

    return run


def enforce(api, declared, **options):
    return apply(api, declared, **({"paused": False, "renew": False, "say": print} | options))


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


def test_a_schedule_on_the_second_page_is_retired_too(deployed, api, declared):
    deployed.page = 1
    enforce(api, declared)
    (made,) = deployed.recurring.values()
    for number in range(3):
        older = {
            "recurring_run_id": f"older-{number}",
            "display_name": f"{declared.name[:-1]}{number}",
        }
        deployed.recurring[f"older-{number}"] = made | older
    enforce(api, declared)
    assert len(schedules(api)) == len(deployed.active()) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("step", range(4), ids=["create", "disable", "delete", "enable"])
def test_a_kill_leaves_at_most_one_active_and_the_next_apply_repairs(
    deployed, api, declared, monkeypatch, step, after
):
    enforce(api, declared)
    deployed.most_active = 0
    new = replace(declared, cron="0 0 6 4 * *")
    with monkeypatch.context() as dying:
        dying.setattr(*_kill_at(api, step, after))
        with pytest.raises(Killed):
            enforce(api, new)
    assert len(deployed.active()) <= 1
    done = enforce(api, new)
    assert (done.cron, done.active) == ("0 0 6 4 * *", True)
    assert len(deployed.recurring) == len(deployed.active()) == deployed.most_active == 1


@pytest.mark.parametrize("step", range(4), ids=["create", "disable", "delete", "enable"])
def test_two_that_apply_at_once_never_leave_two_active(deployed, api, declared, step):
    enforce(api, declared)
    deployed.most_active = 0
    ours, rivals = replace(declared, cron="0 0 6 4 * *"), replace(declared, cron="0 0 6 5 * *")

    def rival(state, request):
        enforce(Api.at(state.url, ""), rivals)

    wanted = ("POST .*recurringruns$", ":disable", "DELETE", ":enable")[step]
    deployed.before.append(only(wanted, rival))
    try:
        enforce(api, ours)
    except UserError as error:
        assert "schedule" in str(error)
    assert deployed.most_active <= 1
    enforce(api, ours)
    assert [run["trigger"]["cron_schedule"]["cron"] for run in deployed.active()] == [ours.cron]


@pytest.mark.parametrize("wanted", ["recurringruns$", ":disable", "DELETE", ":enable"])
def test_a_lost_answer_or_a_busy_server_leaves_exactly_one(deployed, api, declared, wanted):
    enforce(api, declared)
    deployed.before += [only(f"(POST|DELETE).*{wanted}|{wanted}.*", refuse(503))]
    deployed.after += [lambda state, request: lose(state, request) if request.changes else None] * 9
    enforce(api, replace(declared, catch_up=True))
    assert len(deployed.recurring) == len(deployed.active()) == deployed.most_active == 1


def test_what_another_deleted_meanwhile_is_retired(deployed, api, declared):
    enforce(api, declared)

    def quicker(state, request):
        state.recurring.pop(next(iter(state.recurring)))

    deployed.before.append(only(":disable", quicker))
    enforce(api, replace(declared, catch_up=True))
    assert len(deployed.recurring) == len(deployed.active()) == 1


def test_a_right_that_lacks_is_said_and_the_old_schedule_stays(deployed, api, declared):
    enforce(api, declared)
    deployed.before.append(only("POST .*recurringruns$", refuse(403)))
    with pytest.raises(UserError, match="needs the right to in namespace kubeflow"):
        enforce(api, replace(declared, catch_up=True))
    assert len(deployed.active()) == 1


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


def test_a_schedule_that_is_there_keeps_its_state_where_the_declaration_says_so(
    deployed, api, declared
):
    said = []
    kept = {"keep_state": True, "say": said.append}
    assert not enforce(api, declared, paused=True, **kept).active  # the first one is as declared
    enforce(api, declared)
    assert enforce(api, declared, paused=True, **kept).active
    newer = replace(declared, catch_up=True)  # as a new release does
    assert enforce(api, newer, paused=True, **kept).active
    assert said.count(f"{declared.name} was active and stays so") == 2
    assert len(deployed.active()) == len(deployed.recurring) == deployed.most_active == 1
    enforce(api, newer, paused=True)
    assert not enforce(api, newer, **kept).active
    assert f"{newer.name} was paused and stays so" in said


def test_a_declaration_that_pauses_says_so(deployed, api, declared):
    enforce(api, declared)
    said = []
    enforce(api, declared, paused=True, say=said.append)
    assert any("was active and is paused now, as declared" in line for line in said)


def _kill_at(api, step, after):
    """A door to the network whose owner is killed at one of the changes it sends."""
    rest = api.client._run_api.api_client.rest_client
    sent = []

    def door(method, url, **named):
        if method == "GET" or "experiments" in url:
            return request(method, url, **named)
        sent.append(url)
        if len(sent) == step + 1 and not after:
            raise Killed
        answer = request(method, url, **named)
        if len(sent) == step + 1:
            raise Killed
        return answer

    request = rest.request
    return rest, "request", door
