from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.layout import LEASE
from creditrisk.records.lease import HOURS, acquire, read_lease, release, renew
from creditrisk.stages.task import task
from creditrisk.storage import ConflictError
from creditrisk.storage.file import FileStore
from tests.builders.small_lender import small_period


def at(hours: float) -> str:
    return (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).isoformat()


def test_a_second_run_is_refused_and_told_who_holds_the_store_until_when(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    with pytest.raises(UserError) as error:
        acquire(store, "second", at(1))
    assert "run first holds" in str(error.value)
    assert at(HOURS) in str(error.value)
    assert read_lease(store).run_id == "first"


def test_the_same_run_may_take_its_lease_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    assert acquire(store, "first", at(1)).expires == at(1 + HOURS)


def test_a_dead_run_loses_the_lease_when_it_expires(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "dead", at(0), hours=2)
    with pytest.raises(UserError):
        acquire(store, "next", at(1.99))
    assert acquire(store, "next", at(2)).run_id == "next"
    with pytest.raises(UserError, match=r"run dead was longer than its lease .* run next took"):
        renew(store, "dead", at(2))
    release(store, "dead")
    assert read_lease(store).run_id == "next"


def test_a_released_lease_is_free(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    release(store, "first")
    release(store, "first")
    assert acquire(store, "second", at(0)).run_id == "second"


def test_releasing_what_was_never_taken_does_nothing(tmp_path: Path) -> None:
    release(FileStore(tmp_path), "first")
    assert read_lease(FileStore(tmp_path)) is None


def test_a_renewed_lease_lasts_longer(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    renew(store, "first", at(5))
    with pytest.raises(UserError):
        acquire(store, "second", at(7))


def test_of_twenty_runs_at_once_one_gets_the_lease(tmp_path: Path) -> None:
    def race(number: int) -> bool:
        try:
            acquire(FileStore(tmp_path), f"run-{number}", at(0))
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(race, range(20)))
    assert sum(won) == 1
    assert read_lease(FileStore(tmp_path)).run_id == f"run-{won.index(True)}"


def test_every_task_renews_the_lease_of_its_run(tmp_path: Path, monkeypatch) -> None:
    period = small_period(tmp_path, date(2025, 1, 1))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    acquire(period.store, "r1", at(0), hours=1)
    monkeypatch.setattr("creditrisk.stages.task.now", lambda: at(0.9))
    with task("etl", "2025-01-01", period.config, "r1"):
        assert read_lease(period.store).expires == at(0.9 + HOURS)


def test_a_task_that_wakes_up_after_another_run_took_over_does_nothing(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    period, ran = small_period(tmp_path, date(2025, 1, 1)), []
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    acquire(period.store, "asleep", at(0))
    acquire(period.store, "next", at(HOURS))
    release(period.store, "next")
    with pytest.raises(SystemExit), task("score", "2025-01-01", period.config, "asleep"):
        ran.append("score")
    assert ran == []
    assert "start it again" in capsys.readouterr().err


def test_a_task_of_a_run_without_a_lease_leaves_that_of_another_alone(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    renew(store, "backfill", at(0))
    assert read_lease(store) is None
    acquire(store, "monthly", at(0))
    renew(store, "backfill", at(1))
    assert read_lease(store).expires == at(HOURS)


class LostAnswer(FileStore):
    """The swap happens, its answer is lost, the client's retry meets a conflict."""

    lost = False

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        super().swap(key, data, expected)
        if not self.lost:
            self.lost = True
            raise ConflictError(key)


def test_a_lost_answer_does_not_lose_the_lease(tmp_path: Path) -> None:
    store = LostAnswer(tmp_path)
    assert acquire(store, "first", at(0)).run_id == "first"
    assert read_lease(store).run_id == "first"
    store.lost = False
    release(store, "first")
    assert read_lease(store).run_id == ""


def test_the_zone_of_the_clock_does_not_matter_but_there_must_be_one(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", "2025-01-01T00:00:00+00:00", hours=1)
    with pytest.raises(UserError):
        acquire(store, "second", "2025-01-01T02:30:00+02:00")
    assert acquire(store, "second", "2025-01-01T03:00:00+02:00").run_id == "second"
    with pytest.raises(ValueError, match="no time zone"):
        acquire(store, "second", "2025-01-01T02:30:00")


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"run_id":"a","expires":"soon"}'])
def test_a_damaged_lease_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / LEASE).write_bytes(data)
    with pytest.raises(UserError, match=r"lease\.json is not a lease"):
        acquire(FileStore(tmp_path), "first", at(0))


def test_a_run_that_is_retried_after_it_gave_its_lease_back_takes_it_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    release(store, "first")
    renew(store, "first", at(1))
    assert read_lease(store).run_id == "first"
    with pytest.raises(UserError, match="run first holds"):
        acquire(store, "second", at(2))


def test_a_run_that_is_retried_beside_another_is_told_who_holds_the_store(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    acquire(store, "first", at(0))
    release(store, "first")
    acquire(store, "second", at(1))
    with pytest.raises(UserError, match="run second holds"):
        renew(store, "first", at(1))
    assert read_lease(store).run_id == "second"


def test_a_run_that_works_without_a_lease_takes_none(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    renew(store, "backfill", at(0))
    assert read_lease(store) is None
    acquire(store, "monthly", at(0))
    renew(store, "backfill", at(0))
    assert read_lease(store).run_id == "monthly"
