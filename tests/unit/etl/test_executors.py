"""What keeps an executor's pod away, told from what Kubernetes says of it."""

import pytest

from creditrisk.stages.etl.executors import obstacle

NODE = {"type": "PodScheduled", "status": "True"}
FULL = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/1 nodes are available: 1 Insufficient cpu.",
}


def pod(*conditions, phase="Pending", **status):
    return {"status": {"phase": phase, "conditions": list(conditions), **status}}


def container(**state):
    return [{"name": "executor", "state": state}]


def waiting(reason, message=""):
    return container(waiting={"reason": reason, "message": message})


def test_pods_without_a_node_are_named_with_the_scheduler_s_reason_once():
    text = "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu."
    assert obstacle([pod(FULL), pod(FULL)]) == text


def test_no_pod_at_all_was_refused_by_the_api_server():
    assert "a quota, a policy, a right" in obstacle([])


@pytest.mark.parametrize(
    "status",
    [
        pod(NODE),
        pod(NODE, containerStatuses=waiting("ContainerCreating")),
        pod(NODE, phase="Running", containerStatuses=container(running={"startedAt": "now"})),
    ],
)
def test_a_pod_with_a_node_is_on_its_way_whatever_the_others(status):
    assert obstacle([status, pod(FULL)]) == ""


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (pod(NODE, containerStatuses=waiting("ErrImagePull", "no such tag")), "ErrImagePull: no"),
        (
            pod(NODE, containerStatuses=waiting("CreateContainerConfigError", 'secret "s"')),
            'CreateContainerConfigError: secret "s"',
        ),
        (
            pod(NODE, phase="Failed", containerStatuses=container(terminated={"reason": "Error"})),
            "Error: no message",
        ),
        (pod(NODE, phase="Failed", reason="Evicted", message="disk"), "Evicted: disk"),
        (pod(), "no scheduler"),
    ],
)
def test_a_pod_that_cannot_start_says_why(status, text):
    assert obstacle([status]).startswith(text)
