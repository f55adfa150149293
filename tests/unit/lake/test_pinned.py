"""A lake with pins shows the commits that were named, and of everything else the newest."""

from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.lake.pinned import PinnedLake
from creditrisk.storage import open_store
from tests.builders.lake_writers import LOANS
from tests.builders.loans import FEBRUARY, JANUARY, MARCH, rows, write


@pytest.fixture
def lake(tmp_path):
    """January and February committed twice each."""
    lake = Lake(open_store(tmp_path.as_uri()))
    for pd in (0.1, 0.2):
        for month in (JANUARY, FEBRUARY):
            write(lake, rows(("a", pd), month=month), month)
    return lake


def pinned(lake, *commits, alone=False):
    return PinnedLake(lake.store, {c.key: c.digest for c in commits}, alone=alone)


def read(lake, *months: date) -> list[float]:
    return lake.read(LOANS, months)["pd"].to_pylist()


def test_a_pinned_month_is_the_commit_named_and_the_others_are_the_newest(lake):
    older = lake.versions("gold/loans", FEBRUARY)[0]
    view = pinned(lake, older)
    assert read(view, JANUARY, FEBRUARY) == [0.2, 0.1]
    assert view.need("gold/loans", FEBRUARY) == older
    assert [commit.version for commit in view.commits("gold/loans")] == [2, 1]
    assert view.months("gold/loans", upto=JANUARY) == [JANUARY]


def test_what_is_committed_after_the_pin_is_not_seen(lake):
    view = pinned(lake, lake.need("gold/loans", FEBRUARY))
    write(lake, rows(("a", 0.9), month=FEBRUARY), FEBRUARY)
    assert read(view, FEBRUARY) == [0.2]
    assert read(lake, FEBRUARY) == [0.9]


def test_alone_a_pinned_table_has_no_other_month(lake):
    view = pinned(lake, lake.versions("gold/loans", JANUARY)[0], alone=True)
    assert view.months("gold/loans") == [JANUARY]
    assert read(view, JANUARY, FEBRUARY) == [0.1]


def test_publishing_a_pinned_month_comes_after_all_its_versions(lake):
    view = pinned(lake, lake.versions("gold/loans", JANUARY)[0])
    assert write(view, rows(("a", 0.3))).version == 3
    assert read(lake, JANUARY) == [0.3]


def test_without_pins_it_is_the_lake(lake):
    assert read(pinned(lake), JANUARY, FEBRUARY, MARCH) == read(lake, JANUARY, FEBRUARY, MARCH)


def test_a_pinned_commit_that_is_gone_or_another_is_refused_by_name(lake):
    key = "lake/gold/loans/manifests/2024-03-01/000001.json"
    with pytest.raises(UserError, match=f"{key}, which is named as an input, is gone"):
        PinnedLake(lake.store, {key: "0"})
    there = lake.need("gold/loans", JANUARY).key
    with pytest.raises(UserError, match=f"{there} is not the commit"):
        PinnedLake(lake.store, {there: "0"})
