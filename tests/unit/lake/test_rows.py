"""`lake verify --rows`: rows that are not those the digest of their commit names."""

from pathlib import Path

import pytest

from creditrisk.errors import GateError
from tests.builders.commands import run_here
from tests.builders.insiders import a_pd_changed_in_place
from tests.builders.old_store import unpacked


def test_every_digest_of_a_release_s_store_is_that_of_its_rows(tmp_path: Path) -> None:
    store = unpacked(tmp_path)
    done = run_here("lake", "verify", "--rows", "--store", store.uri)
    assert "140 commits, whole" in done.stdout
    assert "140 have the rows of their digests" in done.stdout


def test_rows_changed_with_their_manifest_are_named_where_their_digest_was_kept(
    tmp_path: Path,
) -> None:
    store = unpacked(tmp_path)
    a_pd_changed_in_place(store)
    run_here("lake", "verify", "--store", store.uri)  # each byte is what the manifest says
    key = "lake/scores/applications/manifests/2023-12-01/000001.json"
    with pytest.raises(GateError, match=f"{key} says another digest than its rows have"):
        run_here("lake", "verify", "--rows", "--store", store.uri)


def test_tables_of_no_kept_description_are_counted(tmp_path: Path) -> None:
    store = unpacked(tmp_path)
    for key in [*store.keys("portfolios/")]:
        store.delete(key)
    done = run_here("lake", "verify", "--rows", "--store", store.uri)
    assert "140 are of no description that is kept here" in done.stdout
