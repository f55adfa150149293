"""The recurring run when something comes between: a kill, a rival, a lost answer, a refusal."""

from dataclasses import replace

import pytest

from creditrisk.errors import UserError
from pipelines.installation import named
from pipelines.remote.api import Api
from pipelines.remote.deploy import find_version
from pipelines.remote.packages import MONTHLY
from pipelines.remote.recurring import schedules
from pipelines.remote.schedule import Declared, apply
from tests.builders.http_faults import lose, only, refuse
from tests.builders.kfp_api import CRON


class Killed(BaseException):
    """What no code of ours catches, as nothing runs after a kill."""


@pytest.fixture
def declared(deployed, api):
    return Declared(find_version(api, named(MONTHLY)), CRON, False, {}, "creditrisk-run")


def enforce(api, declared, **options):
    return apply(api, declared, **({"paused": False, "renew": False, "say": print} | options))


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
    with pytest.raises(UserError, match="lacks a right in namespace kubeflow"):
        enforce(api, replace(declared, catch_up=True))
    assert len(deployed.active()) == 1


def test_a_schedule_that_is_there_keeps_its_state_where_the_declaration_says_so(
    deployed, api, declared
):
    printed = []
    kept = {"keep_state": True, "say": printed.append}
    assert not enforce(api, declared, paused=True, **kept).active  # the first one is as declared
    enforce(api, declared)
    assert enforce(api, declared, paused=True, **kept).active
    newer = replace(declared, catch_up=True)  # as a new release does
    assert enforce(api, newer, paused=True, **kept).active
    assert printed.count(f"{declared.name} was active and stays so") == 2
    assert len(deployed.active()) == len(deployed.recurring) == deployed.most_active == 1
    enforce(api, newer, paused=True)
    assert not enforce(api, newer, **kept).active
    assert f"{newer.name} was paused and stays so" in printed


def test_a_declaration_that_pauses_says_so(deployed, api, declared):
    enforce(api, declared)
    printed = []
    enforce(api, declared, paused=True, say=printed.append)
    assert any("was active and is paused now, as declared" in line for line in printed)


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
