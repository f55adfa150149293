"""Who holds a store. Looks at another run's lease are counted, so no test waits for one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.records.heartbeat import heartbeat
from creditrisk.records.layout import LEASE
from creditrisk.records.lease import (
    PODS,
    SILENCE,
    LostLeaseError,
    acquire,
    alive,
    beat,
    read_lease,
    release,
    renew,
    take_away,
)
from creditrisk.stages.task import task
from creditrisk.storage import ConflictError
from creditrisk.storage.file import FileStore
from tests.builders.small_lender import small_period

NOW = "2025-01-01T00:00:00+00:00"
HOURS_AHEAD, HOURS_BEHIND = "2025-01-01T09:00:00+00:00", "2024-12-31T15:00:00+00:00"


class Looks:
    """Stands for the pauses between two looks; after `until` seconds of them `then` happens."""

    def __init__(self, until: float = 0.0, then: Callable[[], None] = lambda: None) -> None:
        self.seconds, self.until, self.then = 0.0, until, then

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds == self.until:
            self.then()


def sign_of_life(store: FileStore, run_id: str) -> Callable[[], None]:
    return lambda: beat(store, run_id, NOW, SILENCE)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def test_a_second_run_is_refused_as_soon_as_the_first_gives_a_sign_of_life(store):
    acquire(store, "first", NOW)
    looks = Looks(10, sign_of_life(store, "first"))
    with pytest.raises(UserError, match=r"run first holds .* is alive; wait for it"):
        acquire(store, "second", NOW, looks)
    assert looks.seconds == 10
    assert read_lease(store).run_id == "first"


def test_a_dead_run_loses_the_lease_a_minute_after_its_last_sign_of_life(store):
    acquire(store, "dead", NOW)
    looks = Looks()
    assert acquire(store, "next", NOW, looks).run_id == "next"
    assert looks.seconds == SILENCE == 60
    with pytest.raises(UserError, match=r"of run dead .* was taken .* run next has it now"):
        renew(store, "dead", NOW)
    release(store, "dead")
    assert read_lease(store).run_id == "next"


@pytest.mark.parametrize("wrong", [HOURS_AHEAD, HOURS_BEHIND])
def test_a_clock_that_is_wrong_by_hours_keeps_no_lease_of_a_dead_run(store, wrong):
    acquire(store, "dead", wrong)
    looks = Looks()
    acquire(store, "next", NOW, looks)
    assert looks.seconds == SILENCE


@pytest.mark.parametrize("wrong", [HOURS_AHEAD, HOURS_BEHIND])
def test_a_clock_that_is_wrong_by_hours_steals_no_lease_of_a_run_that_is_alive(store, wrong):
    acquire(store, "alive", NOW)
    with pytest.raises(UserError, match="run alive holds"):
        acquire(store, "wrong", wrong, Looks(59, sign_of_life(store, "alive")))


def test_a_sign_of_life_at_the_last_moment_counts(store):
    acquire(store, "first", NOW)
    with pytest.raises(UserError, match="run first holds"):
        acquire(store, "second", NOW, Looks(SILENCE, sign_of_life(store, "first")))


def test_a_store_that_does_not_answer_is_no_silence_of_the_holder(store):
    acquire(store, "first", NOW)

    class Away(FileStore):
        def tag(self, key: str) -> str | None:
            if looks.seconds > 5:
                raise UserError("it does not answer")
            return super().tag(key)

    looks = Looks()
    with pytest.raises(UserError, match="does not answer"):
        acquire(Away(store.root), "second", NOW, looks)
    assert read_lease(store).run_id == "first"


def test_between_two_tasks_on_a_cluster_a_run_may_be_silent_for_a_quarter_of_an_hour(
    store, monkeypatch
):
    monkeypatch.setenv("KFP_POD_NAME", "etl-1")
    acquire(store, "first", NOW)
    looks = Looks()
    acquire(store, "second", NOW, looks)
    assert looks.seconds == PODS == 900


def test_a_lease_of_a_release_without_heartbeats_is_read(store):
    store.write(LEASE, b'{"expires": "2031-01-01T00:00:00+00:00", "lost_by": "", "run_id": "old"}')
    looks = Looks()
    acquire(store, "new", NOW, looks)
    assert looks.seconds == PODS


def test_a_lease_that_is_given_back_while_another_run_looks_is_taken(store):
    acquire(store, "first", NOW)
    looks = Looks(3, lambda: release(store, "first"))
    assert acquire(store, "second", NOW, looks).run_id == "second"
    assert looks.seconds == 3


def test_the_same_run_may_take_its_lease_again(store):
    assert acquire(store, "first", NOW).beat < acquire(store, "first", NOW).beat


def test_a_released_lease_is_free(store):
    acquire(store, "first", NOW)
    release(store, "first")
    release(store, "first")
    assert acquire(store, "second", NOW).run_id == "second"


def test_releasing_what_was_never_taken_does_nothing(store):
    release(store, "first")
    assert read_lease(store) is None


def test_of_twenty_runs_at_once_one_gets_the_lease(tmp_path: Path):
    stop = threading.Event()

    def race(number: int) -> bool:
        store = FileStore(tmp_path)
        try:
            acquire(store, f"run-{number}", NOW, lambda seconds: stop.wait(seconds / 50))
        except UserError:
            return False
        with heartbeat(store, f"run-{number}", lambda: NOW, every=0.1):
            stop.wait(2)
        return True

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(race, range(20)))
    assert sum(won) == 1
    assert read_lease(FileStore(tmp_path)).run_id == f"run-{won.index(True)}"


def test_a_run_gives_signs_of_life_while_it_works(store):
    acquire(store, "first", NOW)
    with heartbeat(store, "first", lambda: NOW, every=0.01):
        with pytest.raises(UserError, match="is alive"):
            acquire(store, "second", NOW, lambda _: threading.Event().wait(0.05))
        assert alive(store, lambda _: threading.Event().wait(0.05))


def test_a_run_whose_lease_is_taken_ends_at_its_next_heartbeat(store):
    acquire(store, "asleep", NOW)
    with (
        pytest.raises(LostLeaseError, match="run next has it now; start it again"),
        heartbeat(store, "asleep", lambda: NOW, every=0.1),
    ):
        take_away(store, NOW)
        acquire(store, "next", NOW)
        threading.Event().wait(30)
        raise AssertionError("it went on")


def test_two_tasks_of_a_run_beside_each_other_keep_one_lease(store):
    acquire(store, "run", NOW)

    def work(_: int) -> None:
        with heartbeat(store, "run", lambda: NOW, every=0.001):
            threading.Event().wait(0.1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert read_lease(store).run_id == "run"
    assert read_lease(store).beat > 8


def test_every_task_holds_on_to_the_lease_of_its_run(tmp_path: Path, monkeypatch):
    period = small_period(tmp_path, date(2025, 1, 1))
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    before = acquire(period.store, "r1", NOW).beat
    with task("etl", "2025-01-01", period.config, "r1"):
        began = read_lease(period.store).beat
    assert before < began < read_lease(period.store).beat


def test_a_task_that_wakes_up_after_another_run_took_over_does_nothing(
    tmp_path: Path, monkeypatch, capsys
):
    period, ran = small_period(tmp_path, date(2025, 1, 1)), []
    monkeypatch.setenv("CREDITRISK_STORE", period.store.uri)
    acquire(period.store, "asleep", NOW)
    acquire(period.store, "next", NOW, lambda _: None)
    release(period.store, "next")
    with pytest.raises(SystemExit), task("score", "2025-01-01", period.config, "asleep"):
        ran.append("score")
    assert ran == []
    assert "start it again" in capsys.readouterr().err


def test_a_task_of_a_run_without_a_lease_leaves_that_of_another_alone(store):
    renew(store, "backfill", NOW)
    assert read_lease(store) is None
    before = acquire(store, "monthly", NOW)
    renew(store, "backfill", NOW)
    with heartbeat(store, "backfill", lambda: NOW, every=0.001):
        threading.Event().wait(0.02)
    assert read_lease(store) == before


class LostAnswer(FileStore):
    """The swap happens, its answer is lost, the client's retry meets a conflict."""

    lost = False

    def swap(self, key: str, data: bytes, expected: str | None) -> None:
        super().swap(key, data, expected)
        if not self.lost:
            self.lost = True
            raise ConflictError(key)


