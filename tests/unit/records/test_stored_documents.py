"""What stands in stores: the same content gives the bytes it gave when it was first stored."""

from pathlib import Path

import pytest

from tests.builders import stored_documents

STORED = Path(__file__).parent / "stored"
OF_A_VERSION = ("card", "lineage", "metrics", "profile")
OF_A_MONTH = ("alert", "anomalies", "compliance", "evidently", "publication", "quality")
WRITTEN = (*OF_A_MONTH, "spent", "validation")


def stored(name):
    return (STORED / f"{name}.json").read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("name", OF_A_VERSION)
def test_a_versions_documents_are_the_same_to_the_byte(name, monkeypatch):
    assert stored_documents.version_file(f"{name}.json", monkeypatch) == stored(name)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_document_is_the_same_to_the_byte(name, tmp_path):
    assert getattr(stored_documents, name)(tmp_path) == stored(name)
