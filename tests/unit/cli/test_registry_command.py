"""The registry as a person handles it: what is said, what is on record, what is refused."""

import json
import os
from datetime import date
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from creditrisk.cli import audit
from creditrisk.cli.app import app
from creditrisk.cli.version_format import differing, side_by_side
from creditrisk.errors import GateError, UserError
from creditrisk.records import identity
from creditrisk.records.approval_requests import ChallengerRequest
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import champion_history, current_champion
from creditrisk.records.identity import caller, signed
from creditrisk.records.layout import VERSIONS, pending
from creditrisk.records.run import now
from creditrisk.records.version_files import brief
from creditrisk.stages.promotion.promote import promote
from creditrisk.storage import open_audit_store
from tests.builders.acts import closed
from tests.builders.commands import run_here
from tests.builders.small_lender import small_policy
from tests.builders.versions import AT, judged, passed, with_version

APRIL = date(2024, 4, 1)


@pytest.fixture
def ann(monkeypatch):
    monkeypatch.setattr(identity, "account", lambda: "ann")


@pytest.fixture
def waiting(tmp_path, ann):
    """A version that passed waits for approval, asked for by the pipeline moments ago."""
    period, version = with_version(tmp_path, APRIL, small_policy("promotion: {mode: four_eyes}"))
    judged(period, version)
    closed(period)
    promote(period, version, "pipeline", at=now())
    return period, version


@pytest.fixture
def two(tmp_path, ann):
    """A champion, and the one it followed."""
    period, first = with_version(tmp_path, APRIL)
    judged(period, first)
    closed(period)
    second = passed(period, first, "second")
    for version in (first, second):
        promote(period, version, "pipeline", at=AT)
    return period, first, second


def registry(period, *words):
    """Run a command; an error meant for a person is raised."""
    return run_here("registry", *words, "--store", period.store.uri).output


def test_an_approval_names_who_gave_it_and_what_vouches_for_the_name(waiting):
    period, version = waiting
    found = registry(period, "approve", version, "--reason", "report read")
    assert f"{version} approved by ann (self-asserted); champion {version}" in found
    record = period.trail.find("approved", version)
    assert (record.actor, record.body["identity"]) == ("ann", "self-asserted")


def test_a_rejected_challenger_is_never_promoted(waiting):
    period, version = waiting
    assert "rejected by ann" in registry(period, "reject", version, "--reason", "too old")
    with pytest.raises(GateError, match="was rejected by ann: too old"):
        registry(period, "promote", version, "--reason", "in haste")
    assert current_champion(period.store) is None


def test_who_asks_cannot_approve(waiting):
    period, version = waiting
    request = ChallengerRequest.need(period.store, pending(version))
    own = request.model_copy(update={"requested_by": "Ann"})
    period.store.write(pending(version), own.encode())
    with pytest.raises(GateError, match="someone else must approve"):
        registry(period, "approve", version, "--reason", "it is mine")


def test_the_pipeline_s_account_cannot_approve(waiting, monkeypatch):
    period, version = waiting
    monkeypatch.setattr(identity, "account", lambda: "pipeline")
    with pytest.raises(GateError, match=r"pipeline \(self-asserted\) runs the pipeline"):
        registry(period, "approve", version, "--reason", "it is mine")


def test_a_pipeline_s_task_is_nobody(waiting, monkeypatch):
    period, version = waiting
    monkeypatch.setenv("KFP_POD_NAME", "monthly-1")
    with pytest.raises(GateError, match="cannot act for a person"):
        registry(period, "approve", version, "--reason", "automatic")
    assert current_champion(period.store) is None


def test_with_a_bucket_the_access_key_vouches(monkeypatch):
    class Bucket:
        uri = "s3://lake/prefix"

        def tag(self, key):
            return None

    monkeypatch.setitem(os.environ, "AWS_ACCESS_KEY_ID", "validator")
    assert str(caller(Bucket())) == "validator (store credential)"


def test_show_tells_state_uses_and_whether_the_files_are_whole(two):
    period, first, second = two
    text = registry(period, "show", second)
    assert f"{second}, files whole" in text
    assert "champion, verdict pass" in text
    found = json.loads(registry(period, "show", first, "--json"))
    assert found["state"] == "former"
    assert found["uses"] == []
    period.store.write(f"{VERSIONS}{first}/model.cbm", b"flipped")
    with pytest.raises(UserError, match=rf"{first}/model\.cbm was altered"):
        registry(period, "show", first)


def test_eight_digits_of_a_version_name_it_in_every_command(two):
    period, first, second = two
    assert brief(second) != second
    for words in (("show", brief(second)), ("uses", brief(second))):
        assert registry(period, *words) == registry(period, words[0], second)
    both = registry(period, "compare", brief(first), brief(second))
    assert both == registry(period, "compare", first, second)
    assert brief(second) in registry(period, "list")
    with pytest.raises(UserError, match=f"no model version '{first[:-40]}'"):
        registry(period, "show", first[:-40])


def test_what_begins_two_versions_is_asked_about(two):
    period, first, _ = two
    other = first[:-1] + ("0" if first[-1] != "0" else "1")
    period.store.write(f"{VERSIONS}{other}/SUMS.json", b"{}")
    with pytest.raises(UserError, match=f"'{brief(first)}' begins 2 versions"):
        registry(period, "show", brief(first))
    assert first in registry(period, "show", first)


