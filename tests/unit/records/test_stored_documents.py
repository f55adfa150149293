"""What stands in stores: the same content gives the bytes it gave when it was first stored."""

import json
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.alerts import AlertRecord
from creditrisk.records.card import Card
from creditrisk.records.compliance import ComplianceReport
from creditrisk.records.development import Lineage, Metrics, Profile
from creditrisk.records.evidently import EvidentlyPage
from creditrisk.records.publication import Publications
from creditrisk.records.quality import Anomalies, QualityReport
from creditrisk.records.validation import Validation
from tests.builders import stored_documents
from tests.builders.evidence import card, quality_report

STORED = Path(__file__).parent / "stored"
OF_A_VERSION = {"card": Card, "lineage": Lineage, "metrics": Metrics, "profile": Profile}
WRITTEN = {
    "alert": AlertRecord,
    "anomalies": Anomalies,
    "compliance": ComplianceReport,
    "evidently": EvidentlyPage,
    "publication": Publications,
    "quality": QualityReport,
    "spent": Validation,
    "validation": Validation,
}
ALL = (OF_A_VERSION | WRITTEN).items()


def stored(name):
    return (STORED / f"{name}.json").read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("name", OF_A_VERSION)
def test_a_versions_documents_are_the_same_to_the_byte(name, monkeypatch):
    assert stored_documents.version_file(f"{name}.json", monkeypatch) == stored(name)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_document_is_the_same_to_the_byte(name, tmp_path):
    assert getattr(stored_documents, name)(tmp_path) == stored(name)


@pytest.mark.parametrize(("name", "kind"), ALL, ids=dict(ALL))
def test_what_is_stored_is_read_and_written_back_to_the_byte(name, kind):
    assert kind.parse(stored(name), name).encode() == stored(name)


@pytest.mark.parametrize(("name", "kind"), ALL, ids=dict(ALL))
def test_a_document_that_was_cut_short_is_refused_by_name(name, kind):
    with pytest.raises(UserError, match=f"{name} is not readable: it is no JSON object; restore"):
        kind.parse(stored(name)[:-9], name)


@pytest.mark.parametrize(
    ("name", "kind", "later"),
    [
        ("card", Card, ("selection", "leakage", "fairness")),
        ("metrics", Metrics, ("selection", "leakage")),
        ("profile", Profile, ("usual",)),
        ("validation", Validation, ("fairness", "data_version")),
    ],
)
def test_a_document_of_before_some_fields_were_known_is_read(name, kind, later):
    content = {key: value for key, value in json.loads(stored(name)).items() if key not in later}
    found = kind.parse(json.dumps(content).encode(), name)
    assert not any(key in found.model_fields_set for key in later)


def test_a_number_that_is_none_is_not_sealed():
    with pytest.raises(ValueError, match="JSON"):
        card(parameters={"depth": float("nan")}).encode()


def test_a_field_that_a_document_does_not_have_cannot_be_replaced():
    report = quality_report(stored_documents.APR)
    assert report.replace(outages=("visits",)).outages == ("visits",)
    with pytest.raises(TypeError, match="QualityReport has no outage"):
        report.replace(outage=("visits",))
