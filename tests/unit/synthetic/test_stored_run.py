"""The run that comes with the package: whole, readable, and nobody's machine in it."""

from datetime import date
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.champion_pointer import champion_at, current_champion
from creditrisk.records.store_check import check_store
from creditrisk.records.version_files import brief
from creditrisk.reports.month_summary import months
from creditrisk.reports.status import status, status_lines
from creditrisk.storage import Store
from creditrisk.synthetic.stored_run import unpack
from tools import stored_run

DECISIONS = ["retrain", "keep", "keep", "watch", "watch", "watch", "contain", "keep", "keep"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return unpack(tmp_path_factory.mktemp("stored"))


def test_it_tells_the_story_that_the_readme_tells(store: Store) -> None:
    found = months(store)
    assert [summary.decision for summary in found] == DECISIONS
    assert [f"{s.as_of:%Y-%m}" for s in found if s.outcome == "promoted"] == ["2025-02", "2025-08"]
    readme = (Path(__file__).parents[3] / "README.md").read_text()
    for summary in found:
        row = next(one for one in readme.splitlines() if one.startswith(f" {summary.as_of:%Y-%m} "))
        assert summary.decision in row


def test_its_trail_is_whole_and_the_status_speaks_of_a_healthy_month(store: Store) -> None:
    lines = status_lines(status(store))
    assert lines["month"] == "2025-10, run ok"
    assert lines["audit"].endswith("records, verified")
    assert check_store(store).faults == ()


def test_the_status_says_from_when_on_a_champion_is_the_one_a_month_starts_with(
    store: Store,
) -> None:
    champion = current_champion(store)
    reported = f"{brief(champion)}, promoted in 2025-08, in force from 2025-09"
    assert status_lines(status(store))["champion"] == reported
    assert champion_at(store, date(2025, 8, 1)) != champion
    assert champion_at(store, date(2025, 9, 1)) == champion


def test_no_place_of_the_machine_it_was_made_on_is_in_it(store: Store) -> None:
    root = Path(store.uri.removeprefix("file://")).parent
    for path in root.rglob("*.json"):
        text = path.read_text()
        assert "file://" not in text, path
        assert "/home/" not in text, path


def test_a_folder_without_a_finished_demo_packs_nothing(tmp_path, monkeypatch) -> None:
    target = tmp_path / "archive"
    monkeypatch.setattr(stored_run, "TARGET", target)
    with pytest.raises(UserError, match="holds no finished demo; run make demo first"):
        stored_run.main(tmp_path)
    assert not target.exists()
