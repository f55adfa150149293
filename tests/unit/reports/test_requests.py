"""What waits for a second person: the same list everywhere, of challengers and of policies."""

import json
from pathlib import Path

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.governance.policy_change import admit
from creditrisk.period import Period
from creditrisk.records.alerts import Alert, read_records
from creditrisk.records.version_files import brief
from creditrisk.reports.alerts.send import send_alerts
from creditrisk.reports.dashboard.blocks import Badge, Command, Table
from creditrisk.reports.dashboard.metrics import exposition
from creditrisk.reports.dashboard.pages import page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.status import status, status_lines
from tests.builders.acts import Desk, closed
from tests.builders.gold_lender import NOW, with_champion
from tests.builders.small_lender import small_policy
from tests.builders.versions import at_month

FOUR_EYES = "promotion: {mode: four_eyes, approval_days: 10}"
LOOSER = small_policy(FOUR_EYES + "\nmonitoring: {psi_red: 0.4}")
CHANGE = f"policy-{small_policy(FOUR_EYES).sha}-{LOOSER.sha}"
CHALLENGER = "2024-12-retrain-bbbbbbbb"
ASKED, NEXT_DAY, LATE = (f"2025-01-{day}T08:00:00.000+00:00" for day in ("02", "03", "13"))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """January is decided, watch; ann has asked for a looser policy, the pipeline for a model."""
    lender = with_champion(tmp_path)
    lender.policy = small_policy(FOUR_EYES)
    lender.measured("grg")
    lender.decide()
    closed(lender.period(NOW))
    (tmp_path / "looser.yaml").write_bytes(LOOSER.canonical())
    request = {
        "version": CHALLENGER, "as_of": "2024-12-01", "requested_by": "pipeline",
        "requested_at": ASKED, "requested_because": "passed validation", "credential": "",
        "evidence": "0" * 64,
    }  # fmt: skip
    lender.put(f"registry/pending/{CHALLENGER}.json", request)
    found = Desk(lender.period(NOW), monkeypatch, ASKED)
    ask(found)
    return found


def ask(desk: Desk, name: str = "ann") -> str:
    folder = Path(desk.period.store.uri.removeprefix("file://")).parent
    words = ("policy", "request", f"{folder}/looser.yaml", "--reason", "a campaign")
    return desk.does(name, *words)


def alerts(desk: Desk, at: str) -> dict[str, Alert]:
    """What holds once the month has closed at a time, by its key."""
    send_alerts(desk.period, at)
    return {one.alert.key: one.alert for one in read_records(desk.period.store) if not one.resolved}


def approvals(desk: Desk) -> Table:
    """The dashboard's table of requests."""
    drawn = page(Reader(desk.period.store.uri).read(), "governance")
    blocks = next(section.blocks for section in drawn.sections if section.title == "Approvals")
    (found,) = (block for block in blocks if isinstance(block, Table))
    return found


def words(table: Table) -> list[list[str]]:
    texts = (Badge, Command)
    return [[one.text if isinstance(one, texts) else str(one) for one in row] for row in table.rows]


def next_month(desk: Desk) -> Period:
    """February, to be run under the looser policy."""
    return at_month(desk.period, NOW.replace(month=2), LOOSER)


def test_requests_alert_beside_the_month_s_decision_each_with_its_own_command(desk: Desk) -> None:
    found = alerts(desk, NEXT_DAY)
    policy, model = f"2025-01-01/pending-{CHANGE}", f"2024-12-01/pending-{CHALLENGER}"
    assert set(found) == {"2025-01-01/watch", policy, model}
    assert found[policy].title == f"small-lender: {CHANGE} waits for approval"
    assert f"creditrisk policy approve {CHANGE} --reason ..." in found[policy].lines
    assert "monitoring.psi_red: 0.25 -> 0.4" in " ".join(found[policy].lines)
    assert f"creditrisk registry approve {CHALLENGER} --reason ..." in found[model].lines


def test_who_asks_for_a_looser_policy_alerts_at_once_and_a_decision_ends_it(desk: Desk) -> None:
    key = f"2025-01-01/pending-{CHANGE}"
    (record,) = (one for one in read_records(desk.period.store) if one.alert.key == key)
    assert (record.since, record.resolved) == (ASKED, "")
    desk.at = NEXT_DAY
    desk.does("bob", "policy", "approve", CHANGE, "--reason", "known")
    (record,) = (one for one in read_records(desk.period.store) if one.alert.key == key)
    assert record.resolved == NEXT_DAY


