"""A document that cannot be read says which it is, what is wrong with it, and what to do."""

import json
from datetime import date

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.records.approval_requests import PolicyRequest
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.decision import newest_decision
from creditrisk.records.month import MonthRun, read_month_run
from creditrisk.records.resolved import closed_period, resolved_period
from creditrisk.storage.file import FileStore
from tests.builders.documents import decision, made_champion, ran

MARCH = date(2024, 3, 1)


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path)


def test_what_is_not_there_is_none_and_what_is_needed_is_gone(store):
    assert read_month_run(store, MARCH) is None
    with pytest.raises(UserError, match=r"months/2024-03-01/run\.json is gone; restore it"):
        MonthRun.need(store, f"months/{MARCH}/run.json")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "it is no JSON object"),
        (b"[]", "it is no JSON object"),
        (b"[" * 100_000, "it is no JSON object"),
        (b'{"run_id": "r"}', "status: field required"),
        (b'{"run_id": "r", "status": "fine"}', "status: input should be 'ok', 'blocked' or"),
    ],
)
def test_a_damaged_document_is_named_with_its_first_fault(store, data, why):
    store.write(f"months/{MARCH}/run.json", data)
    with pytest.raises(UserError, match=rf"run\.json is not readable: {why}.*; restore it"):
        read_month_run(store, MARCH)


def test_keys_of_a_later_release_do_no_harm(store):
    made_champion(store, "v", MARCH)
    body = json.loads(store.read("registry/champion.json"))
    body["history"][0]["colour"] = "red"
    store.write("registry/champion.json", json.dumps(body).encode())
    assert champion_history(store)[0].version == "v"


@pytest.mark.parametrize(
    "added", [{"note": "x"}, {"axes": {"stability": {"state": "red", "n": 1}}}]
)
def test_a_key_added_to_a_decision_makes_it_another_than_the_trail_s(store, added):
    body = decision(MARCH).record() | added
    store.write(f"decisions/{MARCH}/0001.json", json.dumps(body).encode())
    with pytest.raises(UserError, match=r"0001\.json is not a decision record: .*audit trail"):
        newest_decision(store, MARCH)


RESOLVED = {"month": "2024-03-01", "config": "a-b", "champion": ""}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"{}", b"7", b"null", b"[]", b'{"month": "2024-03-01"}'),
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"\xef\xbb\xbf" + json.dumps(RESOLVED).encode(),
        json.dumps(RESOLVED).encode("utf-16"),
        json.dumps(RESOLVED).encode()[:-1] + b', "month": "2024-04-01"}',
        *(
            json.dumps(RESOLVED | {name: value}).encode()
            for name in RESOLVED
            for value in (
                *(None, 7, [1], {"a": 1}, float("nan"), float("inf"), "x/" * 500_000),
                *("\ud800", "\x1b[2J\x00", "../../../etc/passwd", "/etc/passwd"),
            )
        ),
    ],
    ids=lambda data: f"{data[:60]!r}",
)
def test_what_a_run_resolved_is_named_in_a_short_line_when_it_is_damaged(store, data):
    store.write("periods/r.json", data)
    with pytest.raises(GateError, match=r"periods/r\.json is not readable") as found:
        resolved_period(store, "r")
    assert len(f"{found.value}".removeprefix(store.uri)) <= 300


def test_a_month_whose_run_resolved_nothing_cannot_be_opened(store):
    ran(store, MARCH, run_id="r")
    with pytest.raises(UserError, match=r"run\.json names run r, of which periods/r\.json"):
        closed_period(store, MARCH)


@pytest.mark.parametrize("at", ["soon", "2024-04-02T09:00:00", ""])
def test_a_document_whose_time_is_none_is_named_where_it_is_read(at):
    said = {"change": "c", "by": "ana", "at": at, "reason": "r", "identity": "key"}
    said |= {"before": "b", "after": "a", "looser": ["x"], "stricter": []}
    with pytest.raises(GateError, match=r"registry/pending/c\.json is not .*; restore it"):
        PolicyRequest.parse(json.dumps(said).encode(), "registry/pending/c.json")
