"""A store whose answers are kept: what versions say of a key, and nothing is asked twice."""

from datetime import UTC, datetime, timedelta

from creditrisk.storage import ObjectVersion
from creditrisk.storage.cached_store import CachedStore
from creditrisk.storage.file import FileStore

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
NEXT = FIRST + timedelta(days=1)


class Versioned(FileStore):
    """As a server that keeps versions: one key was removed, one written again."""

    def versions(self, prefix: str) -> list[ObjectVersion]:
        found = [
            ObjectVersion("a/again", FIRST, deleted=False),
            ObjectVersion("a/again", NEXT, deleted=False),
            ObjectVersion("a/removed", FIRST, deleted=False),
            ObjectVersion("a/removed", NEXT, deleted=True),
        ]
        return [one for one in found if one.key.startswith(prefix)]


def test_what_versions_say_was_removed_is_not_there(tmp_path):
    store = CachedStore(Versioned(tmp_path))
    assert len(store.versions("a/")) == 4
    assert list(store.keys("a/")) == ["a/again"]
    assert store.tag("a/removed") is None
    assert store.tag("a/again") == f"{NEXT}"


def test_a_store_without_versions_is_asked_for_what_is_there(tmp_path):
    store = CachedStore(FileStore(tmp_path))
    store.create("a/one", b"1")
    assert store.versions("a/") is None
    assert (list(store.keys("a/")), store.tag("a/two")) == (["a/one"], None)
    store.create("a/two", b"2")
    assert list(store.keys("a/")) == ["a/one"]  # as it was first answered
    assert store.tag("a/two") is not None


def test_versions_of_a_part_are_those_of_the_whole_that_was_asked_for(tmp_path):
    store = CachedStore(Versioned(tmp_path))
    whole = store.versions("a/")
    assert store.versions("a/again") == whole[:2]
    assert store.versions("a/none") == []
