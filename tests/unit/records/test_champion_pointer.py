"""The champion pointer as every stage reads it."""

from datetime import date

import pytest

from creditrisk.records.champion_pointer import champion_at, champion_history, current_champion
from creditrisk.storage.file import FileStore
from tests.builders.documents import made_champion


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path)


def set_champion(store, *entries):
    for version, since in entries:
        made_champion(store, version, date.fromisoformat(since))


def test_without_a_pointer_there_is_no_champion(store):
    assert current_champion(store) is None
    assert champion_at(store, date(2024, 1, 1)) is None
    assert champion_history(store) == []


def test_a_month_starts_with_the_champion_of_the_month_before(store):
    set_champion(store, ("first", "2024-03-01"), ("second", "2024-06-01"))
    assert champion_at(store, date(2024, 3, 1)) is None
    assert champion_at(store, date(2024, 4, 1)) == "first"
    assert champion_at(store, date(2024, 6, 1)) == "first"
    assert champion_at(store, date(2024, 7, 1)) == "second"


def test_the_champion_now_is_the_newest_whatever_the_month(store):
    set_champion(store, ("first", "2024-03-01"), ("second", "2024-06-01"))
    assert current_champion(store) == "second"


def test_a_rollback_in_the_month_of_the_promotion_counts_from_the_next_month(store):
    set_champion(store, ("first", "2024-03-01"), ("second", "2024-06-01"), ("first", "2024-06-01"))
    assert champion_at(store, date(2024, 6, 1)) == "first"
    assert champion_at(store, date(2024, 7, 1)) == "first"
    assert [tenure.sequence for tenure in champion_history(store)] == [1, 2, 3]
