"""Evidence in the order of those who ask for it, each line with its artifact or none."""

import hashlib
import json
import re
from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.contracts import SCORES
from creditrisk.errors import UserError
from creditrisk.governance.compliance.evidence import _FINDERS
from creditrisk.governance.compliance.expected_loss import effects
from creditrisk.governance.compliance.report import document, frameworks, page, report_month
from creditrisk.period import freeze
from creditrisk.records.approval_requests import Approval
from creditrisk.records.layout import VERSIONS
from creditrisk.records.resolved import Resolved, write_resolved
from creditrisk.records.validation import validation_key
from creditrisk.stages.closing.close import close
from creditrisk.stages.scoring.score import score
from creditrisk.storage import open_audit_store
from tests.builders.evidence import validation
from tests.builders.small_lender import fill, small_period
from tests.builders.trained_version import install
from tests.builders.versions import AT, variant

AS_OF = date(2024, 1, 1)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A scored month with a champion, and a challenger of its own month; tests only read it."""
    period = small_period(tmp_path_factory.mktemp("lender"), AS_OF)
    fill(period)
    version = install(period)
    tenure = {"version": version, "since": "2023-12-01", "by": "pipeline", "sequence": 1}
    period.store.write("registry/champion.json", json.dumps({"history": [tenure]}).encode())
    score(period, version)
    challenger = variant(period, version, "other", kind="retrain")
    period.store.write(validation_key(challenger), validation(challenger).encode())
    period.trail.append("trained", "pipeline", AT, {}, challenger)
    return period, version, challenger


def lines(content):
    return {
        (framework.name[:6], line.clause, line.asks): line.evidence
        for framework in content.frameworks
        for line in framework.lines
    }


def found(content, clause):
    return [one.what for key, each in lines(content).items() if key[1] == clause for one in each]


def test_every_kind_of_evidence_a_framework_names_can_be_found():
    named = [name for f in frameworks() for line in f["lines"] for name in line["evidence"]]
    assert {name.partition(":")[0] for name in named} == set(_FINDERS)
    clauses = [line["clause"] for f in frameworks() for line in f["lines"]]
    assert [c for c in clauses if c.startswith("Annex IV")] == [
        f"Annex IV, {n}" for n in range(1, 10)
    ]


def test_every_line_says_what_it_asks():
    assert all(line["asks"] for framework in frameworks() for line in framework["lines"])


def test_each_artifact_is_there_and_has_the_sha256_the_report_names(lender):
    period, version, _ = lender
    audit = open_audit_store(period.store)
    artifacts = [one for each in lines(document(period, "month", version)).values() for one in each]
    assert len(artifacts) > 15
    for one in artifacts:
        data = (audit if one.in_audit else period.store).read(one.key)
        if not one.key.startswith("anchors/"):  # an anchor is known by the hash it holds
            assert hashlib.sha256(data).hexdigest() == one.sha256, one.key


def test_what_nothing_answers_is_not_evidenced(lender):
    period, version, challenger = lender
    content = document(period, "month", version)
    assert found(content, "vendor models") == []
    assert found(content, "effective challenge") == []
    assert "validation.json" in found(content, "Art 15")
    without = document(period, "training", challenger)
    assert found(without, "Art 15") == []
    assert "validation.json" not in found(without, "conceptual soundness")
    assert page(content, 2).count("not evidenced") == sum(not e for e in lines(content).values())


def test_an_approval_by_somebody_is_evidence_of_challenge(lender):
    period, version, _ = lender
    act = {"by": "ann", "identity": "self-asserted", "reason": "report read", "at": AT}
    given = Approval.model_validate(act | {"requested_by": "pipeline"})
    period.store.write(f"registry/approvals/{version}.json", given.encode())
    try:
        named = found(document(period, "month", version), "effective challenge")
        assert named == ["approval by ann (self-asserted)"]
    finally:
        period.store.delete(f"registry/approvals/{version}.json")


def test_the_page_claims_nothing_and_links_what_it_names(lender):
    period, version, _ = lender
    html = page(document(period, "month", version), 2)
    assert "claims compliance with nothing" in html
    assert not re.search(r"\b(is|are|fully) compliant\b|complies|certified", html)
    linked = re.findall(r'href="\.\./\.\./([^"]+)"', html)
    assert f"{VERSIONS}{version}/card.json" in linked
    written_later = {f"months/{AS_OF}/report.html", f"months/{AS_OF}/quality.html"}
    assert all(period.store.tag(key) for key in {*linked} - written_later)


def test_expected_loss_is_that_of_the_approved_by_hand(lender):
    period, version, challenger = lender
    rows = period.lake.read(SCORES, [AS_OF]).to_pandas()
    approved = rows.pd[rows.pd <= period.policy.scoring.cutoff]
    keep, promote = effects(period, version, challenger)
    assert (keep.applications, keep.approved) == (400, len(approved))
    assert keep.expected_loss == pytest.approx(approved.sum() * 0.45 * 10_000)
    assert keep.exposure == len(approved) * 10_000
    # the challenger is the same model, not published: it is asked, and agrees
    assert promote.approved == keep.approved
    assert promote.by_other == pytest.approx(keep.expected_loss)
    assert effects(period, "", "") == []


def test_the_exit_task_leaves_the_month_s_report_and_one_per_challenger(lender, monkeypatch):
    period, version, challenger = lender
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    config = freeze(period.store, period.policy, period.portfolio)
    write_resolved(period.store, "r1", Resolved(f"{AS_OF}", config, version))
    close("r1")
    month = json.loads(period.store.read(f"months/{AS_OF}/compliance.json"))
    assert (month["kind"], month["version"]) == ("month", version)
    assert [one["choice"] for one in month["expected_loss"]] == [
        "keep the champion", "promote the challenger",
    ]  # fmt: skip
    training = json.loads(period.store.read(f"{VERSIONS}{challenger}/compliance.json"))
    assert (training["kind"], training["version"]) == ("training", challenger)
    result = CliRunner().invoke(app, ["compliance", f"{AS_OF}", "--store", period.store.uri]).output
    assert "not evidenced" in result and "keep the champion: " in result
    again = ["compliance", challenger, "--json", "--store", period.store.uri]
    assert json.loads(CliRunner().invoke(app, again).output)["version"] == challenger
    with pytest.raises(UserError, match="holds no run of 2020-01-01"):
        CliRunner().invoke(
            app, ["compliance", "2020-01-01", "--store", period.store.uri], catch_exceptions=False
        )


def test_the_month_of_the_first_model_is_evidenced_by_it(tmp_path):
    period = small_period(tmp_path, AS_OF)
    version = install(period)
    tenure = {"version": version, "since": f"{AS_OF}", "by": "pipeline", "sequence": 1}
    period.store.write("registry/champion.json", json.dumps({"history": [tenure]}).encode())
    content = report_month(period)
    assert content.version == version
    assert found(content, "materiality") == ["card.json", "policy"]


def test_a_month_of_which_nothing_was_made_has_a_report_without_evidence(tmp_path):
    period = small_period(tmp_path, AS_OF)
    content = report_month(period)
    assert content.expected_loss == ()
    assert {one.what for each in lines(content).values() for one in each} == {
        "policy", "portfolio",
    }  # fmt: skip
    assert b"No version to choose from yet" in period.store.read(f"months/{AS_OF}/compliance.html")
