"""A store is brought to a newer format, whatever kills it on the way."""

import json
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.records.audit import Trail
from creditrisk.records.format import RELEASE, Migration, begin, open_store, read_format
from creditrisk.records.format_migration import MIGRATED, migrate, plan
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.layout import FORMAT
from creditrisk.records.lease import SILENCE, acquire, beat, read_lease
from creditrisk.records.run import now
from creditrisk.records.trail_check import verify
from creditrisk.storage.file import FileStore
from tests.builders.audit_trails import Countdown, CrashError, MortalStore

AT = "2024-04-02T08:00:00.000+00:00"
ANN = Statement(Identity("ann", "self-asserted"), "the new release", AT)
COUNT = 3


def rename_said(store: FileStore) -> None:
    for key in store.keys("acts/"):
        act = json.loads(store.read(key))
        if "said" in act:
            act["text"] = act.pop("said")
            store.write(key, json.dumps(act).encode())


def add_author(store: FileStore) -> None:
    for key in store.keys("acts/"):
        act = json.loads(store.read(key)) | {"by": "unknown"}
        store.write(key, json.dumps(act).encode())


RENAME = Migration(1, 2, "rename `said` to `text` in acts", rename_said)
AUTHOR = Migration(2, 3, "say who acted", add_author)


class Lender:
    """An old store with acts and a run, its audit store beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store, self.trail = FileStore(root / "store"), Trail(FileStore(root / "store-audit"))
        self.store.write("runs/r1/etl.json", b"{}")
        for number in range(COUNT):
            self.store.write(f"acts/{number}.json", json.dumps({"said": f"{number}"}).encode())

    def migrate(self) -> list[Migration]:
        return migrate(self.store, self.trail, ANN)

    def dies(self, changes: int, after: bool) -> bool:
        """Whether a process that may make so many changes dies of them."""
        countdown = Countdown(changes, after)
        store, audit = (
            MortalStore(self.root / name, countdown) for name in ("store", "store-audit")
        )
        try:
            migrate(store, Trail(audit), ANN)
        except CrashError:
            return True
        return False

    def acts(self) -> list[dict[str, str]]:
        return [json.loads(self.store.read(key)) for key in self.store.keys("acts/")]

    def content(self) -> dict[str, bytes]:
        return {key: self.store.read(key) for key in self.store.keys("")}

    def migrated(self) -> list[tuple[int, int]]:
        found = [record.body for record in self.trail.records() if record.event == MIGRATED]
        return [(body["from"], body["to"]) for body in found]

    def run(self, *words: str) -> str:
        done = CliRunner().invoke(app, ["store", *words, "--store", self.store.uri])
        if isinstance(done.exception, UserError):
            raise done.exception
        return done.output


@pytest.fixture
def lender(tmp_path) -> Lender:
    return Lender(tmp_path)


@pytest.fixture
def release(monkeypatch):
    """Sets what this release changed."""

    def changed(*migrations: Migration) -> None:
        monkeypatch.setattr("creditrisk.records.format.MIGRATIONS", migrations)

    return changed


def test_without_apply_it_says_what_it_would_do_and_changes_nothing(lender, release):
    release(RENAME)
    before = lender.content()
    assert lender.run("migrate").splitlines() == [
        "format 1: write format.json",
        "format 1 to 2: rename `said` to `text` in acts",
        "nothing was changed; --apply --reason WHY does it",
    ]
    assert lender.content() == before
    assert lender.trail.count() == 0


def test_apply_changes_every_object_and_says_the_new_format(lender, release):
    release(RENAME)
    lender.run("migrate", "--apply", "--reason", "the new release")
    assert lender.acts() == [{"text": f"{number}"} for number in range(COUNT)]
    assert (read_format(lender.store).format, read_format(lender.store).release) == (2, RELEASE)
    assert "nothing to do" in lender.run("migrate")
    assert "nothing to do" in lender.run("migrate", "--apply", "--reason", "once more")
    assert lender.migrated() == [(1, 1), (1, 2)]


def test_who_migrated_and_why_is_on_record(lender, release):
    release(RENAME)
    lender.migrate()
    record = list(lender.trail.records())[-1]
    assert (record.event, record.actor, record.at) == (MIGRATED, "ann", AT)
    assert record.body == {
        "from": 1,
        "to": 2,
        "title": RENAME.title,
        "release": RELEASE,
        "by": "ann",
        "identity": "self-asserted",
        "reason": "the new release",
        "at": AT,
    }


def test_without_a_reason_nothing_is_touched(lender, release):
    release(RENAME)
    before = lender.content()
    with pytest.raises(UserError, match="needs a reason"):
        lender.run("migrate", "--apply")
    assert lender.content() == before


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_change_is_mended_by_a_second_call(tmp_path, release, after):
    release(RENAME, AUTHOR)
    kills = 0
    while (lender := Lender(tmp_path / f"{kills}")).dies(kills + 1, after):
        kills += 1
        found = read_format(lender.store)
        if any("said" not in act for act in lender.acts()):
            assert found.format > 1  # a release that knows format 1 alone reads no act renamed
        if found and found.migrating_from:
            with pytest.raises(UserError, match=r"is not finished; call .*--apply` again"):
                open_store(lender.store.uri)
        lender.migrate()
        assert lender.acts() == [{"text": f"{n}", "by": "unknown"} for n in range(COUNT)]
        assert lender.migrated() == [(1, 1), (1, 2), (2, 3)]
        assert read_format(lender.store).migrating_from is None
        assert read_lease(lender.store).run_id == ""
        assert verify(lender.trail) == []
        assert plan(lender.store) == []
    assert kills > 20


def test_a_migration_that_fails_leaves_no_lease_and_a_store_that_is_refused(lender, release):
    def fails(store: FileStore) -> None:
        store.write("acts/0.json", b'{"text": "0"}')
        raise ValueError("acts/1.json")

    release(Migration(1, 2, "fails", fails))
    with pytest.raises(ValueError, match="acts/1"):
        lender.migrate()
    assert read_lease(lender.store).run_id == ""
    with pytest.raises(UserError, match="from format 1 to 2 is not finished"):
        open_store(lender.store.uri)
    assert "from format 1 is not finished" in lender.run("format")
    release(RENAME)
    lender.migrate()
    assert lender.acts() == [{"text": f"{number}"} for number in range(COUNT)]


def test_a_store_that_a_run_holds_is_not_migrated(lender, release, monkeypatch):
    release(RENAME)
    acquire(lender.store, "run-1", now())
    looked = partial(acquire, pause=lambda _: beat(lender.store, "run-1", now(), SILENCE))
    monkeypatch.setattr("creditrisk.records.format_migration.acquire", looked)
    with pytest.raises(UserError, match="run run-1 holds"):
        lender.run("migrate", "--apply", "--reason", "the new release")
    assert read_lease(lender.store).run_id == "run-1"
    assert read_format(lender.store) is None
    assert lender.migrated() == []


def test_no_run_begins_while_a_store_is_migrated(lender, release):
    def begins_a_run(store: FileStore) -> None:
        with pytest.raises(UserError, match="run store-migrate holds"):
            acquire(store, "run-1", AT, lambda _: beat(store, "store-migrate", AT, SILENCE))
        with pytest.raises(UserError, match="is not finished"):
            open_store(store.uri)

    release(Migration(1, 2, "a run begins", begins_a_run))
    assert lender.migrate()


def test_a_store_without_a_mark_is_marked_and_nothing_else(lender):
    before = lender.content()
    lender.run("migrate", "--apply", "--reason", "the new release")
    after = lender.content()
    assert after.keys() - before.keys() == {FORMAT, "lease.json", "leases/store-migrate"}
    assert {key: after[key] for key in before} == before
    assert read_format(lender.store).format == 1
    assert lender.migrated() == [(1, 1)]


def test_a_store_that_a_run_of_this_release_began_needs_nothing(tmp_path, release):
    release(RENAME)
    store = FileStore(tmp_path)
    begin(store, AT)
    assert read_format(store).format == 2
    assert plan(store) == []


def test_a_place_without_a_store_is_named_and_nothing_is_made_there(tmp_path):
    done = CliRunner().invoke(app, ["store", "migrate", "--store", f"{tmp_path}/none"])
    assert f"there is no store at file://{tmp_path}/none" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_store_is_not_migrated(lender, release):
    release(RENAME)
    lender.migrate()
    release()
    for words in (("migrate",), ("migrate", "--apply", "--reason", "back")):
        with pytest.raises(UserError, match=r"has format 2, .*upgrade creditrisk"):
            lender.run(*words)
    assert lender.acts() == [{"text": f"{number}"} for number in range(COUNT)]