def test_a_version_made_to_be_called_by_the_eight_digits_of_another_is_not_approved_for_it(waiting):
    period, version = waiting
    period.store.write(f"{VERSIONS}{brief(version)}/SUMS.json", b"{}")  # an id as 0.1.0 gave them
    with pytest.raises(UserError, match=f"begins 2 versions: {brief(version)}, {version}"):
        registry(period, "approve", brief(version), "--reason", "report read")
    assert current_champion(period.store) is None


def test_an_approval_by_eight_digits_is_on_record_in_full(waiting):
    period, version = waiting
    registry(period, "approve", brief(version), "--reason", "report read")
    assert period.trail.find("approved", version) is not None
    assert current_champion(period.store) == version


def test_compare_puts_numbers_side_by_side_and_names_what_differs(two):
    period, first, second = two
    found = json.loads(registry(period, "compare", first, second, "--json"))
    assert found["numbers"]["validation_auc"][0] == found["numbers"]["validation_auc"][1]
    assert found["only_in_first"] == found["only_in_second"] == []
    assert found["contest"] is None
    text = registry(period, "compare", first, second)
    assert brief(first) in text
    assert "e+0" not in text  # rows are counts
    with pytest.raises(UserError, match=f"{first} is named twice"):
        registry(period, "compare", first, first)


def test_of_parameters_only_those_that_differ_are_shown():
    found = list(differing("parameters", {"depth": 5, "trees": 37}, {"depth": 5, "trees": 90}))
    assert found == ["parameters trees: 37 | 90"]
    assert list(differing("parent", None, "2024-01-initial")) == ["parent: none | 2024-01-initial"]


def test_counts_are_written_out_and_each_measure_in_its_own_form():
    numbers = {
        "train_rows": [12_000.0],
        "train_auc": [0.86049],
        "oot1_oe": [1.0],
        "oot1_ks": [None],
    }
    shown = side_by_side(numbers, ["2024-01-initial"])
    assert [*shown.columns[1].cells] == ["12,000", "0.860", "1.00", ""]


def test_whoever_promotes_by_hand_says_why(two):
    period, first, second = two
    third = passed(period, first, "third")
    with pytest.raises(UserError, match="not promoted without a reason"):
        registry(period, "promote", third, "--reason", " ")
    assert current_champion(period.store) == second
    registry(period, "promote", third, "--reason", "the second lost its source")
    record = period.trail.find("promoted", "3")
    assert (record.actor, record.body["reason"]) == ("ann", "the second lost its source")


def test_a_promotion_that_changes_nothing_is_not_called_one(two):
    period, first, second = two
    with pytest.raises(GateError, match=f"{second} followed it; `creditrisk registry rollback`"):
        registry(period, "promote", first, "--reason", "the second lost its source")


def test_an_altered_validation_is_named_when_its_version_is_shown(two):
    period, first, _ = two
    key = f"{VERSIONS}{first}/validation.json"
    period.store.write(key, period.store.read(key).replace(b'"pass"', b'"fine"'))
    with pytest.raises(UserError, match="is not the one on the audit trail: it was altered"):
        registry(period, "show", first)


def test_a_rollback_skips_what_is_retired(two):
    period, first, second = two
    third = passed(period, first, "third")
    promote(period, third, "pipeline", at=AT)
    assert "retired by ann" in registry(period, "retire", second, "--reason", "a wrong feature")
    found = registry(period, "rollback", "--reason", "worse")
    assert f"rolled back to {first} by ann (self-asserted)" in found
    assert json.loads(registry(period, "show", second, "--json"))["state"] == "retired"


def test_what_is_retired_is_not_promoted_and_the_champion_is_not_retired(two):
    period, first, second = two
    with pytest.raises(GateError, match="is the champion: promote another"):
        registry(period, "retire", second, "--reason", "old")
    registry(period, "retire", first, "--reason", "old")
    with pytest.raises(GateError, match=f"{first} is retired"):
        registry(period, "promote", first, "--reason", "in haste")
    with pytest.raises(UserError, match="there is no champion before"):
        registry(period, "rollback", "--reason", "worse")


def test_a_store_without_a_month_is_named(tmp_path, ann):
    period, version = with_version(tmp_path, APRIL)
    with pytest.raises(UserError, match="holds no month yet"):
        registry(period, "retire", version, "--reason", "old")


def test_a_self_asserted_name_is_marked_wherever_it_is_shown(waiting):
    period, version = waiting
    registry(period, "approve", version, "--reason", "report read")
    marked = "ann (self-asserted)"
    (tenure,) = champion_history(period.store)
    assert signed(tenure.by, tenure.identity) == marked
    assert f"by {marked}" in registry(period, "show", version)
    done = CliRunner().invoke(app, ["audit", "list", "--store", period.store.uri])
    printed = {line.split()[3]: line for line in done.output.splitlines()}
    assert printed["approved"].endswith(f"by {marked}: approved: report read")
    assert f" 1: {brief(version)}  by {marked}: " in printed["promoted"]
    assert printed["approval_requested"].endswith("by pipeline")


def test_in_a_terminal_a_record_says_below_itself_who_and_why(waiting, monkeypatch):
    period, version = waiting
    monkeypatch.setattr(audit, "console", SimpleNamespace(is_terminal=True))
    found = audit._lines(next(Trail(open_audit_store(period.store)).records()))
    (number, what), (below, who) = found
    assert (number, below) == ("1", "")
    assert what.endswith(brief(version)) and len(what) <= 72
    assert who.startswith("by ")