def test_the_dashboard_lists_both_kinds_without_a_blank(desk: Desk) -> None:
    desk.at = NEXT_DAY
    rows = {row[0]: row for row in words(approvals(desk))}
    assert set(rows) == {brief(CHANGE), CHALLENGER}
    assert all(cell for row in rows.values() for cell in row)
    assert rows[brief(CHANGE)][1:3] == ["ann (self-asserted)", "2025-01-02T08:00:00"]
    assert rows[brief(CHANGE)][-1] == f"creditrisk policy approve {CHANGE} --reason ..."
    assert rows[CHALLENGER][-1] == f"creditrisk registry approve {CHALLENGER} --reason ..."
    assert status_lines(status(desk.period.store))["approvals"].startswith(
        f"{CHALLENGER}, {brief(CHANGE)}; "
    )


def test_what_has_expired_is_shown_so_and_no_longer_alerts(desk: Desk) -> None:
    assert len(alerts(desk, NEXT_DAY)) == 3
    assert set(alerts(desk, LATE)) == {"2025-01-01/watch"}
    desk.at = LATE
    assert all("expired" in row for row in words(approvals(desk)))
    text = status_lines(status(desk.period.store))["approvals"]
    assert text.startswith(f"{CHALLENGER} (expired), {brief(CHANGE)} (expired); ")


def test_a_dashboard_that_is_open_notices_that_a_request_expires(desk: Desk) -> None:
    reader = Reader(desk.period.store.uri)
    desk.at = NEXT_DAY
    before = reader.read()
    assert reader.read() is before
    assert b"creditrisk_pending_approvals 2.0" in exposition(before)
    desk.at = LATE
    assert b"creditrisk_pending_approvals 0.0" in exposition(reader.read())


def test_an_expired_request_is_replaced_by_the_next_and_no_other_is(desk: Desk) -> None:
    desk.at = NEXT_DAY
    assert f"{CHANGE} requested by ann" in ask(desk, "carol")
    desk.at = LATE
    with pytest.raises(GateError, match="older than 10 days; have it requested again"):
        desk.does("bob", "policy", "approve", CHANGE, "--reason", "known")
    assert f"{CHANGE} requested by carol" in ask(desk, "carol")
    assert f"2025-01-01/pending-{CHANGE}" in alerts(desk, LATE)
    events = [record.event for record in desk.period.trail.records()]
    assert events.count("policy_requested") == 2
    desk.does("bob", "policy", "approve", CHANGE, "--reason", "known")
    admit(next_month(desk), LATE)


def test_a_rejected_policy_is_not_run_and_the_error_says_who_rejected_it_and_why(
    desk: Desk,
) -> None:
    desk.at = NEXT_DAY
    assert "rejected by bob" in desk.does("bob", "policy", "reject", CHANGE, "--reason", "no plan")
    with pytest.raises(GateError, match=f"{CHANGE} was rejected by bob: no plan"):
        admit(next_month(desk), NEXT_DAY)
    with pytest.raises(GateError, match="was rejected by bob"):
        ask(desk)
    with pytest.raises(UserError, match="does not wait for approval"):
        desk.does("carol", "policy", "approve", CHANGE, "--reason", "known")
    kept = json.loads(desk.period.store.read(f"registry/approvals/{CHANGE}.json"))
    assert (kept["decision"], kept["by"], kept["requested_by"]) == ("rejected", "bob", "ann")
    record = desk.period.trail.find("policy_rejected", CHANGE)
    assert record is not None
    assert (record.actor, record.body) == ("bob", kept)
    assert list(desk.period.store.keys("registry/pending/")) == [
        f"registry/pending/{CHALLENGER}.json"
    ]


def test_an_approval_from_before_policies_could_be_rejected_counts(desk: Desk) -> None:
    old = {"change": CHANGE, "after": LOOSER.sha, "requested_by": "ann", "by": "bob",
           "identity": "self-asserted", "reason": "known", "at": NEXT_DAY}  # fmt: skip
    key = f"registry/approvals/{CHANGE}.json"
    desk.period.store.create(key, json.dumps(old).encode())
    desk.period.trail.append("policy_approved", "bob", NEXT_DAY, old, CHANGE)
    admit(next_month(desk), NEXT_DAY)


@pytest.mark.parametrize(
    ("group", "id", "right"),
    [("registry", CHANGE, "policy"), ("policy", CHALLENGER, "registry")],
)
def test_a_request_of_the_other_kind_is_refused_with_its_own_command(
    desk: Desk, group: str, id: str, right: str
) -> None:
    for verb in ("approve", "reject"):
        with pytest.raises(UserError, match=f"creditrisk {right} approve {id}"):
            desk.does("bob", group, verb, id, "--reason", "known")
