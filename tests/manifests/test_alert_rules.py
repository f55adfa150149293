"""The chart's alerting rules, evaluated on the `/metrics` of stores in trouble."""

import json
import operator
import re
from datetime import UTC, datetime, timedelta
from math import prod

import pytest
from prometheus_client.parser import text_string_to_metric_families

from creditrisk.policy.governance import Alerts
from creditrisk.records.decision import newest_decision
from creditrisk.reports.dashboard.metrics import exposition
from creditrisk.reports.dashboard.reader import Reader
from tests.builders.alert_months import AT, MARCH, closed_month, waits
from tests.builders.documents import record
from tests.builders.small_lender import small_period
from tools.helm import MANIFESTS
from tools.manifest_objects import load

NOW = datetime.combine(MARCH, datetime.min.time(), UTC) + timedelta(days=5)
_SELECTED = r"""(time\(\) - )?(\w+)(?:{(\w+)(=~?)"([^"]*)"})? ([=>]{1,2}) (.+)"""
_COMPARED = {"==": operator.eq, ">": operator.gt}
# event of the policy -> how the month was closed, and the rules that fire
EVENTS = {
    "watch": ({"decision": "watch"}, {"ModelDecision"}),
    "recalibrate": ({"decision": "recalibrate"}, {"ModelDecision"}),
    "retrain": ({"decision": "retrain"}, {"ModelDecision"}),
    "contain": ({"decision": "contain"}, {"ScoresHeld"}),
    "escalate": ({"decision": "escalate"}, {"ModelEscalated"}),
    "blocked": ({"decision": "blocked", "status": "blocked"}, {"MonthNotDecided"}),
    "failed": ({"decision": "retrain", "status": "failed"}, {"ModelDecision", "RunFailed"}),
    "pending": ({}, {"ApprovalAsked", "ApprovalWaits"}),
    "insufficient": (
        {"decision": "watch", "triggers": ["insufficient_evidence"]},
        {"ModelDecision", "ModelUnobserved"},
    ),
}


OWN = 'namespace="kubeflow",service="creditrisk-dashboard"'  # as Prometheus' operator labels it


@pytest.fixture(scope="module")
def written(rendered):
    """Each rule's expression, by the name of its alert."""
    objects = load(rendered(f"--values={MANIFESTS}/examples/external-s3.yaml"))
    [found] = [one for one in objects if one["kind"] == "PrometheusRule"]
    return {
        rule["alert"].removeprefix("Creditrisk"): rule["expr"]
        for rule in found["spec"]["groups"][0]["rules"]
    }


@pytest.fixture(scope="module")
def rules(written):
    """The same where there is one release: what a dashboard says of itself has no such labels."""
    return {name: re.sub(rf"{OWN},?", "", expr).replace("{}", "") for name, expr in written.items()}


def test_a_rule_asks_of_its_own_release_s_dashboard_alone(written):
    for name, expr in written.items():
        outside = re.sub(r"{[^}]*}", "{}", expr)
        assert len(re.findall("creditrisk_", outside)) == expr.count(OWN) > 0, name


@pytest.fixture
def period(tmp_path):
    return small_period(tmp_path, MARCH)


def firing(rules, uri, now=NOW):
    """The alerts that the store's metrics fire."""
    text = exposition(Reader(uri).read().seen(now.isoformat())).decode()
    samples = [one for each in text_string_to_metric_families(text) for one in each.samples]
    return {
        name
        for name, expr in rules.items()
        if any(holds(part, samples, now) for part in expr.split(" or "))
    }


def holds(part, samples, now):
    """What Prometheus would answer, of the expressions that the rules use."""
    if absent := re.fullmatch(r"absent\((\w+)\)", part):
        return absent[1] not in {sample.name for sample in samples}
    since, metric, label, match, wanted, sign, limit = re.fullmatch(_SELECTED, part).groups()
    bound = prod(map(float, limit.split(" * ")))
    for sample in samples:
        value = now.timestamp() - sample.value if since else sample.value
        same = label is None or re.fullmatch(
            wanted if match == "=~" else re.escape(wanted), sample.labels.get(label, "")
        )
        if sample.name == metric and same and _COMPARED[sign](value, bound):
            return True
    return False


def on_record(period, **month):
    """A month as it was closed, its decision on the trail."""
    closed_month(period, **month)
    put_on_record(period)


def put_on_record(period):
    decision = newest_decision(period.store, period.as_of)
    period.trail.append("decided", "pipeline", AT, decision.record(), decision.id)


def test_every_event_that_people_are_told_of_has_a_rule():
    assert set(EVENTS) == set(Alerts.model_fields) - {"seconds"}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_that_people_are_told_of_fires_its_rule(rules, period, event):
    month, expected = EVENTS[event]
    on_record(period, **month)
    if event == "pending":
        waits(period)
    assert firing(rules, period.store.uri) == expected


def test_a_quiet_month_fires_nothing(rules, period):
    on_record(period)
    assert firing(rules, period.store.uri) == set()


def test_a_run_that_never_knew_its_month_fires_until_one_goes_well(rules, period):
    on_record(period)
    for run_id, status in (("1", "failed"), ("2", "ok")):
        task = record("resolve_period", status, as_of="x", run_id=run_id)
        period.store.write(f"runs/{run_id}/resolve_period.json", task.encode())
        assert firing(rules, period.store.uri) == ({"RunFailed"} if status == "failed" else set())


def test_a_month_that_is_late_and_a_store_that_is_gone_fire(rules, period):
    on_record(period)
    assert firing(rules, period.store.uri, NOW + timedelta(days=31)) == {"MonthLate"}
    assert firing(rules, f"{period.store.uri}/nowhere") == {"StoreDown"}


def test_a_critical_axis_fires(rules, period):
    closed_month(period)
    key = f"decisions/{MARCH}/0001.json"
    decision = json.loads(period.store.read(key))
    decision["axes"]["calibration"]["state"] = "critical"
    period.store.write(key, json.dumps(decision).encode())
    put_on_record(period)
    assert firing(rules, period.store.uri) == {"AxisCritical"}
