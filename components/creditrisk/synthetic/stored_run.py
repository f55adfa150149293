"""A run of the demo that comes with the package: what there is to see before anything is run.

Its decisions, findings, scores, versions and audit trail are whole; tables of applicants and pages
are left out. `python -m tools.stored_run` packs it from a finished demo.
"""

import tarfile
from importlib import resources
from pathlib import Path

from creditrisk.records.format import open_store
from creditrisk.storage import Store

ARCHIVE = "synthetic/stored_run.tar.xz"
SEED = 1  # of the run, scenario promoted


def unpack(root: Path) -> Store:
    """Its store, in `root / "store"`, the audit store beside it."""
    packed = resources.files("creditrisk").joinpath(ARCHIVE)
    with packed.open("rb") as file, tarfile.open(fileobj=file, mode="r:xz") as archive:
        archive.extractall(root)  # noqa: S202 - our own archive; 3.11.2 has no filters
    return open_store((root / "store").absolute().as_uri())
