"""Every act of a person leaves a document and an audit record, in the form stores have."""

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from creditrisk.period import Period
from creditrisk.records.layout import VERSIONS
from creditrisk.records.version_files import sums_sha256
from creditrisk.stages.promotion.promote import promote
from tests.builders.acts import Desk, closed
from tests.builders.gold_lender import NOW, with_champion
from tests.builders.small_lender import small_policy
from tests.builders.versions import judged, with_version

APRIL = date(2024, 4, 1)
ASKED, AT, LATER = (f"2024-04-{day}T08:00:00.000+00:00" for day in ("02", "03", "04"))
FOUR_EYES = "promotion: {mode: four_eyes, approval_days: 10}"
LOOSER = FOUR_EYES + "\nmonitoring: {psi_red: 0.4}"
BY_BOB = {"by": "bob", "identity": "self-asserted", "at": AT}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, str]:
    """A trained version in a store under four eyes."""
    period, version = with_version(tmp_path, APRIL, small_policy(FOUR_EYES))
    closed(period)
    return Desk(period, monkeypatch, AT), version


@pytest.fixture
def decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """January 2025 was decided under four eyes: stability is critical, so it contains."""
    lender = with_champion(tmp_path)
    lender.policy = small_policy(FOUR_EYES)
    lender.measured("gci")
    lender.decide()
    closed(lender.period(NOW))
    return Desk(lender.period(NOW), monkeypatch, AT)


def kept(period: Period, key: str, content: dict[str, object]) -> None:
    """The document under a key is this one, byte by byte."""
    assert period.store.read(key) == json.dumps(content, sort_keys=True, indent=1).encode()


def recorded(
    period: Period, event: str, id: str, actor: str, at: str, body: dict[str, object]
) -> None:
    """The audit record of an event is this one."""
    record = period.trail.find(event, id)
    assert record is not None
    assert (record.actor, record.at) == (actor, at)
    assert json.loads(record.data())["body"] == body


def requested(made: tuple[Desk, str]) -> tuple[Desk, str, dict[str, object]]:
    """A challenger that waits for approval, and its request."""
    desk, version = made
    judged(desk.period, version)
    promote(desk.period, version, "ann", "it is better", at=ASKED)
    judgement = desk.period.store.read(f"{VERSIONS}{version}/validation.json")
    request: dict[str, object] = {
        "version": version,
        "as_of": "2024-04-01",
        "requested_by": "ann",
        "requested_at": ASKED,
        "requested_because": "it is better",
        "credential": "",
        "evidence": sha256(judgement).hexdigest(),
        "sums": sums_sha256(desk.period.store, version),
    }
    return desk, version, request


def test_a_request_for_a_challenger(made: tuple[Desk, str]) -> None:
    desk, version, request = requested(made)
    kept(desk.period, f"registry/pending/{version}.json", request)
    id = f"{version}:2024-04-01:{ASKED}"
    recorded(desk.period, "approval_requested", id, "ann", ASKED, request)


@pytest.mark.parametrize(("word", "event"), [("approve", "approved"), ("reject", "rejected")])
def test_a_decision_on_a_challenger(made: tuple[Desk, str], word: str, event: str) -> None:
    desk, version, request = requested(made)
    desk.does("bob", "registry", word, version, "--reason", "report read")
    decision = request | BY_BOB | {"decision": event, "reason": "report read"}
    kept(desk.period, f"registry/approvals/{version}.json", decision)
    recorded(desk.period, event, version, "bob", AT, decision)
    assert list(desk.period.store.keys("registry/pending/")) == []


def test_a_retirement(made: tuple[Desk, str]) -> None:
    desk, version = made
    desk.does("bob", "registry", "retire", version, "--reason", "a wrong feature")
    who = "bob (self-asserted)"
    body = {"version": version, "by": who, "reason": "a wrong feature", "at": AT}
    kept(desk.period, f"registry/retired/{version}.json", body)
    recorded(desk.period, "retired", version, who, AT, body)