def test_a_lost_answer_does_not_lose_the_lease(tmp_path: Path):
    store = LostAnswer(tmp_path)
    assert acquire(store, "first", NOW).run_id == "first"
    store.lost = False
    release(store, "first")
    assert read_lease(store).run_id == ""


def test_a_clock_without_a_zone_is_refused(store):
    with pytest.raises(ValueError, match="no time zone"):
        acquire(store, "first", "2025-01-01T02:30:00")


CLAIMS = b'{"run_id":"a","expires":"2025-01-01T00:00:00+00:00","silence":%s}'


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"{}", b'{"run_id":"a","expires":"soon"}'),
        *(
            CLAIMS % silence
            for silence in (b"1e9", b"0", b"-1", b"NaN", b"1e999", b'60,"silence":1')
        ),
    ],
)
def test_a_damaged_lease_is_named_with_the_command_that_frees_it(store, data):
    store.write(LEASE, data)
    with pytest.raises(UserError, match=r"lease\.json is not a lease.*creditrisk lease break"):
        acquire(store, "first", NOW)
    take_away(store, NOW)
    assert acquire(store, "first", NOW).run_id == "first"


def test_a_run_that_is_retried_after_it_gave_its_lease_back_takes_it_again(store):
    acquire(store, "first", NOW)
    release(store, "first")
    renew(store, "first", NOW)
    assert read_lease(store).run_id == "first"


def test_a_run_that_is_retried_beside_another_is_told_at_once_who_holds_the_store(store):
    acquire(store, "first", NOW)
    release(store, "first")
    acquire(store, "second", NOW)
    with pytest.raises(UserError, match="run second holds"):
        renew(store, "first", NOW)
    assert read_lease(store).run_id == "second"
