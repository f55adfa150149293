"""A store that release 0.1.0 wrote; tests/fixtures/README.md says how, and what is in it."""

import tarfile
from datetime import date
from pathlib import Path

from creditrisk.storage.file import FileStore

ARCHIVE = Path(__file__).parents[1] / "fixtures/store-0.1.0.tar.xz"
CHAMPION, REFUSED = "2023-09-initial-fd06ee71", "2023-11-retrain-084ec81a"
NEWEST, NEXT = date(2023, 12, 1), date(2024, 1, 1)  # decided; delivered
RECORDS = 33  # on the audit trail


def unpacked(root: Path) -> FileStore:
    """The store, its audit store beside it; the delivery of `NEXT` is in `root / "landing"`."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(root)  # noqa: S202 - our own archive; 3.11.2 has no filters
    return FileStore(root / "store")


def objects(store: FileStore) -> dict[str, bytes]:
    """Everything in a store and its audit store."""
    both = (store, FileStore(f"{store.root}-audit"))
    return {f"{one.uri}/{key}": one.read(key) for one in both for key in one.keys("")}
