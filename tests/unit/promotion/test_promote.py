"""Promotion by compare-and-swap, and the list of versions."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from creditrisk.errors import GateError, UserError
from creditrisk.governance.inventory import list_versions
from creditrisk.records.binding import Binding
from creditrisk.records.champion_pointer import (
    Tenure,
    champion_at,
    champion_history,
    change_champion,
    current_champion,
)
from creditrisk.records.layout import CHAMPION, VERSIONS
from creditrisk.records.promotions import champion_fault
from creditrisk.records.trail_check import verify
from creditrisk.stages.promotion.promote import promote
from creditrisk.storage import ConflictError, open_store
from tests.builders.small_lender import small_period, small_policy
from tests.builders.versions import AT, at_month, judged, passed, variant

APRIL, MAY, JUNE = (date(2024, month, 1) for month in (4, 5, 6))


def events(period, event):
    return [record for record in period.trail.records() if record.event == event]


def names(period):
    return [tenure.version for tenure in champion_history(period.store)]


def state(period, version):
    return next(row for row in list_versions(period.store) if row["id"] == version)["state"]


def test_a_version_that_passed_becomes_champion_from_the_next_month_on(period, version):
    assert promote(period, version, "pipeline", at=AT) == "promoted"
    assert current_champion(period.store) == version
    assert champion_at(period.store, APRIL) is None
    assert champion_at(period.store, MAY) == version
    (record,) = events(period, "promoted")
    assert (record.actor, record.at) == ("pipeline", AT)
    evidence = events(period, "validated")[0].body["sha256"]
    assert (record.body["version"], record.body["evidence"]) == (version, evidence)


def test_promoting_twice_changes_nothing(period, version):
    promote(period, version, "pipeline", at=AT)
    before = period.store.read(CHAMPION)
    assert promote(period, version, "pipeline", at="2024-04-03T08:00:00+00:00") == "promoted"
    assert promote(at_month(period, MAY), version, "pipeline", at=AT) == "promoted"
    assert period.store.read(CHAMPION) == before


@pytest.mark.parametrize("verdict", ["fail", "insufficient"])
def test_anything_but_a_pass_is_never_promoted(trained, period, verdict):
    judged(*trained, verdict)
    with pytest.raises(GateError, match=f"verdict {verdict}, no promotion: decay"):
        promote(period, trained[1], "pipeline", at=AT)
    assert champion_history(period.store) == []


def test_a_version_never_validated_is_never_promoted(trained, period):
    with pytest.raises(GateError, match=r"no validation\.json"):
        promote(period, trained[1], "pipeline", at=AT)


def test_a_validation_the_trail_does_not_know_is_never_a_pass(trained, period):
    key = f"{VERSIONS}{trained[1]}/validation.json"
    period.store.write(key, b'{"verdict": "pass", "reasons": []}')
    with pytest.raises(GateError, match="the audit trail knows no validation"):
        promote(period, trained[1], "pipeline", at=AT)


@pytest.mark.parametrize("name", ["model.cbm", "calibration.json", "card.json", "SUMS.json"])
def test_a_flipped_byte_is_refused_by_name(period, version, name):
    key = f"{VERSIONS}{version}/{name}"
    data = bytearray(period.store.read(key))
    data[len(data) // 2] ^= 1
    period.store.write(key, bytes(data))
    with pytest.raises(UserError, match=name):
        promote(period, version, "pipeline", at=AT)
    assert champion_history(period.store) == []


def test_a_verdict_changed_afterwards_is_refused_by_name(trained, period):
    judged(*trained, "fail")
    key = f"{VERSIONS}{trained[1]}/validation.json"
    period.store.write(key, period.store.read(key).replace(b'"fail"', b'"pass"'))
    with pytest.raises(UserError, match=r"validation\.json is not the one on the audit trail"):
        promote(period, trained[1], "pipeline", at=AT)


@pytest.mark.parametrize("event", ["validated", "promoted"])
def test_a_champion_with_other_files_than_were_judged_or_promoted_is_named(period, version, event):
    promote(period, version, "pipeline", at=AT)
    [record] = events(period, event)
    other = replace(record, body=record.body | {"sums": "0" * 64})

    def find(name, id):
        return other if (name, id) == (event, record.id) else period.trail.find(name, id)

    assert champion_fault(Binding.of(period.store, period.trail)) == ""
    fault = champion_fault(replace(Binding.of(period.store, period.trail), find=find))
    assert f"{version}/SUMS.json is not what record {record.sequence} names" in fault


def test_twenty_racing_promoters_leave_one_whole_history(period, version, tmp_path):
    versions = [passed(period, version, str(number)) for number in range(20)]

    def race(version):
        own = small_period(tmp_path, APRIL)  # no state shared but the disk
        return promote(own, version, f"racer {version[-8:]}", at=AT)

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(race, versions)) == {"promoted"}
    history = champion_history(period.store)
    assert sorted(names(period)) == sorted(versions)
    assert [tenure.sequence for tenure in history] == list(range(1, 21))
    assert all(tenure.by == f"racer {tenure.version[-8:]}" for tenure in history)
    assert len(events(period, "promoted")) == 20
    assert verify(period.trail) == []


def test_twenty_promoters_of_one_version_promote_it_once(period, version, tmp_path):
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda n: promote(small_period(tmp_path, APRIL), version, f"{n}", at=AT),
                      range(20)))  # fmt: skip
    assert names(period) == [version]
    assert len(events(period, "promoted")) == 1


def test_a_promoter_cut_off_before_the_trail_completes_it_next_time(period, version, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError("the audit store is away")

    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.records.audit.Trail.append", crash)
        with pytest.raises(RuntimeError):
            promote(period, version, "pipeline", at=AT)
    assert promote(period, version, "pipeline", at=AT) == "promoted"
    assert names(period) == [version]
    assert len(events(period, "promoted")) == 1


def test_a_change_lost_to_a_faster_one_is_proposed_again(tmp_path):
    store = open_store(tmp_path.as_uri())
    seen = []

    def propose(history):
        seen.append(len(history))
        if len(seen) == 1:  # someone is faster once
            change_champion(store, lambda _: Tenure(version="a", since=APRIL, by="x"))
        return Tenure(version="b", since=APRIL, by="y")

    change_champion(store, propose)
    assert seen == [0, 1]
    assert [tenure.version for tenure in champion_history(store)] == ["a", "b"]
    with pytest.raises(ConflictError):
        store.swap(CHAMPION, b"{}", expected=None)


def test_an_old_month_cannot_undo_what_came_after_it(period, version):
    promote(at_month(period, JUNE), version, "pipeline", at=AT)
    late = passed(period, version, "late")
    with pytest.raises(GateError, match="as of 2024-06-01, which is later"):
        promote(at_month(period, MAY), late, "pipeline", at=AT)
    assert names(period) == [version]


def test_a_refit_is_promoted_on_its_parents_evidence_where_the_policy_says_so(period, version):
    refit = variant(period, version, "refit", kind="refit", parent=version)
    with pytest.raises(GateError, match="refit_after_pass: false"):
        promote(period, refit, "pipeline", at=AT)
    policy = small_policy("development: {refit_after_pass: true}")
    assert promote(at_month(period, APRIL, policy), refit, "pipeline", at=AT) == "promoted"
    assert events(period, "promoted")[0].body["validated"] == version


def test_the_list_tells_what_became_of_every_version(period, version):
    promote(period, version, "pipeline", at=AT)
    second = passed(period, version, "second", kind="retrain")
    promote(at_month(period, MAY), second, "pipeline", at=AT)
    refused = variant(period, version, "refused")
    judged(period, refused, "fail")
    fresh = variant(period, version, "fresh")
    rows = {row["id"]: row for row in list_versions(period.store)}
    assert {id: row["state"] for id, row in rows.items()} == {
        version: "former", second: "champion", refused: "refused", fresh: "candidate",
    }  # fmt: skip
    assert rows[second]["since"] == "2024-05-01"
    assert (rows[second]["kind"], rows[fresh]["verdict"]) == ("retrain", "")
    assert json.loads(json.dumps(rows)) == rows


def test_an_empty_store_lists_nothing(tmp_path):
    assert list_versions(open_store(Path(tmp_path).as_uri())) == []