def test_a_finding(made: tuple[Desk, str]) -> None:
    desk, version = made
    words = ("--text", "grades invert", "--owner", "ann", "--severity", "high")
    desk.does("bob", "findings", "open", version, *words)
    opened: dict[str, object] = BY_BOB | {
        "id": "F-0001",
        "version": version,
        "severity": "high",
        "text": "grades invert",
        "owner": "ann",
        "due": "2024-05-03",
    }
    kept(desk.period, "registry/findings/F-0001/opened.json", opened)
    recorded(desk.period, "finding_opened", "F-0001", "bob", AT, opened)
    desk.at = LATER
    desk.does("bob", "findings", "close", "F-0001", "--reason", "two grades merged")
    body: dict[str, object] = {"closed": "2024-04-04", "resolution": "two grades merged"}
    kept(desk.period, "registry/findings/F-0001/closed.json", body)
    act = BY_BOB | {"reason": "two grades merged", "at": LATER}
    recorded(desk.period, "finding_closed", "F-0001", "bob", LATER, body | act)


def test_an_override(decided: Desk) -> None:
    words = ("--decision", "watch", "--reason", "a campaign", "--until", "2025-02-01")
    decided.does("bob", "override", "give", "2025-01-01", *words)
    states = {"discrimination": "green", "stability": "critical", "calibration": "insufficient"}
    given: dict[str, object] = BY_BOB | {
        "as_of": "2025-01-01",
        "n": 1,
        "decision": "watch",
        "recommended": "contain",
        "states": states,
        "record": "decisions/2025-01-01/0001.json",
        "until": "2025-02-01",
        "reason": "a campaign",
    }
    kept(decided.period, "registry/overrides/2025-01-01/0001/given.json", given)
    recorded(decided.period, "overridden", "2025-01-01/0001", "bob", AT, given)
    decided.at = LATER
    decided.does("bob", "override", "close", "2025-01-01", "--outcome", "it was one")
    body: dict[str, object] = {"closed": "2025-01-01", "outcome": "it was one"}
    kept(decided.period, "registry/overrides/2025-01-01/0001/closed.json", body)
    act = BY_BOB | {"reason": "it was one", "at": LATER}
    recorded(decided.period, "override_closed", "2025-01-01/0001", "bob", LATER, body | act)


def test_a_containment_and_its_end(decided: Desk) -> None:
    held: dict[str, object] = {
        "decision": "2025-01-01/0001",
        "segments": ["all"],
        "at": "2025-01-02T00:00:00+00:00",
    }
    kept(decided.period, "containment/2025-01-01/0001.json", held)
    decided.does("bob", "contain", "lift", "--reason", "the channel is understood")
    body: dict[str, object] = BY_BOB | {
        "decision": "2025-01-01/0001",
        "until": "2025-01-01",
        "reason": "the channel is understood",
    }
    kept(decided.period, "registry/lifted/2025-01-01/0001.json", body)
    recorded(decided.period, "lifted", "2025-01-01/0001", "bob", AT, body)


def test_a_request_for_a_looser_policy_and_its_approval(decided: Desk, tmp_path: Path) -> None:
    looser, before = small_policy(LOOSER), decided.period.policy
    (tmp_path / "looser.yaml").write_bytes(looser.canonical())
    decided.at = ASKED
    decided.does("ann", "policy", "request", f"{tmp_path}/looser.yaml", "--reason", "a campaign")
    change = f"policy-{before.sha}-{looser.sha}"
    request: dict[str, object] = {
        "change": change,
        "before": before.sha,
        "after": looser.sha,
        "looser": ["monitoring.psi_red: 0.25 -> 0.4"],
        "stricter": [],
        "by": "ann",
        "identity": "self-asserted",
        "reason": "a campaign",
        "at": ASKED,
    }
    kept(decided.period, f"registry/pending/{change}.json", request)
    recorded(decided.period, "policy_requested", f"{change}:{ASKED}", "ann", ASKED, request)
    decided.at = AT
    decided.does("bob", "policy", "approve", change, "--reason", "known")
    approval = BY_BOB | {
        "change": change,
        "after": looser.sha,
        "requested_by": "ann",
        "requested_at": ASKED,
        "reason": "known",
    }
    kept(decided.period, f"registry/approvals/{change}.json", approval)
    recorded(decided.period, "policy_approved", change, "bob", AT, approval)
    assert list(decided.period.store.keys("registry/pending/")) == []
